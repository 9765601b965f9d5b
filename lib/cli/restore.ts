/** `rocksdb-live restore`: makes a database of a backup. */

import { type RestoreResult, restore } from '../backup'
import { quote } from '../base/arguments'
import { COPY_FLAGS, copying } from './backup'
import { TARGET_FLAGS, TARGET_HELP, withTarget } from './backup-target'
import { type Command, UsageError } from './command'
import { helpOf, parseFlags, SHARED, wordsOf } from './flags'
import { interruptible } from './interrupt'
import { Progress } from './progress'
import { bytesText, countText, jsonText } from './render'

const FLAGS = {
  at: {
    type: 'string',
    argument: '<moment>',
    help: 'latest (default), the name of a backup, a time with its zone (2026-11-28T18:00:00Z), or a token of db.changes of the database that was backed up.',
  },
  'dry-run': { type: 'boolean', help: 'Only say what would be fetched.' },
  ...COPY_FLAGS,
  json: SHARED.json,
  ...TARGET_FLAGS,
  help: SHARED.help,
} as const

export const restoreCommand: Command = {
  summary: 'Make a database of a backup, as it was at any moment.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseFlags(words, FLAGS)
    const { stdout, stderr } = surroundings
    if (values.help) {
      stdout.write(help())
      return 0
    }
    const [from, path] = wordsOf('restore', positionals, ['target', 'path'])
    const dryRun = values['dry-run'] ?? false
    const options = { ...copying(values), at: momentOf(values.at), dryRun }
    return interruptible(surroundings, (signal) =>
      withTarget(from, values, surroundings, async (target) => {
        const progress = new Progress(stderr, values.quiet ?? false)
        const { update: onProgress } = progress
        const made = await restore(target, path, { ...options, onProgress, signal }).finally(() =>
          progress.end(),
        )
        stdout.write(values.json ? jsonText({ ...made, dryRun }) : textOf(made, dryRun))
        return 0
      }),
    )
  },
}

const DATE = /^\d{4}-\d\d-\d\d/
const ZONE = /(Z|[+-]\d\d:?\d\d)$/i

/** A time has a zone: without, it would be that of this machine, or not, by its form. */
function momentOf(text: string | undefined): string | Date | undefined {
  if (text === undefined || !DATE.test(text)) return text
  const time = new Date(text)
  if (ZONE.test(text.slice(10)) && !Number.isNaN(time.getTime())) return time
  throw new UsageError(
    `--at ${quote(text)} is no time with a zone, such as 2026-11-28T18:00:00Z or 2026-11-28T18:00:00.250+01:00`,
  )
}

function textOf(made: RestoreResult, dryRun: boolean): string {
  const { path, id, sequence, timeMs, bytes, files, segments, segmentBytes, commits } = made
  const time = new Date(timeMs).toISOString()
  const whole = `backup ${id}: ${bytesText(bytes)} in ${countText(files, 'file')}`
  const after = `${countText(segments, 'segment')} after it, ${bytesText(segmentBytes)}`
  if (dryRun)
    return `would restore ${path} from\n${whole}\n${segments === 0 ? '' : `up to ${after}\n`}`
  const applied = segments === 0 ? '' : `${countText(commits, 'commit')} of ${after}\n`
  return `restored ${path} as of ${time}, sequence number ${sequence}\n${whole}\n${applied}`
}

function help(): string {
  return `Usage: rocksdb-live restore <target> <path> [flags]

Makes a database of a backup, in a directory that is not there or empty. The directory has its name once
everything is compared with its sum, is on the disk, and has been opened once. Where continuous backups
followed, the moment may be any between; of a time, what was sent until then is there.

${TARGET_HELP}

Flags:
${helpOf(FLAGS)}
`
}
