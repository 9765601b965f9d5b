/** `rocksdb-live scan`: prints the rows of a range. */
import type { Database } from '../database'
import type { BytesFamily } from '../families'
import { type Command, DONE, type Surroundings, UsageError } from './command'
import { expires, OPEN_FLAGS, parseOpening, reading, TUNING_HELP } from './database'
import { helpOf, SHARED, wholeNumber, wordsOf } from './flags'
import { checkFormats, FORMAT_FLAGS, FORMAT_HELP, type FormatsAsked, formatsOf } from './formats'
import { interruptible } from './interrupt'
import { Lines } from './lines'
import { RANGE_FLAGS, type RangeAsked, rangeOf } from './range-flags'
import { countText } from './render'
import { type Row, rowsWriter } from './rows'
import { Undecoded } from './values'

/** On a terminal, where no limit is given. */
const TERMINAL_ROWS = 100
/** Rows that are read and printed together, and how many bytes of them at most. */
const [TOGETHER, TOGETHER_BYTES] = [256, 1 << 20]

const FLAGS = {
  ...FORMAT_FLAGS,
  ...RANGE_FLAGS,
  reverse: { type: 'boolean', short: 'r', help: 'From the last key to the first.' },
  limit: {
    type: 'string',
    short: 'n',
    argument: '<n>',
    help: `At most so many rows; 0 is all (default: ${TERMINAL_ROWS} on a terminal, otherwise all).`,
  },
  keys: { type: 'boolean', help: 'Print the keys alone.' },
  full: { type: 'boolean', help: 'Print values of any length.' },
  expires: { type: 'boolean', help: 'Print when each row expires as well.' },
  json: { ...SHARED.json, help: 'Print a row a line as JSON, whole, for machines.' },
  ...OPEN_FLAGS,
} as const

interface Asked extends FormatsAsked, RangeAsked {
  reverse?: boolean | undefined
  keys?: boolean | undefined
  full?: boolean | undefined
  expires?: boolean | undefined
  json?: boolean | undefined
}

export const scanCommand: Command = {
  summary: 'Print the rows of a range.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path] = wordsOf('scan', positionals, ['path'])
    const given = wholeNumber('limit', values.limit, [0, Number.MAX_SAFE_INTEGER], undefined)
    if (values.keys && values.expires)
      throw new UsageError('--keys and --expires exclude each other')
    checkFormats(values)
    const terminal = surroundings.stdout.isTTY === true
    const limit = given ?? (terminal ? TERMINAL_ROWS : 0)
    return interruptible(
      surroundings,
      (signal) =>
        reading(path, values, surroundings, async (db) => {
          const more = await print(db, limit, values, surroundings, signal)
          if (more && given === undefined) tellOfMore(limit, surroundings)
          return DONE
        }),
      '',
    )
  },
}

function tellOfMore(limit: number, { stderr }: Surroundings): void {
  stderr.write(`the first ${countText(limit, 'row')}; --limit 0 prints all\n`)
}

/** Returns whether there are rows behind the limit. */
async function print(
  db: Database,
  limit: number,
  asked: Asked,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<boolean> {
  const shown = formatsOf(db, asked, asked.keys)
  using lines = new Lines(surroundings.stdout)
  const undecoded = new Undecoded()
  const writer = rowsWriter(shown, asked, surroundings, undecoded)
  const moments = asked.expires && expires(shown.family)
  const range = {
    ...rangeOf(shown, asked),
    ...(asked.reverse ? { reverse: true } : {}),
    ...(limit === 0 ? {} : { limit: limit + 1 }),
    fillCache: false,
    signal,
  }
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit
  let more = false
  for await (const rows of together(shown.family, asked.keys ?? false, range)) {
    const some = rows.slice(0, left)
    if (moments) await addMoments(shown.stored, some)
    if (!(await lines.write(writer(some)))) break
    left -= some.length
    more = rows.length > some.length
    if (more) break
  }
  surroundings.stderr.write(undecoded.text(shown.key, shown.value))
  return more
}

/** The rows of a range, many at a time. */
async function* together(family: BytesFamily, keysOnly: boolean, range: object) {
  let [rows, bytes]: [Row[], number] = [[], 0]
  const source = keysOnly ? family.keys(range) : family.entries(range)
  for await (const each of source as AsyncIterable<Buffer | [Buffer, Buffer]>) {
    const row: Row = Array.isArray(each) ? { key: each[0], value: each[1] } : { key: each }
    rows.push(row)
    bytes += row.key.length + (row.value?.length ?? 0)
    if (rows.length < TOGETHER && bytes < TOGETHER_BYTES) continue
    yield rows
    ;[rows, bytes] = [[], 0]
  }
  if (rows.length > 0) yield rows
}

async function addMoments(family: BytesFamily, rows: Row[]): Promise<void> {
  for (const row of rows) row.expiresAt = (await family.expiresAt(row.key)) ?? null
}

function help(): string {
  return `Usage: rocksdb-live scan <path> [flags]

Prints the rows of a family in the order of their keys, beside whoever writes the database: those of one exact
state. On a terminal as many columns as fit; elsewhere a row a line, with a tab between key and value, and no more
than 64 KiB of a value where --full is not given; with --json whole rows. Control characters are shown as escapes.

${FORMAT_HELP}

Flags:
${helpOf(FLAGS)}

${TUNING_HELP}
`
}
