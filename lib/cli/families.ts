/** `rocksdb-live families`: the column families of a database. */
import type { Database } from '../database'
import { printable } from '../formats/printable'
import { figures, type NativeFamilyFigures } from '../jobs/figures'
import type { OptionsInForce } from '../types/statistics'
import { type Command, DONE, type Output } from './command'
import { insideOf, OPEN_FLAGS, parseOpening, reading, TUNING_HELP } from './database'
import { helpOf, SHARED, wordsOf } from './flags'
import { Lines } from './lines'
import { align, bytesText, jsonText } from './render'
import { fitLines } from './style'
import { familiesText, numberText, ratioOf } from './words'

const FLAGS = { json: SHARED.json, ...OPEN_FLAGS } as const

/** A family as the command shows it. */
interface FamilyRow {
  name: string
  estimatedRows: number
  bytes: number
  files: number
  levels: number
  compression: string
  mergeOperator?: string
  expires?: boolean
  blobFiles?: boolean
  compactionStyle?: string
}

export const familiesCommand: Command = {
  summary: 'List the column families: rows, bytes, and the options that matter.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    const { stdout } = surroundings
    if (values.help) {
      stdout.write(help())
      return DONE
    }
    const [path] = wordsOf('families', positionals, ['path'])
    return reading(path, values, surroundings, async (db) => {
      const rows = await rowsOf(db)
      using lines = new Lines(stdout)
      await lines.write(values.json ? jsonText(rows) : tableOf(rows, stdout))
      return DONE
    })
  },
}

/** Every family, by name. */
export async function rowsOf(db: Database): Promise<FamilyRow[]> {
  const { connection, families } = insideOf(db)
  const all = await figures(connection)
  const options = db.options()
  const expiring = new Set(
    connection.session
      .families()
      .filter(([, , afterMs]) => afterMs >= 0)
      .map(([name]) => name),
  )
  const listed = new Set(families.names())
  return all.families
    .filter(({ name }) => listed.has(name))
    .map((family) => rowOf(family, options, expiring.has(family.name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function rowOf(
  { name, figures: of, levelFiles, levelBytes }: NativeFamilyFigures,
  options: OptionsInForce,
  expires: boolean,
): FamilyRow {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
  const { columnFamily = {} } = options.columnFamilies[name] ?? {}
  const operator = /^\{?(?:id=)?([^;}]*)/.exec(columnFamily['merge_operator'] ?? '')?.[1]
  const style = columnFamily['compaction_style']?.replace(/^kCompactionStyle/, '').toLowerCase()
  return {
    name,
    estimatedRows: of['keys'] ?? 0,
    bytes: sum(levelBytes) + (of['blob_bytes'] ?? 0),
    files: sum(levelFiles) + (of['blob_files'] ?? 0),
    levels: levelFiles.filter((files) => files > 0).length,
    compression: compressionOf(columnFamily),
    ...(operator === undefined || operator === '' || operator === 'nullptr'
      ? {}
      : { mergeOperator: OPERATORS[operator] ?? operator }),
    ...(expires ? { expires } : {}),
    ...(columnFamily['enable_blob_files'] === 'true' ? { blobFiles: true } : {}),
    ...(style === undefined || style === 'level' ? {} : { compactionStyle: style }),
  }
}

/** By the names under which RocksDB gives them back. */
const OPERATORS: Readonly<Record<string, string>> = {
  UInt64AddOperator: 'uint64add',
  StringAppendOperator: 'stringappend',
  StringAppendTESTOperator: 'stringappendtest',
  MaxOperator: 'max',
  BytesXOROperator: 'bytesxor',
  PutOperator: 'put',
}

const COMPRESSIONS: Readonly<Record<string, string>> = { nocompression: 'none' }

/** As our option has it; that of the last level behind an arrow, where it is another. */
function compressionOf(options: Readonly<Record<string, string>>): string {
  const nameOf = (text = '') => {
    const name = text.replace(/^k|Compression$/g, '').toLowerCase()
    return COMPRESSIONS[name] ?? (name === 'no' ? 'none' : name)
  }
  const [most, last] = [nameOf(options['compression']), nameOf(options['bottommost_compression'])]
  return last === 'disablecompressionoption' || last === 'disable' || last === '' || last === most
    ? most
    : `${most} → ${last}`
}

function tableOf(rows: readonly FamilyRow[], output: Output): string {
  const total = {
    rows: rows.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0),
    bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
  }
  const cells = rows.map((row) => [
    printable(row.name),
    `~${numberText(row.estimatedRows)}`,
    bytesText(row.bytes),
    ratioOf(row.bytes, total.bytes),
    String(row.files),
    row.compression,
    notesOf(row),
  ])
  const table = align([['family', 'rows', 'size', 'share', 'files', 'compression', ''], ...cells])
  const all = `${familiesText(rows.length)}, about ${numberText(total.rows)} rows, ${bytesText(total.bytes)}`
  return `${fitLines([...table, '', all], output).join('\n')}\n`
}

function notesOf(row: FamilyRow): string {
  const notes = [
    row.mergeOperator === 'rocksdb-live.counter'
      ? 'counters'
      : row.mergeOperator && `merges by ${printable(row.mergeOperator)}`,
    row.expires && 'rows expire',
    row.blobFiles && 'blob files',
    row.compactionStyle && `${row.compactionStyle} compaction`,
  ]
  return notes.filter(Boolean).join(', ')
}

function help(): string {
  return `Usage: rocksdb-live families <path> [flags]

Lists the column families of a database, beside whoever writes it. Rows are RocksDB's estimate (rocksdb-live count
counts); sizes are those of tables and blob files.

Flags:
${helpOf(FLAGS)}

${TUNING_HELP}
`
}
