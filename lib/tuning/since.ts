/** Options that not every RocksDB that this package compiles has. */
import { rowOf, TUNING_NAMES } from './options'
import type { Row } from './types'
import { type Settings, settle } from './values'

/** What options have to know of the build that they are for. */
export interface BuildFacts {
  /** The libraries that are compiled in, with their versions; RocksDB is the newest where it is not said. */
  libraries: Readonly<Record<string, string>>
  /** Whether this build can train zstd dictionaries. */
  zstdDictionaryTraining: boolean
}

type Libraries = Pick<BuildFacts, 'libraries'>

/** Whether the RocksDB of this build is too old for the row: it is then not given to it. */
export function isMissing({ since }: Row, { libraries }: Libraries): boolean {
  const version = libraries['rocksdb']
  return since !== undefined && version !== undefined && isOlder(version, since.rocksdb)
}

/**
 * Rows that this RocksDB does not have: the value that means what it does anyway is in force, with
 * the reason in the report. Another one that was said explicitly is refused.
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
