/**
 * What every preset sets besides the rows of the table, and what follows from rows: settings that
 * are right nearly everywhere and can still be changed through `rocksdb: { db, columnFamily, table }`.
 */
import { CODECS } from './rows/texts'
import type { OptionMap, Values } from './types'

/** RocksDB takes this for "no limit" and then keeps every file open. */
export const UNLIMITED_FILES = -1

/** RocksDB's own bound where the system gives none. */
const MOST_OPEN_FILES = 0x400000

/**
 * Files that RocksDB may keep open. A quarter of the process's descriptors, and at least 256, are
 * left to sockets and to the WAL, logs and compaction outputs, which RocksDB does not count; with
 * very low limits they are shared evenly. Running out makes RocksDB refuse writes until a reopen.
 */
export function maxOpenFiles(openFileLimit: number): number {
  if (openFileLimit === 0) return UNLIMITED_FILES
  const reserve = Math.max(256, Math.ceil(openFileLimit / 4))
  return Math.min(Math.max(openFileLimit - reserve, Math.floor(openFileLimit / 2)), MOST_OPEN_FILES)
}

/** DBOptions. */
export function baseDatabase({ walEnabled }: Values): OptionMap {
  return {
    // At most 80 MiB of info logs.
    keep_log_file_num: '5',
    max_log_file_size: String(16 * 1024 * 1024),
    // A missing or cut WAL file is noticed when the database is opened.
    track_and_verify_wals_in_manifest: 'true',
    paranoid_checks: 'true',
    // Without the WAL, only families that are flushed together keep a batch over them whole.
    ...(walEnabled === false && { atomic_flush: 'true' }),
  }
}

/** The memtable filter's share of the write buffer: enough for a fill of rows of 100 bytes. */
const MEMTABLE_FILTER_SHARE = '0.1'

/** Samples for training are a hundred times the dictionary, as zstd advises. */
const TRAINING_FACTOR = 100

/** ColumnFamilyOptions. */
export function baseFamily(values: Values, zstdDictionaryTraining: boolean): OptionMap {
  const { compression, blobFiles, memtableWholeKeyFilter, zstdDictionaryKb } = values
  const trained = zstdDictionaryTraining ? Number(zstdDictionaryKb) * 1024 * TRAINING_FACTOR : 0
  const blobs = blobFiles === true ? CODECS[compression as keyof typeof CODECS] : CODECS.none
  return {
    memtable_prefix_bloom_size_ratio: memtableWholeKeyFilter === true ? MEMTABLE_FILTER_SHARE : '0',
    'compression_opts.zstd_max_train_bytes': String(trained),
    blob_compression_type: blobs,
    // Else the space of deleted blobs would never be free again; also after blobs were turned off.
    enable_blob_garbage_collection: 'true',
  }
}

/** BlockBasedTableOptions. */
export function baseTable({ partitionFilters }: Values): OptionMap {
  return {
    // RocksDB ignores partitioned filters without the index of two levels.
    index_type: partitionFilters === true ? 'kTwoLevelIndexSearch' : 'kBinarySearch',
  }
}

/** What all families share. */
export function baseShared({ memoryBudgetMb }: Values): OptionMap {
  // With a budget, memtables take their memory out of the block cache's.
  return { charge_write_buffers: String(memoryBudgetMb !== 0) }
}
