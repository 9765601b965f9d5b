/** Options that some supported RocksDBs do not have. */
import { rowOf, TUNING_NAMES } from './options'
import type { Row } from './types'
import { type Settings, settle } from './values'

/** Facts about the build. */
export interface BuildFacts {
  /**
   * The compiled libraries with their versions; without a version, RocksDB is taken to be the
   * newest.
   */
  libraries: Readonly<Record<string, string>>
  /** Whether this build can train zstd dictionaries. */
  zstdDictionaryTraining: boolean
}

type Libraries = Pick<BuildFacts, 'libraries'>

/** Whether this build's RocksDB is too old for the row, which it then does not receive. */
export function isMissing({ since }: Row, { libraries }: Libraries): boolean {
  const version = libraries['rocksdb']
  return since !== undefined && version !== undefined && isOlder(version, since.rocksdb)
}

/**
 * Settles rows that this RocksDB does not have: the value that describes its behaviour is in force,
 * with the reason in the report. A different explicit value is refused.
 */
export function settleSince(settings: Settings, build: Libraries): void {
  for (const name of TUNING_NAMES) {
    const { since } = rowOf(name)
    if (since === undefined || !isMissing(rowOf(name), build)) continue
    const reason = `it needs RocksDB ${since.rocksdb}, and this build has ${build.libraries['rocksdb']}`
    settle(settings, name, since.before, reason)
    const setting = settings[name]
    if (setting !== undefined) settings[name] = { ...setting, reason }
  }
}

/** Compares numbers, part by part: 9.7.4 is older than 10.2. */
function isOlder(version: string, than: string): boolean {
  const own = version.split('.').map(Number)
  for (const [index, part] of than.split('.').map(Number).entries()) {
    const ours = own[index] ?? 0
    if (ours !== part) return ours < part
  }
  return false
}
