/** How much a compaction reads ahead, for RocksDBs that do not respect the disk's largest read. */
import { rowOf } from './options'
import type { Settings } from './values'

/** Facts about the disk and the linked RocksDB. */
export interface ReadaheadFacts {
  /** The compiled libraries: RocksDB's version matters. */
  libraries: Readonly<Record<string, string>>
  /** The device's largest read, see native/engine/files/device.h; 0 if unknown. */
  largestReadBytes?: number | undefined
}

/**
 * Since 8.6 RocksDB asks the system to read ahead, which reads at most as much as the disk does at
 * once; before 9.9 RocksDB did not consider that, and read the rest block by block
 * (facebook/rocksdb#12937). The value stays as requested, and RocksDB gets what is read in one
 * piece.
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
