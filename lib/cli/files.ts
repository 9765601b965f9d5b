/** `rocksdb-live files`: draws the LSM tree. */
import type { Database } from '../database'
import { jsonMember, show } from '../formats/decode'
import type { Format } from '../formats/format'
import { fitted, printable } from '../formats/printable'
import type { DataFile } from '../types/files'
import { type Command, DONE, type Surroundings } from './command'
import { OPEN_FLAGS, parseOpening, reading, TUNING_HELP } from './database'
import { draw, legend } from './drawing'
import { helpOf, SHARED, wordsOf } from './flags'
import { checkFormats, FORMAT_FLAGS, type FormatsAsked, formatsOf, keyFormatsOf } from './formats'
import { Lines } from './lines'
import { align, bytesText, countText } from './render'
import { columnsOf, type Style, styleOf } from './style'
import { ageText, manyText, numberText, ratioOf, writtenAt } from './words'

const { key, hex, family, remember } = FORMAT_FLAGS
const FLAGS = {
  family: { ...family, help: 'One column family (default: all that have files).' },
  key,
  hex,
  remember,
  list: { type: 'boolean', short: 'l', help: 'List every file below the drawing.' },
  json: { ...SHARED.json, help: 'Print a file a line as JSON, for machines.' },
  ...OPEN_FLAGS,
} as const

/** So many key columns a file has in the list. */
const KEY_COLUMNS = 24

export const filesCommand: Command = {
  summary: 'Draw the LSM tree: levels, sizes, ages, key ranges.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path] = wordsOf('files', positionals, ['path'])
    checkFormats(values)
    return reading(path, values, surroundings, async (db) => {
      await print(db, values, surroundings)
      return DONE
    })
  },
}

async function print(
  db: Database,
  asked: FormatsAsked & { list?: boolean | undefined; json?: boolean | undefined },
  { stdout, env }: Surroundings,
): Promise<void> {
  const one = asked.family === undefined ? undefined : formatsOf(db, asked, true)
  const files = await db.files(one === undefined ? {} : { columnFamily: one.stored.name })
  using lines = new Lines(stdout)
  const style = styleOf(stdout, env)
  if (files.length === 0) {
    if (!asked.json) await lines.write(`${noFiles(db, one?.stored.name)}\n`)
    return
  }
  const formatOf = keyFormatsOf(db, asked)
  let between = ''
  for (const [name, own] of grouped(files)) {
    const format = formatOf(name)
    const text = asked.json
      ? own.map((file) => `${JSON.stringify(jsonOf(file, format))}\n`).join('')
      : between + textOf(name, own, format, asked.list ?? false, columnsOf(stdout), style)
    between = '\n'
    if (!(await lines.write(text))) return
  }
  const marks = legend(style)
  if (!asked.json && marks !== '') await lines.write(`\n${marks}\n`)
}

function noFiles(db: Database, name: string | undefined): string {
  const whose = name === undefined ? db.path : JSON.stringify(name)
  return `${whose} has no files: it has no rows, or only such as are in the write-ahead log`
}

function grouped(files: readonly DataFile[]): Map<string, DataFile[]> {
  const families = new Map<string, DataFile[]>()
  for (const file of files) {
    const own = families.get(file.columnFamily) ?? []
    own.push(file)
    families.set(file.columnFamily, own)
  }
  return families
}

/** Keys in the format, dates in ISO 8601, sequence numbers as text. */
function jsonOf({ smallestKey, largestKey, ...file }: DataFile, format: Format): object {
  const plain = Object.entries(file).map(([name, value]) => [
    name,
    typeof value === 'bigint' ? String(value) : value,
  ])
  return {
    ...Object.fromEntries(plain),
    ...(smallestKey === undefined ? {} : jsonMember('smallestKey', format, smallestKey)),
    ...(largestKey === undefined ? {} : jsonMember('largestKey', format, largestKey)),
  }
}

function textOf(
  name: string,
  files: readonly DataFile[],
  format: Format,
  list: boolean,
  columns: number,
  style: Style,
): string {
  const lines = [
    style.bold(fitted(`${printable(name)}: ${factsOf(files)}`, columns)),
    ...draw(files, format, columns, style),
    ...blobsOf(files),
    ...(list ? ['', ...listOf(files, format).map((line) => fitted(line, columns))] : []),
  ]
  return `${lines.join('\n')}\n`
}

const sum = (files: readonly DataFile[], of: (file: DataFile) => number | undefined) =>
  files.reduce((total, file) => total + (of(file) ?? 0), 0)

function factsOf(files: readonly DataFile[]): string {
  const tables = files.filter(({ kind }) => kind === 'table')
  const entries = sum(tables, (file) => file.entries)
  const deletions = sum(tables, (file) => file.deletions)
  const unread = tables.filter((file) => file.entries === undefined).length
  return [
    countText(files.length, 'file'),
    bytesText(sum(files, (file) => file.bytes)),
    manyText(entries, 'entry', 'entries'),
    ...(deletions === 0 ? [] : [`${ratioOf(deletions, entries)} of them deletions`]),
    ...(unread === 0 ? [] : [`${countText(unread, 'file')} of unknown contents`]),
  ].join(', ')
}

function blobsOf(files: readonly DataFile[]): string[] {
  const blobs = files.filter(({ kind }) => kind === 'blob')
  if (blobs.length === 0) return []
  const bytes = sum(blobs, (file) => file.bytes)
  const garbage = ratioOf(
    sum(blobs, (file) => file.garbageBytes),
    bytes,
  )
  const values = manyText(
    sum(blobs, (file) => file.blobs),
    'value',
  )
  return [
    `blobs: ${countText(blobs.length, 'file')}, ${bytesText(bytes)}, ${values}, ${garbage} garbage`,
  ]
}

function listOf(files: readonly DataFile[], format: Format): string[] {
  const keyOf = (bytes: Buffer | undefined) =>
    bytes === undefined ? '' : fitted(show(format, bytes).text, KEY_COLUMNS)
  const cells = files.map((file) => [
    file.name,
    file.level === undefined ? 'blob' : `L${file.level}`,
    bytesText(file.bytes),
    file.kind === 'blob' ? numberText(file.blobs ?? 0) : numberText(file.entries ?? Number.NaN),
    file.kind === 'blob' ? '' : ageText(writtenAt(file)),
    file.compression ?? '',
    keyOf(file.smallestKey),
    keyOf(file.largestKey),
  ])
  return align([
    ['file', 'level', 'size', 'entries', 'age', 'compression', 'first key', 'last key'],
    ...cells,
  ])
}

function help(): string {
  return `Usage: rocksdb-live files <path> [flags]

Draws the tables of each family, beside whoever writes the database: a line a level, the first key on the left, the
last on the right, each file as wide as what lies between its keys among the ends of all files; neighbours differ in
how dark they are. Behind a level: files, size, and the ages of the newest and the oldest file. Rows that no table has
yet are not in it. --json gives the line of each file all that db.files() has.

Flags:
${helpOf(FLAGS)}

${TUNING_HELP}
`
}
