/** `rocksdb-live verify`: reads all of a database, or of a backup, and compares it with its checksums. */
import { COPY_FLAGS } from './backup'
import { TARGET_FLAGS, TARGET_HELP } from './backup-target'
import { type Command, DONE, UsageError } from './command'
import { FAMILY_FLAG, OPEN_FLAGS, parseOpening, TUNING_HELP } from './database'
import { looksLikeBackups, looksLikeDatabase, whatIsAt } from './explain'
import { type Flag, helpOf, SHARED, wordsOf } from './flags'
import { verifyBackup } from './verify-backup'
import { verifyDatabase } from './verify-database'

const OF_DATABASE = {
  family: { ...FAMILY_FLAG.family, help: 'One column family (default: all).' },
  config: OPEN_FLAGS.config,
  'env-prefix': OPEN_FLAGS['env-prefix'],
} as const

const OF_BACKUP = {
  all: { type: 'boolean', help: 'Look at all backups, the newest first.' },
  sizes: { type: 'boolean', help: 'Compare sizes only: it reads nothing.' },
  'rate-limit-mb': COPY_FLAGS['rate-limit-mb'],
  concurrency: COPY_FLAGS.concurrency,
  ...TARGET_FLAGS,
} as const

const OF_BOTH = { quiet: COPY_FLAGS.quiet, json: SHARED.json, help: SHARED.help } as const

const FLAGS = { ...OF_DATABASE, ...OF_BACKUP, ...OF_BOTH } as const

export const verifyCommand: Command = {
  summary: 'Read all of a database, or of a backup, and compare it with its checksums.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path, id] = wordsOf('verify', positionals, ['path'], ['id'])
    if (values.all && id !== undefined) throw new UsageError('--all and an id exclude each other')
    const wrong = (flags: Readonly<Record<string, Flag>>) =>
      Object.keys(flags).find((name) => values[name as keyof typeof values] !== undefined)
    if (isDatabase(path)) {
      const flag = wrong(OF_BACKUP)
      if (flag !== undefined)
        throw new UsageError(`--${flag} is for backups, and ${path} is a database`)
      if (id !== undefined)
        throw new UsageError(`verify takes an id of a backup, and ${path} is a database`)
      return verifyDatabase(path, values, surroundings)
    }
    const flag = wrong(OF_DATABASE)
    if (flag !== undefined) throw new UsageError(`--${flag} is for databases, and ${path} is none`)
    return verifyBackup(path, id, values, surroundings)
  },
}

/** A URL is a target, as is a directory that has backups; whatever else is neither is said. */
function isDatabase(path: string): boolean {
  if (/^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(path) || looksLikeBackups(path)) return false
  if (looksLikeDatabase(path)) return true
  throw new Error(`${whatIsAt(path)}; it has no backups, either`)
}

function help(): string {
  return `Usage: rocksdb-live verify <path> [flags]
       rocksdb-live verify <target> [id] [flags]

Of a database it reads every table and every blob file, beside whoever writes it, and compares all that is in them with
the checksums; its MANIFEST and its write-ahead log are read as well, as at every open. Of a target it reads every
object of the newest backup, of the one that is named, or of all, and compares it with its sum. The exit status is 1
where something is wrong, and what that is is named.

${TARGET_HELP}

Flags:
${helpOf(OF_BOTH)}

Of databases:
${helpOf(OF_DATABASE)}

Of backups:
${helpOf(OF_BACKUP)}

${TUNING_HELP}
`
}
