/** Repairing a database that is damaged. */
import { resolve } from 'node:path'
import { optionalBoolean, readOptions } from '../base/arguments'
import { pathOf } from '../base/paths'
import { call } from '../native/lane'
import { addon } from '../native/native'
import type { RepairReport } from '../types/repair'

/** Repairs the database in a directory. */
export async function repair(path: unknown, given: unknown): Promise<RepairReport> {
  const directory = resolve(pathOf('path', path))
  const { force } = readOptions('options', given, ['force'])
  const forced = optionalBoolean('options.force', force, false)
  const report = await call('repair', { path: directory }, (id) =>
    addon.repair(id, directory, forced),
  )
  return report as RepairReport
}
