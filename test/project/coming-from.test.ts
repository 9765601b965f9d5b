/** The programs in docs/coming-from.md: theirs and ours print what it says, and imports bring the rows of theirs over. */
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Block, blocksOf, brokenLinks, Home, root } from '../support/documents'
import { compileInto, programsOf } from '../support/guide'
import { hasProgram } from '../support/tools'
import { itWithPackages, packages } from '../transfer/support'

const page = readFileSync(join(root, 'docs/coming-from.md'), 'utf8')
const deno = join(packages, 'node_modules/.bin/deno')
const jar = join(root, 'build-cmake/compatibility/rocksdbjni-11.8.1.jar')
const itInJava = optional(
  hasProgram('javac', '-version') && existsSync(jar),
  'the program in Java needs a JDK, and the package that .ci/run fetches with Maven',
)
const itInRust = optional(
  false,
  'the program in Rust; node test/project/coming-from/rust.mjs builds and runs it',
)

/** `it`, or a visible skip, in the gate as well. */
function optional(possible: boolean, without: string): typeof it {
  if (!possible) console.warn(`SKIPPED: ${without}`)
  return possible ? it : (it.skip as typeof it)
}

/** What a section has: its programs by their names, what they print, its commands. */
interface Section {
  files: Map<string, string>
  outputs: string[]
  commands: string[]
}

function sectionOf(title: string): Section {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? ''
  const blocks = blocksOf(text)
  const files = new Map<string, string>()
  for (const { text: program } of blocks) {
    const name = /^\/\/ (\S+\.\w+)\n/.exec(program)?.[1]
    if (name !== undefined) files.set(name, program)
  }
  const of = (language: string) =>
    blocks.filter((block: Block) => block.language === language).map((block) => block.text)
  return { files, outputs: of('text'), commands: of('sh') }
}

let home: Home

beforeAll(() => {
  home = new Home()
  for (const name of ['rocksdb', 'classic-level', 'lmdb', 'better-sqlite3']) {
    const place = join(packages, 'node_modules', name)
    if (existsSync(place)) symlinkSync(place, home.file('node_modules', name), 'dir')
  }
  for (const name of ['abstract-level', 'msgpackr', 'ordered-binary']) home.install(name)
  compileInto(home, programsOf(page))
}, 120_000)

afterAll(() => home.remove())

beforeEach(() => {
  for (const name of ['data', 'old', 'old.db', 'old.db-wal', 'old.db-shm']) {
    rmSync(home.file(name), { recursive: true, force: true })
  }
})

/** Writes the programs of a section that are not compiled by TypeScript. */
function write({ files }: Section): void {
  for (const [name, text] of files) if (!name.endsWith('.mts')) home.write(name, text)
}

/** better-sqlite3 needs Node 22: an older one runs it in Deno, which has Node-API as well. */
const sqlite =
  Number(process.versions.node.split('.')[0]) >= 22
    ? process.execPath
    : `${deno} run -A --node-modules-dir=manual`

/** Runs a command of the page, with the programs that this machine has for it. */
function shell(command: string): string {
  const text = command
    .replaceAll('npx rocksdb-live', 'node_modules/.bin/rocksdb-live')
    .replaceAll(/\bdeno run/g, `${deno} run`)
    .replaceAll('node sqlite-', `${sqlite} sqlite-`)
  return home.shell(text)
}

/** Runs the import of a section; returns how many rows were read. */
function imported(section: Section): number {
  rmSync(home.file('data'), { recursive: true, force: true })
  const [command = ''] = section.commands
  const said = shell(command)
  const [, read, written] = /^rows: (\d+) read, (\d+) written/m.exec(said) ?? []
  expect(written).toBe(read)
  return Number(read)
}

it('has links that lead somewhere', () => {
  expect(brokenLinks(page, 'docs')).toEqual([])
})

it('has every program that is named, once', () => {
  const blocks = blocksOf(page).filter(({ language }) => !['sh', 'text'].includes(language))
  const names = blocks.map(({ text }) => /^\/\/ (\S+)\n/.exec(text)?.[1])
  expect(names).not.toContain(undefined)
  expect(new Set(names).size).toBe(blocks.length)
})

describe('ours', () => {
  it.each([
    ['rocksdb', 'rocksdb-after'],
    ['level and classic-level', 'level-after'],
    ['level and classic-level', 'level-own'],
    ['lmdb', 'lmdb-after'],
    ['better-sqlite3', 'sqlite-after'],
    ['Deno KV', 'deno-after'],
    ['Java', 'java-after'],
    ['Rust', 'rust-after'],
  ])(
    '%s: %s',
    (title, name) => {
      const { outputs } = sectionOf(title)
      expect(new Set(outputs).size).toBe(1)
      expect(home.node(`${name}.mjs`)).toBe(outputs[0])
    },
    60_000,
  )
})

describe('theirs', () => {
  itWithPackages.each([
    ['rocksdb', 'node rocksdb-before.mjs', 1],
    ['level and classic-level', 'node level-before.mjs', 2],
    ['lmdb', 'node lmdb-before.mjs', 2],
    ['better-sqlite3', 'node sqlite-before.mjs', 1],
  ])(
    '%s',
    (title, command, rows) => {
      const section = sectionOf(title)
      write(section)
      expect(shell(command)).toBe(section.outputs[0])
      expect(imported(section)).toBe(rows)
    },
    60_000,
  )

  itWithPackages(
    'Deno KV',
    () => {
      const section = sectionOf('Deno KV')
      write(section)
      expect(shell('deno run -A --unstable-kv deno-before.ts')).toBe(section.outputs[0])
      expect(shell(section.commands[0] ?? '')).toBe('2\n')
    },
    60_000,
  )

  itInJava(
    'Java',
    () => {
      const section = sectionOf('Java')
      write(section)
      home.shell(`javac -cp ${jar} JavaBefore.java`)
      expect(home.shell(`java -cp ${jar}:. JavaBefore`)).toBe(section.outputs[0])
      expect(imported(section)).toBe(1)
    },
    60_000,
  )

  itInRust('Rust', () => {
    throw new Error('it is run by its command')
  })
})
