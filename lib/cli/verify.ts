/** `rocksdb-live verify`: looks at every object of a backup. */
import { type BackupReport, type Backups, backups } from '../backup'
import { COPY_FLAGS, copying } from './backup'
import { TARGET_FLAGS, TARGET_HELP, withTarget } from './backup-target'
import { type Command, UsageError } from './command'
import { helpOf, parseFlags, SHARED, wordsOf } from './flags'
import { interruptible } from './interrupt'
import { Progress } from './progress'
import { bytesText, countText, jsonText } from './render'

const FLAGS = {
  all: { type: 'boolean', help: 'Look at all backups, the newest first.' },
  sizes: { type: 'boolean', help: 'Compare sizes only: it reads nothing.' },
  ...COPY_FLAGS,
  json: SHARED.json,
  ...TARGET_FLAGS,
  help: SHARED.help,
} as const

export const verifyCommand: Command = {
  summary: 'Compare a backup in a target with what was written.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseFlags(words, FLAGS)
    const { stdout, stderr } = surroundings
    if (values.help) {
      stdout.write(help())
      return 0
    }
    const [from, id] = wordsOf('verify', positionals, ['target'], ['id'])
    if (values.all && id !== undefined) throw new UsageError('--all and an id exclude each other')
    const options = { ...copying(values), read: values.sizes ? 'sizes' : 'all' } as const
    return interruptible(surroundings, (signal) =>
      withTarget(from, values, surroundings, async (target) => {
        const all = backups(target)
        const reports: BackupReport[] = []
        for (const each of await chosen(all, id, values.all ?? false)) {
          const progress = new Progress(stderr, values.quiet ?? false)
          const { update: onProgress } = progress
          const report = await all
            .verify(each, { ...options, onProgress, signal })
            .finally(() => progress.end())
          reports.push(report)
          if (!values.json) stdout.write(textOf(report))
        }
        if (values.json) stdout.write(jsonText(reports))
        return reports.every(({ problems }) => problems.length === 0) ? 0 : 1
      }),
    )
  },
}

/** The names of backups: the given one, the newest, or all. */
async function chosen(all: Backups, id: string | undefined, every: boolean): Promise<string[]> {
  if (id !== undefined) return [id]
  const ids = (await all.list()).map((each) => each.id).toReversed()
  if (ids.length === 0) throw new Error(`${all.target.name} has no backups`)
  return every ? ids : ids.slice(0, 1)
}

function textOf({ id, objects, bytesRead, problems }: BackupReport): string {
  const looked = `${countText(objects, 'object')}, ${bytesText(bytesRead)} read`
  const verdict = problems.length === 0 ? 'nothing is wrong' : countText(problems.length, 'problem')
  const lines = problems.map(({ key, problem }) => `  ${key}: ${problem}\n`)
  return `${id}: ${looked}, ${verdict}\n${lines.join('')}`
}

function help(): string {
  return `Usage: rocksdb-live verify <target> [id] [flags]

Reads every object of the newest backup, of the one that is named, or of all, and compares it with its sum.
The exit status is 1 where something is wrong, and the objects are named.

${TARGET_HELP}

Flags:
${helpOf(FLAGS)}
`
}
