/** `rocksdb-live delete`: deletes rows. */
import type { Database } from '../database'
import { type Command, DONE } from './command'
import { OPEN_FLAGS, parseOpening, TUNING_HELP, writing } from './database'
import { helpOf, pathAndWords } from './flags'
import {
  checkFormats,
  FORMAT_FLAGS,
  FORMAT_HELP,
  type FormatsAsked,
  formatsOf,
  parsed,
} from './formats'

const { value: _, ...KEY_FLAGS } = FORMAT_FLAGS
const FLAGS = { ...KEY_FLAGS, ...OPEN_FLAGS } as const

export const deleteCommand: Command = {
  summary: 'Delete rows by their keys. It takes the lock of the database.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const most = Number.POSITIVE_INFINITY
    const [path, ...keys] = pathAndWords('delete', positionals, '<path> <key> [key …]', [1, most])
    checkFormats(values)
    return writing(path, values, surroundings, async (db) => {
      await remove(db, keys, values)
      return DONE
    })
  },
}

/** All of them at once, or none. */
async function remove(db: Database, keys: readonly string[], asked: FormatsAsked): Promise<void> {
  const { key: format, family } = formatsOf(db, asked, true)
  const batch = db.batch()
  for (const key of keys) batch.delete(family, parsed(format.parse, key))
  await batch.write({ sync: true })
}

function help(): string {
  return `Usage: rocksdb-live delete <path> <key> [key …] [flags]

Deletes the rows of these keys, all at once, and returns once that is on the disk; keys that are not there are no
error. It takes the lock of the database: while another process has it open it fails, and names who that is.

${FORMAT_HELP}

Flags:
${helpOf(FLAGS)}

${TUNING_HELP}
`
}
