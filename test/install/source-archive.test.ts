/** The archive in which the npm package has the sources to compile. */
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompressSync } from 'node:zlib'

const script = pathToFileURL(join(__dirname, '../../scripts/support/source-archive.mjs')).href

const sources: Record<string, string> = {
  'b/second.h': '#pragma once\n',
  'a/first.cc': 'int first;\n'.repeat(100),
  'a/deep/er/third.c': '',
  'a/ü.c': '\0\x01\n',
  'a-b.txt': 'sorts between a and a/\n',
}

let folder: string
let from: string
let archive: string
let target: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-archive-'))
  from = join(folder, 'from')
  archive = join(folder, 'sources.br')
  target = join(folder, 'target')
  for (const [name, text] of Object.entries(sources)) put(from, name, text)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function put(root: string, name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true })
  writeFileSync(join(root, name), text)
}

/** The command line of a module's text that has the archive's functions. */
function command(text: string): string[] {
  const program = `
    import fs from 'node:fs/promises'
    import { syncBuiltinESMExports } from 'node:module'
    import { extractArchive, writeArchive } from ${JSON.stringify(script)}
    const [from, archive, target] = ${JSON.stringify([from, archive, target])}
    try { ${text} } catch (error) { process.stderr.write(error.message) }`
  return ['--input-type=module', '--eval', program]
}

/** Runs a module's text; returns its standard error. */
const use = (text: string): string =>
  spawnSync(process.execPath, command(text), { encoding: 'utf8' }).stderr

const write = (file = archive, names: readonly string[] = Object.keys(sources), quality = 5) =>
  use(
    `await writeArchive(${JSON.stringify(names)}, from, ${JSON.stringify(file)}, { quality: ${quality} })`,
  )
const extract = () => use('await extractArchive(archive, target)')

/** The files below a folder and their texts. */
function tree(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(root, name)).isFile())
  return Object.fromEntries(
    files.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(root, name), 'utf8')]),
  )
}

/** What is beside the target that does not belong there. */
const leftovers = () => readdirSync(folder).filter((name) => name.startsWith('.'))

test('gives back what was written, and nothing else', () => {
  put(target, 'old.c', 'of an older version')
  expect(write()).toBe('')
  expect(extract()).toBe('')
  expect(tree(target)).toEqual(sources)
  expect(leftovers()).toEqual([])
})

test('has the same bytes for the same sources, and is left alone then', () => {
  const again = join(folder, 'again.br')
  write()
  for (const [name, text] of Object.entries(sources)) put(from, name, text)
  write(again, Object.keys(sources).reverse())
  expect(readFileSync(again)).toEqual(readFileSync(archive))
  const { ino } = statSync(archive, { bigint: true })
  write()
  expect(statSync(archive, { bigint: true }).ino).toBe(ino)
  put(from, 'b/second.h', '#pragma twice\n')
  write()
  extract()
  expect(tree(target)['b/second.h']).toBe('#pragma twice\n')
})

test('is written again to be smaller, or if it is damaged, and not to be larger', () => {
  const best = () => write(archive, Object.keys(sources), 11)
  write()
  const quick = readFileSync(archive)
  best()
  const small = readFileSync(archive)
  expect(small).not.toEqual(quick)
  write()
  expect(readFileSync(archive)).toEqual(small)
  writeFileSync(archive, small.subarray(0, -1))
  best()
  expect(readFileSync(archive)).toEqual(small)
})

test('is refused with any byte changed or missing', () => {
  write()
  const results = use(`
    const bytes = await fs.readFile(archive)
    const wrong = []
    const attempt = async (what, damaged) => {
      await fs.writeFile(archive, damaged)
      const error = await extractArchive(archive, target).catch((reason) => reason)
      const refused = /sources\\.br is damaged: .*Install the package again/.test(error?.message)
      if (!refused) wrong.push(what)
    }
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes)
      damaged[at] ^= 0x55
      await attempt('changed ' + at, damaged)
      await attempt('cut at ' + at, bytes.subarray(0, at))
    }
    process.stderr.write(JSON.stringify(wrong))`)
  expect(JSON.parse(results)).toEqual([])
  expect(existsSync(target)).toBe(false)
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** An archive of one file, with whatever path, which has the first `size` bytes of the text. */
function writeByHand(path: string, text = 'int evil;', size = text.length): void {
  const sum = sha256(text.slice(0, size))
  const line = JSON.stringify({ format: 1, files: [{ path, size, sha256: sum }] })
  writeFileSync(archive, brotliCompressSync(`${sha256(line)}\n${line}\n${text}`))
}

test.each([
  '../evil.c',
  'a/../../evil.c',
  '/tmp/evil.c',
  '..\\evil.c',
  'C:/evil.c',
  'a//evil.c',
  './evil.c',
  '',
])('is refused with the path %j', (path) => {
  writeByHand(path)
  expect(extract()).toContain('it has a path that leads out of it')
  expect(readdirSync(folder).sort()).toEqual(['from', 'sources.br'])
})

test('is refused with bytes that no file has', () => {
  writeByHand('fine.c')
  expect(extract()).toBe('')
  writeByHand('fine.c', 'int fine;', 3)
  expect(extract()).toContain('it has more bytes than its index says')
})

test('leaves nothing that looks whole where the extraction is killed', () => {
  write()
  use(`
    const { writeFile } = fs
    let written = 0
    fs.writeFile = async (...args) => {
      await writeFile(...args)
      written += 1
      if (written === 3) process.kill(process.pid, 'SIGKILL')
    }
    syncBuiltinESMExports()
    await extractArchive(archive, target)`)
  expect(existsSync(target)).toBe(false)
  expect(leftovers()).toEqual([expect.stringMatching(/^\.target-extracting-\d+$/)])
  expect(extract()).toBe('')
  expect(tree(target)).toEqual(sources)
  expect(leftovers()).toEqual([])
})

test('is extracted by several processes at once', async () => {
  write()
  const start = () =>
    promisify(execFile)(process.execPath, command('await extractArchive(archive, target)'))
  const ended = await Promise.all([start(), start(), start(), start()])
  expect(ended.map(({ stderr }) => stderr)).toEqual(['', '', '', ''])
  expect(tree(target)).toEqual(sources)
  expect(leftovers()).toEqual([])
})
