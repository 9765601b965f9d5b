/** `rocksdb-live get`: prints the value of a key. */
import type { Database } from '../database'
import { ABSENT, type Command, DONE, type Surroundings, UsageError } from './command'
import { expires, OPEN_FLAGS, parseOpening, reading, TUNING_HELP } from './database'
import { helpOf, pathAndWords, SHARED } from './flags'
import {
  checkFormats,
  FORMAT_FLAGS,
  FORMAT_HELP,
  type FormatsAsked,
  formatsOf,
  parsed,
} from './formats'
import { Lines } from './lines'
import { CUT_BYTES, lineOf, memberOf, Undecoded, wholeOf } from './values'

const FLAGS = {
  ...FORMAT_FLAGS,
  json: { ...SHARED.json, help: 'Print an object with key and value, for machines.' },
  raw: { type: 'boolean', help: 'Print the bytes of the value, and nothing else.' },
  full: { type: 'boolean', help: 'Print a value of any length on a terminal.' },
  expires: { type: 'boolean', help: 'Print when the row expires as well.' },
  ...OPEN_FLAGS,
} as const

interface Asked extends FormatsAsked {
  json?: boolean | undefined
  raw?: boolean | undefined
  full?: boolean | undefined
  expires?: boolean | undefined
}

export const getCommand: Command = {
  summary: 'Print the value of a key.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path, key = ''] = pathAndWords('get', positionals, '<path> <key>', [1, 1])
    if (values.raw && (values.json || values.expires)) {
      throw new UsageError('--raw excludes --json and --expires')
    }
    checkFormats(values)
    return reading(path, values, surroundings, (db) => print(db, key, values, surroundings))
  },
}

async function print(
  db: Database,
  word: string,
  asked: Asked,
  { stdout, stderr }: Surroundings,
): Promise<number> {
  const { key: format, value: valueFormat, family } = formatsOf(db, asked)
  const key = parsed(format.parse, word)
  const value = await family.get(key)
  if (value === undefined) {
    stderr.write(`rocksdb-live: there is no such key in ${JSON.stringify(family.name)}\n`)
    return ABSENT
  }
  using lines = new Lines(stdout)
  const bytes = value as Buffer
  const undecoded = new Undecoded()
  if (asked.raw) {
    await lines.write(bytes)
    return DONE
  }
  const at = asked.expires && expires(family) ? await family.expiresAt(key) : undefined
  if (asked.json) {
    const row = { key: format.json(key), ...memberOf('value', valueFormat, bytes, undecoded) }
    const moment = asked.expires ? { expiresAt: at ?? null } : {}
    await lines.write(`${JSON.stringify({ ...row, ...moment })}\n`)
    stderr.write(undecoded.text(format, valueFormat))
    return DONE
  }
  const cut = stdout.isTTY === true && !asked.full && bytes.length > CUT_BYTES
  await lines.write(
    `${cut ? lineOf(valueFormat, bytes, false) : wholeOf(valueFormat, bytes, undecoded)}\n`,
  )
  stderr.write(undecoded.text(format, valueFormat))
  if (asked.expires) await lines.write(`expires: ${at?.toISOString() ?? 'never'}\n`)
  return DONE
}

function help(): string {
  return `Usage: rocksdb-live get <path> <key> [flags]

Prints the value of a key, beside whoever writes the database. The exit status is 3 where there is no such key.
On a terminal, of a value over ${CUT_BYTES / 1024} KiB the beginning alone is printed.

${FORMAT_HELP}

Flags:
${helpOf(FLAGS)}

${TUNING_HELP}
`
}
