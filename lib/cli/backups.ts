/** `rocksdb-live backups`: what is in a target, and which of it stays. */
import { type Backups, backups, type RemovedBackups } from '../backup'
import { TARGET_FLAGS, TARGET_HELP, withTarget } from './backup-target'
import { type Command, UsageError } from './command'
import { helpOf, parseFlags, SHARED, wholeNumber, wordsOf } from './flags'
import { interruptible } from './interrupt'
import { align, bytesText, countText, jsonText } from './render'

const FLAGS = {
  delete: {
    type: 'string',
    argument: '<id>',
    help: 'Remove this backup, and what no other needs.',
  },
  'keep-last': { type: 'string', argument: '<n>', help: 'Remove all but the newest so many.' },
  'keep-daily': {
    type: 'string',
    argument: '<n>',
    help: 'Remove all but the newest of each of the last so many days (UTC) that have one.',
  },
  'keep-weekly': {
    type: 'string',
    argument: '<n>',
    help: 'Remove all but the newest of each of the last so many weeks (from Monday, UTC) that have one. What any of these three asks for stays.',
  },
  json: SHARED.json,
  ...TARGET_FLAGS,
  help: SHARED.help,
} as const

const MOST_KEPT = 1_000_000

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>['values']

export const backupsCommand: Command = {
  summary: 'List the backups in a target, or remove some.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseFlags(words, FLAGS)
    const { stdout } = surroundings
    if (values.help) {
      stdout.write(help())
      return 0
    }
    const [from] = wordsOf('backups', positionals, ['target'])
    const act = actionOf(values)
    return interruptible(surroundings, (signal) =>
      withTarget(from, values, surroundings, async (target) => {
        stdout.write(await act(backups(target), signal))
        return 0
      }),
    )
  },
}

type Action = (all: Backups, signal: AbortSignal) => Promise<string>

/** What the flags ask for; it returns what is to be printed. */
function actionOf(values: Values): Action {
  const count = (name: 'last' | 'daily' | 'weekly') =>
    wholeNumber(`keep-${name}`, values[`keep-${name}`], [1, MOST_KEPT], undefined)
  const kept = { last: count('last'), daily: count('daily'), weekly: count('weekly') }
  const keeps = Object.values(kept).some((each) => each !== undefined)
  const removed = (result: RemovedBackups) => (values.json ? jsonText(result) : removedText(result))
  if (values.delete !== undefined) {
    if (keeps) throw new UsageError('--delete and --keep-… exclude each other')
    const id = values.delete
    return async (all) => removed(await all.delete(id))
  }
  if (keeps) return async (all, signal) => removed(await all.keep({ ...kept, signal }))
  return (all) => listed(all, values.json ?? false)
}

function removedText({ removed, objectsDeleted }: RemovedBackups): string {
  const lines = removed.map((id) => `removed ${id}\n`)
  const objects = countText(objectsDeleted, 'object')
  return `${lines.join('')}removed ${countText(removed.length, 'backup')}, ${objects}\n`
}

async function listed(all: Backups, json: boolean): Promise<string> {
  const [list, moments] = [await all.list(), await all.moments()]
  const untilOf = new Map(moments.map(({ id, untilMs }) => [id, untilMs]))
  const rows = list.map((each) => ({ ...each, untilMs: untilOf.get(each.id) ?? each.untilMs }))
  if (json) return jsonText(rows)
  if (rows.length === 0) return `${all.target.name} has no backups\n`
  const time = (ms: number) => new Date(ms).toISOString()
  const cells = rows.map(({ id, timeMs, bytes, files, untilMs }) => {
    return [id, time(timeMs), bytesText(bytes), String(files), time(untilMs)]
  })
  const table = align([['id', 'time', 'size', 'files', 'restorable until'], ...cells])
  return `${table.join('\n')}\n`
}

function help(): string {
  return `Usage: rocksdb-live backups <target> [flags]

Lists the backups in a target, the oldest first, and until when each moment after one can be restored; or
removes backups, and with them every object that no other backup needs.

${TARGET_HELP}

Flags:
${helpOf(FLAGS)}
`
}
