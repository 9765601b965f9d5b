/** The published declarations: everything public, and nothing else. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { root } from '../support/documents'

const dist = join(root, 'dist')

/** Texts of the declarations that a user's compiler reads, by their paths in `dist/`. */
function published(): Map<string, string> {
  const texts = new Map<string, string>()
  const read = (file: string): void => {
    const name = relative(dist, file)
    if (texts.has(name)) return
    const text = readFileSync(file, 'utf8')
    texts.set(name, text)
    for (const [, , path = ''] of text.matchAll(/(from |import\()["'](\.[^"']*)["']/g)) {
      const target = resolve(file, '..', path)
      read(existsSync(`${target}.d.ts`) ? `${target}.d.ts` : join(target, 'index.d.ts'))
    }
  }
  read(join(dist, 'index.d.ts'))
  read(join(dist, 'metrics', 'index.d.ts'))
  return texts
}

/** The exports of the files in a folder of `lib/`. */
function exportsOf(folder: string): string[] {
  const path = join(root, 'lib', folder)
  return readdirSync(path).flatMap((name) => {
    const text = readFileSync(join(path, name), 'utf8')
    const found = text.matchAll(/^export (?:const|let|class|function|interface|type) (\w+)/gm)
    return [...found].map(([, exported = '']) => exported)
  })
}

const texts = published()
const all = [...texts.values()].join('\n')

it('is read from the entry points on', () => {
  expect([...texts.keys()]).toEqual(
    expect.arrayContaining(['database.d.ts', 'metrics/collect.d.ts']),
  )
})

it('shows nothing of the boundary to native code', () => {
  expect([...texts.keys()].filter((name) => name.startsWith('native/'))).toEqual([])
  const native = exportsOf('native')
  expect(native).toEqual(expect.arrayContaining(['NativeSession', 'addon', 'Sink']))
  const declared = all.replaceAll(/\/\*\*.*?\*\/|'[^']*'|"[^"]*"/gs, '')
  const words = new Set(declared.match(/\w+/g))
  // Members of public types have these names, too.
  const members = ['keys', 'state', 'watch']
  expect(native.filter((name) => words.has(name) && !members.includes(name))).toEqual([])
})

it('shows nothing that is marked as internal', () => {
  expect(all).not.toContain('@internal')
  for (const name of ['Connection', 'FamilyHandle', 'makeFamily', 'handleOf', 'partsOf']) {
    expect(all).not.toMatch(new RegExp(`\\b${name}\\b`))
  }
})

it('lets nobody make what only the package can make', () => {
  for (const name of [
    'database',
    'column-family',
    'batch',
    'connection/snapshot',
    'reads/cursor',
  ]) {
    expect(texts.get(`${name}.d.ts`)).toContain('private constructor();')
  }
})
