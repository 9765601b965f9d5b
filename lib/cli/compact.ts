/** `rocksdb-live compact`: compacts a family, or all. */
import type { Database } from '../database'
import { withActivity } from './activity'
import { type Command, DONE, type Surroundings, UsageError } from './command'
import { OPEN_FLAGS, parseOpening, writing } from './database'
import { helpOf, SHARED, wordsOf } from './flags'
import { checkFormats, FORMAT_FLAGS, type FormatsAsked, formatsOf } from './formats'
import { interruptible } from './interrupt'
import { RANGE_FLAGS, type RangeAsked, rangeOf } from './range-flags'
import { bytesText, countText, jsonText } from './render'

const { key, hex, family } = FORMAT_FLAGS
const FLAGS = {
  family: { ...family, help: 'One column family (default: all).' },
  ...RANGE_FLAGS,
  key,
  hex,
  bottommost: {
    type: 'boolean',
    help: 'Rewrite the last level as well: for changed compression, and for what expired or was deleted there.',
  },
  json: SHARED.json,
  quiet: { type: 'boolean', short: 'q', help: 'Show no progress.' },
  ...OPEN_FLAGS,
} as const

interface Asked extends FormatsAsked, RangeAsked {
  bottommost?: boolean | undefined
  quiet?: boolean | undefined
}

/** What a family has on the disk. */
interface Size {
  files: number
  bytes: number
}

export const compactCommand: Command = {
  summary: 'Compact a family, a range of it, or all. It takes the lock of the database.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path] = wordsOf('compact', positionals, ['path'])
    const bound = Object.keys(RANGE_FLAGS).find((name) => values[name as keyof RangeAsked])
    if (bound !== undefined && values.family === undefined) {
      throw new UsageError(`--${bound} needs --family`)
    }
    checkFormats(values)
    return interruptible(
      surroundings,
      (signal) =>
        writing(path, values, surroundings, async (db) => {
          await compact(db, values, surroundings, signal, values.json ?? false)
          return DONE
        }),
      '; what was compacted until then stays compacted',
    )
  },
}

async function compact(
  db: Database,
  asked: Asked,
  { stdout, stderr }: Surroundings,
  signal: AbortSignal,
  json: boolean,
): Promise<void> {
  // A compaction ends early where the database is closed.
  const close = () => void db.close().catch(() => {})
  signal.addEventListener('abort', close)
  const chosen = asked.family === undefined ? db.columnFamilies() : [asked.family]
  const written = watchCompactions(db)
  const report: { columnFamily: string; before: Size; after: Size }[] = []
  for (const name of chosen) {
    signal.throwIfAborted()
    const shown = formatsOf(db, { ...asked, family: name }, true)
    const before = await sizeOf(db, name)
    const text = () => `compacting ${name}: ${bytesText(before.bytes)}${written()}`
    await withActivity(stderr, asked.quiet ?? false, text, () =>
      db.compactRange(shown.family, rangeOf(shown, asked) as never, {
        bottommost: asked.bottommost ?? false,
      }),
    )
    const after = await sizeOf(db, name)
    report.push({ columnFamily: name, before, after })
    if (!json) stdout.write(`${lineOf(name, before, after)}\n`)
  }
  if (json) stdout.write(jsonText(report))
}

async function sizeOf(db: Database, columnFamily: string): Promise<Size> {
  const files = await db.files({ columnFamily })
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

/** What compactions that have ended have written. */
function watchCompactions(db: Database): () => string {
  let bytes = 0
  db.on('compaction', ({ outputBytes }) => {
    bytes += outputBytes
  })
  return () => (bytes === 0 ? '' : `, ${bytesText(bytes)} written`)
}

function lineOf(name: string, before: Size, after: Size): string {
  const text = ({ files, bytes }: Size) => `${countText(files, 'file')} of ${bytesText(bytes)}`
  return `${name}: ${text(before)} before, ${text(after)} after`
}

function help(): string {
  return `Usage: rocksdb-live compact <path> [flags]

Compacts all of a database, a family, or a range of it, and returns once that is done; memtables are flushed before.
It takes the lock of the database: while another process has it open it fails, and names who that is (a service
compacts by db.compactRange). Files are written with the tuning that is given here, so pass what the service has:
--config, --db-compression and so on (rocksdb-live help tuning). Ctrl-C ends it in order.

Flags:
${helpOf(FLAGS)}
`
}
