/** `rocksdb-live stats`: how a database is. */
import type { Database } from '../database'
import { printable } from '../formats/printable'
import { figures, type NativeFamilyFigures } from '../jobs/figures'
import type { DataFile } from '../types/files'
import { versions } from '../versions'
import { type Command, DONE, type Surroundings } from './command'
import { insideOf, OPEN_FLAGS, parseOpening, reading, TUNING_HELP } from './database'
import { helpOf, SHARED, wordsOf } from './flags'
import { Lines } from './lines'
import { align, bytesText, countText, jsonText } from './render'
import { fitLines, styleOf } from './style'
import { ageText, familiesText, numberText, ratioOf, writtenAt } from './words'

const FLAGS = { json: SHARED.json, ...OPEN_FLAGS } as const
/** Families with the most bytes are shown, so many of them. */
const FAMILIES = 20

export const statsCommand: Command = {
  summary: 'Show how a database is: sizes, levels, space, age, who has it open.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path] = wordsOf('stats', positionals, ['path'])
    return reading(path, values, surroundings, async (db, holder) => {
      const stats = await statsOf(db, holder)
      using lines = new Lines(surroundings.stdout)
      await lines.write(values.json ? jsonText(stats) : textOf(stats, surroundings))
      return DONE
    })
  },
}

type Stats = Awaited<ReturnType<typeof statsOf>>

/** What is on the disk; the memory of another process nobody can see. */
async function statsOf(db: Database, holder: string | undefined) {
  const { connection, families } = insideOf(db)
  const [all, files] = [await figures(connection), await db.files()]
  const listed = new Set(families.names())
  const own = all.families.filter(({ name }) => listed.has(name)).map((each) => familyOf(each))
  const total = (of: keyof Omit<(typeof own)[number], 'name' | 'levels'>) =>
    own.reduce((sum, family) => sum + family[of], 0)
  return {
    path: db.path,
    rocksdb: versions.rocksdb,
    openedBy: holder ?? null,
    health: db.health,
    droppedWalBytes: db.recovery.droppedBytes,
    sequence: Number(newestSequence(files)),
    bytes: all.figures['size_bytes'] ?? 0,
    walBytes: all.figures['wal_bytes'] ?? 0,
    tableBytes: total('tableBytes'),
    blobBytes: total('blobBytes'),
    blobGarbageBytes: total('blobGarbageBytes'),
    liveBytes: total('liveBytes'),
    unflushedBytes: total('unflushedBytes'),
    estimatedRows: total('estimatedRows'),
    pendingCompactionBytes: total('pendingCompactionBytes'),
    files: files.length,
    deletions: files.reduce((sum, file) => sum + (file.deletions ?? 0), 0),
    entries: files.reduce((sum, file) => sum + (file.entries ?? 0), 0),
    oldestFileAt: oldest(files) ?? null,
    families: own.sort((a, b) => b.tableBytes + b.blobBytes - a.tableBytes - a.blobBytes),
  }
}

function familyOf({ name, figures: of, levelFiles, levelBytes }: NativeFamilyFigures) {
  const figure = (key: string) => of[key] ?? 0
  return {
    name,
    estimatedRows: figure('keys'),
    tableBytes: levelBytes.reduce((sum, bytes) => sum + bytes, 0),
    blobBytes: figure('blob_bytes'),
    blobGarbageBytes: figure('blob_garbage_bytes'),
    liveBytes: figure('live_data_bytes'),
    unflushedBytes: figure('memtable_bytes'),
    pendingCompactionBytes: figure('pending_compaction_bytes'),
    levels: levelFiles.map((files, level) => ({ files, bytes: levelBytes[level] ?? 0 })),
  }
}

function newestSequence(files: readonly DataFile[]): bigint {
  return files.reduce(
    (most, { largestSequence = 0n }) => (largestSequence > most ? largestSequence : most),
    0n,
  )
}

function oldest(files: readonly DataFile[]): Date | undefined {
  const times = files.flatMap((file) => writtenAt(file)?.getTime() ?? [])
  return times.length === 0 ? undefined : new Date(times.reduce((a, b) => Math.min(a, b)))
}

function textOf(stats: Stats, { stdout, env }: Surroundings): string {
  const { bold } = styleOf(stdout, env)
  const left = stats.families.length - FAMILIES
  const tables = align([
    ['family', 'rows', 'size', 'live', 'files by level'],
    ...stats.families
      .slice(0, FAMILIES)
      .map((family) => [
        printable(family.name),
        `~${numberText(family.estimatedRows)}`,
        bytesText(family.tableBytes + family.blobBytes),
        bytesText(family.liveBytes),
        levelsOf(family.levels),
      ]),
  ])
  const rest = left > 0 ? [`and ${countText(left, 'other')}: rocksdb-live families lists all`] : []
  const [head = '', ...others] = fitLines(tables, stdout)
  return `${[...align(factsOf(stats)), '', bold(head), ...others, ...rest].join('\n')}\n`
}

function factsOf(stats: Stats): string[][] {
  const { tableBytes, blobBytes, liveBytes, blobGarbageBytes, oldestFileAt } = stats
  const stored = tableBytes + blobBytes
  const rows: (string[] | false)[] = [
    ['path', printable(stats.path)],
    ['opened by', printable(stats.openedBy ?? 'nobody, as far as the system tells')],
    [
      'size',
      `${bytesText(stats.bytes)} in ${countText(stats.files, 'file')} and the write-ahead log`,
    ],
    ['rows', `about ${numberText(stats.estimatedRows)} in ${familiesText(stats.families.length)}`],
    [
      'live data',
      `${bytesText(liveBytes)}, ${ratioOf(liveBytes, stored)} of ${bytesText(stored)} of tables and blobs`,
    ],
    blobBytes > 0 && [
      'blobs',
      `${bytesText(blobBytes)}, ${ratioOf(blobGarbageBytes, blobBytes)} garbage`,
    ],
    [
      'deletions',
      `${ratioOf(stats.deletions, stats.entries)} of ${numberText(stats.entries)} entries`,
    ],
    ['write-ahead log', bytesText(stats.walBytes)],
    ['compaction is behind by', bytesText(stats.pendingCompactionBytes)],
    oldestFileAt !== null && ['oldest table', `${ageText(oldestFileAt)} old`],
    stats.droppedWalBytes > 0 && [
      'dropped',
      `${bytesText(stats.droppedWalBytes)} of a write-ahead log that cannot be read`,
    ],
    ['RocksDB', stats.rocksdb],
  ]
  return rows.filter((row) => row !== false)
}

/** `L0 3, L6 12`. */
function levelsOf(levels: readonly { files: number }[]): string {
  const texts = levels.flatMap(({ files }, level) => (files === 0 ? [] : [`L${level} ${files}`]))
  return texts.length === 0 ? '-' : texts.join(', ')
}

function help(): string {
  return `Usage: rocksdb-live stats <path> [flags]

Shows how a database is, beside whoever writes it: who has it open, what it takes on the disk, what of that is live,
and the files of each family by level. What another process counts in its own memory (cache, stalls, times of writes)
is not to be seen from here: for that it serves metrics (rocksdb-live/metrics).

Flags:
${helpOf(FLAGS)}

${TUNING_HELP}
`
}
