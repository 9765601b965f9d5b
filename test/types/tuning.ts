/** Checked only by the compiler: the types that the table of options derives from its rows. */
import { Database } from 'rocksdb-live'
import type { FamilyTuning, Tuning, TuningReport } from '../../lib/tuning'

export const many: Tuning = {
  maxWriteBufferNumber: 2,
  dbWriteBufferMb: 0,
  allowStall: false,
  memtableWholeKeyFilter: false,
  maxTotalWalMb: 0,
  walCompression: 'zstd',
  walRecoveryMode: 'point-in-time',
  manualWalFlush: false,
  compactionStyle: 'universal',
  rateLimitMbPerSec: 0,
  ttlSeconds: 0,
  periodicCompactionSeconds: 0,
  memoryBudgetMb: 'auto',
  blockCacheType: 'hyper-clock',
  cacheIndexAndFilterBlocks: true,
  pinL0FilterAndIndex: true,
  rowCacheMb: 0,
  profile: 'point-lookup',
  bottommostCompression: 'same',
  compressionLevel: 'auto',
  zstdDictionaryKb: 0,
  blockSizeKb: 4,
  filterPolicy: 'ribbon',
  bloomBitsPerKey: 10,
  partitionFilters: false,
  dataBlockHashIndex: false,
  prefixLength: 0,
  blobFiles: false,
  blobMinSizeKb: 4,
  maxOpenFiles: 'auto',
  directReads: false,
  directIoForFlushAndCompaction: false,
  statistics: true,
  statsDumpSeconds: 600,
  infoLogLevel: 'info',
  maxBackgroundErrorsResume: 3,
  maxBackgroundJobs: 4,
  writeBufferMb: 128,
  targetFileSizeMb: 64,
  compactionDynamic: true,
  compression: 'lz4hc',
  bytesPerSyncMb: 0,
  walBytesPerSyncMb: 0,
  blockCacheMb: 256,
  readaheadMb: 2,
  enablePipelinedWrite: false,
  walEnabled: true,
  compatibleWith: '9',
  compressionThreads: 2,
  verifyCompactions: 'rows',
  manifestMb: 16,
  refreshScans: true,
  indexSearch: 'interpolation',
  memtableBatchLookup: true,
  flushAfterScanSkips: 1000,
  flushAfterAverageScanSkips: 10,
  scanCompactionPerKib: 10,
}

export const wrong: Tuning[] = [
  // @ts-expect-error a number is wanted
  { writeBufferMb: '128' },
  // @ts-expect-error not among the choices
  { compression: 'lzma' },
  // @ts-expect-error true or false is wanted
  { walEnabled: 'on' },
  // @ts-expect-error only some numbers can be derived
  { writeBufferMb: 'auto' },
  // @ts-expect-error not a level of statistics
  { statistics: 'some' },
  // @ts-expect-error there is no such option
  { writeBufferMB: 128 },
]

export const family: FamilyTuning = { compression: 'none', writeBufferMb: 64 }

export const wrongFamily: FamilyTuning[] = [
  // @ts-expect-error the cache is the database's
  { blockCacheMb: 64 },
]

export function report({ options, columnFamilies }: TuningReport): void {
  const jobs: number = options.maxBackgroundJobs.value
  const codec: 'none' | 'snappy' | 'lz4' | 'lz4hc' | 'zlib' | 'bzip2' | 'zstd' =
    options.compression.value
  const wal: boolean = options.walEnabled.value
  const own: number | undefined = columnFamilies['users']?.writeBufferMb?.value
  // @ts-expect-error families cannot have a cache of their own
  const cache: number | undefined = columnFamilies['users']?.blockCacheMb?.value
  void [jobs, codec, wal, own, cache]
}

export async function open(): Promise<void> {
  // @ts-expect-error there is no such preset
  await Database.open('x', { preset: 'prod' })
  // @ts-expect-error a RocksDB option is a text, a number or a boolean
  await Database.open('x', { rocksdb: { db: { max_open_files: {} } } })
}
