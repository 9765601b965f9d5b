/** `rocksdb-live backup`: copies a database to a target, beside the process that writes it. */
import { type BackupResult, backup } from '../backup'
import { Database } from '../database'
import { TARGET_FLAGS, TARGET_HELP, withTarget } from './backup-target'
import type { Command } from './command'
import { helpOf, parseFlags, positiveNumber, SHARED, wholeNumber, wordsOf } from './flags'
import { interruptible } from './interrupt'
import { Progress } from './progress'
import { bytesText, countText, jsonText } from './render'

/** Flags of all commands that copy. */
export const COPY_FLAGS = {
  'rate-limit-mb': {
    type: 'string',
    argument: '<n>',
    help: 'MB (1,000,000 bytes) a second at most (default: as fast as it goes).',
  },
  concurrency: {
    type: 'string',
    argument: '<n>',
    help: 'How many files are copied at a time, 1 to 64 (default: 4).',
  },
  quiet: { type: 'boolean', short: 'q', help: 'Show no progress.' },
} as const

const FLAGS = { ...COPY_FLAGS, json: SHARED.json, ...TARGET_FLAGS, help: SHARED.help } as const

/** Checks the values of those flags. */
export function copying(values: { 'rate-limit-mb'?: string; concurrency?: string }) {
  return {
    rateLimitMbPerSec: positiveNumber('rate-limit-mb', values['rate-limit-mb']),
    concurrency: wholeNumber('concurrency', values.concurrency, [1, 64], undefined),
  }
}

export const backupCommand: Command = {
  summary: 'Copy a database to a target, beside the process that writes it.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseFlags(words, FLAGS)
    const { stdout, stderr } = surroundings
    if (values.help) {
      stdout.write(help())
      return 0
    }
    const [path, to] = wordsOf('backup', positionals, ['path', 'target'])
    const options = copying(values)
    return interruptible(surroundings, (signal) =>
      withTarget(to, values, surroundings, async (target) => {
        await using db = await Database.open(path, { mode: 'read-only', env: false })
        const progress = new Progress(stderr, values.quiet ?? false)
        const { update: onProgress } = progress
        const made = await backup(db, target, { ...options, onProgress, signal }).finally(() =>
          progress.end(),
        )
        stdout.write(values.json ? jsonText(made) : textOf(made))
        return 0
      }),
    )
  },
}

function textOf(made: BackupResult): string {
  const { id, timeMs, bytes, files, bytesCopied, bytesShared, filesCopied, filesShared } = made
  return `${id}
${new Date(timeMs).toISOString()}, ${bytesText(bytes)} in ${countText(files, 'file')}
copied ${bytesText(bytesCopied)} in ${countText(filesCopied, 'file')}; ${bytesText(bytesShared)} in ${countText(filesShared, 'file')} were there
`
}

function help(): string {
  return `Usage: rocksdb-live backup <path> <target> [flags]

Opens the database to read only and copies what is not in the target yet. Another process may write it
meanwhile: the copy has everything that had reached the disk, the write-ahead log included, or the command
fails. It prints the name of the backup, which restore, verify and backups take.

${TARGET_HELP}

Flags:
${helpOf(FLAGS)}
`
}
