/** `rocksdb-live verify` of a target: looks at every object of a backup. */
import { type BackupReport, type Backups, backups } from '../backup'
import { copying } from './backup'
import { type TargetFlags, withTarget } from './backup-target'
import type { Surroundings } from './command'
import { interruptible } from './interrupt'
import { Progress } from './progress'
import { bytesText, countText, jsonText } from './render'

/** The values of the flags. */
interface Asked extends TargetFlags {
  all?: boolean | undefined
  sizes?: boolean | undefined
  json?: boolean | undefined
  quiet?: boolean | undefined
  'rate-limit-mb'?: string
  concurrency?: string
}

/** Verifies the backup of this name in the target; without a name the newest, or all. */
export function verifyBackup(
  from: string,
  id: string | undefined,
  values: Asked,
  surroundings: Surroundings,
): Promise<number> {
  const { stdout, stderr } = surroundings
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
