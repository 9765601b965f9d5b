/** `rocksdb-live checkpoint`: a copy of a database, with hard links where the disk can. */
import { existsSync } from 'node:fs'
import { withActivity } from './activity'
import { type Command, DONE } from './command'
import { OPEN_FLAGS, parseOpening, writing } from './database'
import { helpOf, SHARED, wordsOf } from './flags'
import { jsonText } from './render'

const FLAGS = {
  json: SHARED.json,
  quiet: { type: 'boolean', short: 'q', help: 'Show no progress.' },
  ...OPEN_FLAGS,
} as const

export const checkpointCommand: Command = {
  summary: 'Copy a database to a new directory, with hard links. It takes its lock.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    const { stdout, stderr } = surroundings
    if (values.help) {
      stdout.write(help())
      return DONE
    }
    const [path, target] = wordsOf('checkpoint', positionals, ['path', 'target'])
    if (existsSync(target)) throw new Error(`${target} exists: a checkpoint makes a new directory`)
    return writing(path, values, surroundings, async (db) => {
      const work = () => db.checkpoint(target)
      await withActivity(stderr, values.quiet ?? false, () => `copying ${db.path}`, work)
      stdout.write(values.json ? jsonText({ path: db.path, checkpoint: target }) : `${target}\n`)
      return DONE
    })
  },
}

function help(): string {
  return `Usage: rocksdb-live checkpoint <path> <target> [flags]

Copies a database to a new directory, which is a database of its own: tables are hard links where both are on one
disk, and take no room until one of the two changes. It takes the lock of the database: while another process has it
open it fails, and names who that is. A copy beside a service is made by rocksdb-live backup, or by db.checkpoint in
the service.

Flags:
${helpOf(FLAGS)}
`
}
