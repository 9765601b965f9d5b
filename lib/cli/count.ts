/** `rocksdb-live count`: counts the rows of a range. */
import type { Database } from '../database'
import { withActivity } from './activity'
import { type Command, DONE, type Surroundings, UsageError } from './command'
import { OPEN_FLAGS, parseOpening, reading, TUNING_HELP } from './database'
import { helpOf, SHARED, wordsOf } from './flags'
import { checkFormats, FORMAT_FLAGS, FORMAT_HELP, type FormatsAsked, formatsOf } from './formats'
import { interruptible } from './interrupt'
import { RANGE_FLAGS, type RangeAsked, rangeOf } from './range-flags'

const { value: _, ...KEY_FLAGS } = FORMAT_FLAGS
const FLAGS = {
  ...KEY_FLAGS,
  ...RANGE_FLAGS,
  estimate: {
    type: 'boolean',
    help: 'What RocksDB estimates of the whole family, without reading it; off by what is overwritten and deleted.',
  },
  json: SHARED.json,
  ...OPEN_FLAGS,
} as const

interface Asked extends FormatsAsked, RangeAsked {
  estimate?: boolean | undefined
}

export const countCommand: Command = {
  summary: 'Count the rows of a range.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path] = wordsOf('count', positionals, ['path'])
    const bounded = Object.keys(RANGE_FLAGS).find((name) => values[name as keyof RangeAsked])
    if (values.estimate && bounded !== undefined) {
      throw new UsageError(`--estimate is of the whole family, so --${bounded} excludes it`)
    }
    checkFormats(values)
    return interruptible(
      surroundings,
      (signal) =>
        reading(path, values, surroundings, async (db) => {
          const count = await counted(db, values, surroundings, signal)
          const text = values.json ? JSON.stringify({ count }) : String(count)
          surroundings.stdout.write(`${text}\n`)
          return DONE
        }),
      '',
    )
  },
}

async function counted(
  db: Database,
  asked: Asked,
  { stderr }: Surroundings,
  signal: AbortSignal,
): Promise<number> {
  const shown = formatsOf(db, asked, true)
  const { family } = shown
  if (asked.estimate) return db.intProperty('rocksdb.estimate-num-keys', family.name) ?? 0
  const options = { ...rangeOf(shown, asked), signal, fillCache: false }
  return withActivity(
    stderr,
    false,
    () => `counting ${family.name}`,
    () => family.count(options),
  )
}

function help(): string {
  return `Usage: rocksdb-live count <path> [flags]

Counts the rows of a family, or of a range of it, beside whoever writes the database. It reads all of them; rows that
have expired do not count.

${FORMAT_HELP}

Flags:
${helpOf(FLAGS)}

${TUNING_HELP}
`
}
