/** What each profile sets. Rows of the whole database only count where the database has the profile. */
import type { Tuning } from './options'

/** The names of the profiles. */
export type ProfileName = 'balanced' | 'point-lookup' | 'scan' | 'bulk-load'

/** @internal Over the preset, and below whatever is said explicitly. */
export const PROFILES: Readonly<Record<ProfileName, Tuning>> = {
  /** The preset as it is. */
  balanced: {},
  /** Single rows by key, many of them not there. */
  'point-lookup': {
    blockSizeKb: 4,
    dataBlockHashIndex: true,
    memtableWholeKeyFilter: true,
    bloomBitsPerKey: 12,
    partitionFilters: false,
  },
  /** Long ranges. */
  scan: { blockSizeKb: 32, targetFileSizeMb: 128, partitionFilters: true, readaheadMb: 8 },
  /** As many writes as the disk takes. */
  'bulk-load': {
    writeBufferMb: 256,
    maxWriteBufferNumber: 4,
    targetFileSizeMb: 128,
    compression: 'lz4',
    bottommostCompression: 'zstd',
    blockSizeKb: 16,
    maxBackgroundJobs: 8,
    bytesPerSyncMb: 8,
    maxTotalWalMb: 4096,
  },
}
