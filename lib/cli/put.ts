/** `rocksdb-live put`: writes a row. */
import type { Database } from '../database'
import { AUTO } from '../formats/names'
import { type Command, DONE, type Surroundings, UsageError } from './command'
import { expires, OPEN_FLAGS, parseOpening, TUNING_HELP, writing } from './database'
import { helpOf, pathAndWords, positiveNumber } from './flags'
import {
  checkFormats,
  FORMAT_FLAGS,
  FORMAT_HELP,
  type FormatsAsked,
  formatsOf,
  parsed,
  type Shown,
} from './formats'

const FLAGS = {
  ...FORMAT_FLAGS,
  raw: { type: 'boolean', help: 'Take the value as the bytes to store, whatever its format.' },
  merge: { type: 'boolean', help: 'Merge the value into what is there; of counters, add it.' },
  'ttl-seconds': {
    type: 'string',
    argument: '<n>',
    help: 'Let the row expire after so many seconds; for families whose rows expire.',
  },
  create: { type: 'boolean', help: 'Make the database, and the family, where there is none.' },
  ...OPEN_FLAGS,
} as const

const USAGE = '<path> <key> <value>'
/** A value that stands for standard input. */
const STDIN = '-'

interface Asked extends FormatsAsked {
  raw?: boolean | undefined
  merge?: boolean | undefined
  create?: boolean | undefined
}

export const putCommand: Command = {
  summary: 'Write a row. It takes the lock of the database.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path, key = '', word = ''] = pathAndWords('put', positionals, USAGE, [2, 2])
    const ttlSeconds = positiveNumber('ttl-seconds', values['ttl-seconds'])
    if (values.merge && ttlSeconds !== undefined) {
      throw new UsageError('--merge and --ttl-seconds exclude each other')
    }
    checkFormats(values)
    const value = word === STDIN ? await standardInput(surroundings) : Buffer.from(word)
    const create = values.create ?? false
    return writing(path, { ...values, create }, surroundings, async (db) => {
      await ensureFamily(db, values)
      await write(formatsOf(db, values), { key, value, ttlSeconds }, values)
      return DONE
    })
  },
}

async function standardInput({ stdin }: Surroundings): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stdin ?? []) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

async function ensureFamily(db: Database, { family, create }: Asked): Promise<void> {
  if (family === undefined || !create || db.columnFamilies().includes(family)) return
  await db.createColumnFamily(family)
}

async function write(
  shown: Shown,
  given: { key: string; value: Buffer; ttlSeconds: number | undefined },
  { raw, merge }: Asked,
): Promise<void> {
  const { stored } = shown
  const key = Buffer.from(shown.key.codec.encode(parsed(shown.key.parse, given.key)))
  const value = raw ? given.value : Buffer.from(encoded(shown, given.value))
  if (merge) {
    await stored.merge(key, value, { sync: true })
    return
  }
  if (given.ttlSeconds === undefined) await stored.put(key, value, { sync: true })
  else await putExpiring(shown, key, value, given.ttlSeconds)
}

/** Text is taken as it is; of other formats, without the line end that programs write behind them. */
function encoded({ value: format }: Shown, bytes: Buffer): Uint8Array | string {
  const isText = format.name === AUTO || format.name === 'utf8'
  if (isText) return bytes
  return format.codec.encode(parsed(format.parse, bytes.toString().replace(/\r?\n$/, '')))
}

async function putExpiring(
  { stored }: Shown,
  key: Buffer,
  value: Buffer,
  ttlSeconds: number,
): Promise<void> {
  if (!expires(stored)) {
    throw new Error(
      `rows of ${JSON.stringify(stored.name)} do not expire: open it once with expires: true`,
    )
  }
  await stored.put(key, value, { sync: true, ttlMs: Math.round(1000 * ttlSeconds) } as never)
}

function help(): string {
  return `Usage: rocksdb-live put <path> <key> <value> [flags]

Writes a row, and returns once it is on the disk. The value - is that of standard input. It takes the lock
of the database: while another process has it open it fails, and names who that is. Makes no database without
--create.

${FORMAT_HELP}

Flags:
${helpOf(FLAGS)}

${TUNING_HELP}
`
}
