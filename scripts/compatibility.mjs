// Makes the tables of docs/compatibility.md: which RocksDB reads what this package writes, and what this
// package reads of theirs. The others are Java packages (org.rocksdb:rocksdbjni, by Maven), Debian's ldb
// (rocksdb-tools), packages of npm, and this package on the other carrier's RocksDB. What a machine lacks is
// named and left out.
//
//   npm run compatibility               prints the tables
//   npm run compatibility -- --write    puts them into docs/compatibility.md; only where nothing is missing

import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { findEngines, ourEngine, versionOf } from './compatibility/engines.mjs'
import { OUR_FILES } from './compatibility/variants.mjs'
import { root, runAsProgram } from './support/project.mjs'

const page = path.join(root, 'docs/compatibility.md')
const ours = ourEngine('this package')

const row = (cells) => `| ${cells.join(' | ')} |`
const table = (head, rows) => [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)]

/** Errors as notes below a table, each listed once. */
class Notes {
  #texts = []

  /**
   * Returns the note's mark. Leaves out what differs each time: paths, files, which reader came
   * first.
   */
  mark(text) {
    const plain = text
      .replace(/"\/[^"]*"/g, 'the directory')
      .replace(/\/[^\s"]*\/([^\s"/]*)/g, '$1')
      .replace(/\d{6}/g, 'NNNNNN')
      .replace(/column family "\w+"/, 'a column family')
      .replace(/\bours-\w{6}\b/g, 'ours')
      .replaceAll('|', '/')
      .trim()
    if (!this.#texts.includes(plain)) this.#texts.push(plain)
    return `[${this.#texts.indexOf(plain) + 1}]`
  }

  lines() {
    if (this.#texts.length === 0) return []
    return ['', ...this.#texts.map((text, index) => `- [${index + 1}] \`${text}\``)]
  }
}

/** A cell: the answer, compared with what was written. */
function cellOf(answer, wanted, notes) {
  const [word, count] = answer.split(' ')
  if (answer === wanted) return 'reads'
  if (word === 'rows') return `**wrong: ${count} rows of ${wanted.split(' ')[1]}**`
  const mark = notes.mark(answer.slice(word.length + 1))
  return word === 'died' ? `**dies** ${mark}` : `refuses ${mark}`
}

/** Writes every variant; `wanted` is the correct answer of a reader. */
async function writeAll(variants, top) {
  const written = []
  for (const { name, options, write = 'write', walFolder } of variants) {
    const folder = await mkdtemp(path.join(top, 'ours-'))
    const wal = walFolder && path.join(folder, walFolder)
    const own = wal
      ? { ...options, rocksdb: { ...options.rocksdb, db: { wal_dir: wal } } }
      : options
    const wanted = ours.one(write, folder, own)
    written.push({ name, folder, walFolder, wanted })
  }
  return written
}

/** One of the tables for our files. */
async function ourFiles({ readers, variants }, engines, top) {
  const there = readers.filter((name) => engines[name] !== undefined)
  const written = await writeAll(variants, top)
  const good = written.filter(({ wanted }) => wanted.startsWith('rows '))
  const notes = new Notes()
  const columns = []
  for (const name of there) {
    const copies = await mkdtemp(path.join(top, 'copies-'))
    const places = []
    for (const { folder, walFolder } of good) {
      // A WAL folder belongs to its database; this package would refuse it for a copy.
      if (walFolder) {
        places.push({ folder, wal: path.join(folder, walFolder) })
        continue
      }
      const copy = path.join(copies, path.basename(folder))
      await cp(folder, copy, { recursive: true })
      places.push({ folder: copy })
    }
    const answers = engines[name].read(places)
    columns.push(new Map(good.map((one, index) => [one, answers[index]])))
    await rm(copies, { recursive: true, force: true })
  }
  const rows = written.map((one) => {
    if (good.includes(one))
      return [one.name, ...columns.map((column) => cellOf(column.get(one), one.wanted, notes))]
    const refused = `we refuse ${notes.mark(one.wanted.replace(/^\w+ /, ''))}`
    return [one.name, ...columns.map(() => refused)]
  })
  const titles = there.map((name) => engines[name].title)
  return [...table(['written', ...titles], rows), ...notes.lines()]
}

/**
 * What the others write with their defaults: read by us, changed by us, read and changed by them,
 * and read by us again.
 */
async function theirFiles(engines, top) {
  const notes = new Notes()
  const rows = []
  for (const engine of Object.values(engines)) {
    const folder = await mkdtemp(path.join(top, 'theirs-'))
    const wanted = engine.write(folder)
    if (!wanted.startsWith('rows ')) {
      rows.push([engine.title, cellOf(wanted, '', notes), '', '', '', ''])
      continue
    }
    const read = (one, place, expected) => cellOf(one.read([{ folder: place }])[0], expected, notes)
    const cells = [read(ours, folder, wanted)]
    for (const compatibleWith of ['9', '7']) {
      const copy = `${folder}-${compatibleWith}`
      await cp(folder, copy, { recursive: true })
      const changed = ours.one('change', copy, { tuning: { compatibleWith } })
      if (!changed.startsWith('rows ')) {
        cells.push(cellOf(changed, '', notes), '')
        continue
      }
      cells.push(read(engine, copy, changed))
      const again = engine.change(copy)
      cells.push(again.startsWith('rows ') ? read(ours, copy, again) : '')
    }
    rows.push([engine.title, ...cells])
  }
  const head = ['written by', 'we read it']
  for (const compatibleWith of ['9', '7'])
    head.push(`we write with '${compatibleWith}', they read`, 'they write, we read')
  return [...table(head, rows), ...notes.lines()]
}

async function fill(tables) {
  let text = await readFile(page, 'utf8')
  for (const [name, lines] of Object.entries(tables)) {
    const begin = `<!-- generated by scripts/compatibility.mjs: ${name} -->\n`
    const end = `\n<!-- end of ${name} -->`
    const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
    if (from < begin.length || to < from) throw new Error(`${page} has no place for ${name}`)
    text = `${text.slice(0, from)}\n${lines.join('\n')}\n${text.slice(to)}`
  }
  await writeFile(page, text)
}

await runAsProgram(import.meta.url, async (args) => {
  const { values } = parseArgs({ args, options: { write: { type: 'boolean' } } })
  const top = await mkdtemp(path.join(os.tmpdir(), 'rocksdb-live-compatibility-'))
  try {
    await mkdir(top, { recursive: true })
    const engines = await findEngines()
    const all = [...new Set(OUR_FILES.flatMap(({ readers }) => readers))]
    const missing = all.filter((name) => engines[name] === undefined)
    console.log(`This package has RocksDB ${versionOf()}.\n`)
    const tables = {}
    const keep = (name, lines) => {
      tables[name] = lines
      console.log(`${name}\n\n${lines.join('\n')}\n`)
    }
    keep('theirs', await theirFiles(engines, top))
    for (const one of OUR_FILES) keep(one.name, await ourFiles(one, engines, top))
    if (!values.write) return 0
    if (missing.length > 0) throw new Error(`not written: there is no ${missing.join(', no ')}`)
    await fill(tables)
    return 0
  } finally {
    await rm(top, { recursive: true, force: true })
  }
})
