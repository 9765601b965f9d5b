import { optionalBoolean, readOptions } from '../base/arguments'
import { absolutePathOf } from '../base/paths'
import { addon } from '../native/addon'
import { call } from '../native/lane'
import type { RepairReport } from '../types/repair'

/** Repairs the database in a directory. */
export async function repair(path: unknown, given: unknown): Promise<RepairReport> {
  const directory = absolutePathOf('path', path)
  const { force } = readOptions('options', given, ['force'])
  const forced = optionalBoolean('options.force', force, false)
  const report = await call('repair', { path: directory }, (id) =>
    addon.repair(id, directory, forced),
  )
  return report as RepairReport
}
