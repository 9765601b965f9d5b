/** What a compaction reads ahead, where RocksDB does not go by what the disk can read at once. */
import { rowOf } from './options'
import type { Settings } from './values'

/** What is known of the disk and of the RocksDB that is linked. */
export interface ReadaheadFacts {
  /** The libraries that are compiled in: RocksDB's version decides. */
  libraries: Readonly<Record<string, string>>
  /** The device's largest read, see native/engine/files/device.h; 0 where nobody tells. */
  largestReadBytes?: number | undefined
}

/**
 * From 8.6 on RocksDB has the system read ahead, which reads no more than the disk does at once;
 * before 9.9 it took no notice and read the rest block by block (facebook/rocksdb#12937). The value
 * stays what was asked for, and RocksDB is given what is read in one piece.
 */
export function settleReadahead(
  settings: Settings,
  { libraries, largestReadBytes = 0 }: ReadaheadFacts,
): void {
  const setting = settings.readaheadMb
  const rocksdbVersion = libraries['rocksdb'] ?? ''
  if (setting === undefined || largestReadBytes === 0 || !isCut(rocksdbVersion)) return
  const asked = Number(rowOf('readaheadMb').target.text(setting.value as never, {}))
  if (asked <= largestReadBytes) return
  settings.readaheadMb = {
    ...setting,
    text: String(largestReadBytes),
    reason:
      `the disk reads ${largestReadBytes / 1024} KiB at once, and RocksDB ${rocksdbVersion} ` +
      'would read block by block above: it is given that',
  }
}

function isCut(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return (major === 8 && minor >= 6) || (major === 9 && minor < 9)
}
