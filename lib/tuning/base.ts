/**
 * Settings of every preset besides the rows of the table, and settings that follow from rows. They
 * are right nearly everywhere, and `rocksdb: { db, columnFamily, table }` can still change them.
 */
import { CODECS } from './rows/texts'
import type { OptionMap, Values } from './types'

/** RocksDB takes this for "no limit" and then keeps every file open. */
export const UNLIMITED_FILES = -1

/** RocksDB's own maximum, if the system has none. */
const MOST_OPEN_FILES = 0x400000

/**
 * How many files RocksDB may keep open. A quarter of the process's descriptors, and at least 256,
 * remain for sockets, and for the WAL, logs and compaction outputs, which RocksDB does not count;
 * very low limits are shared evenly. If descriptors run out, RocksDB refuses writes until a reopen.
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
    // Detects a missing or truncated WAL file when the database is opened.
    track_and_verify_wals_in_manifest: 'true',
    paranoid_checks: 'true',
    // Without the WAL, a batch over several families stays whole only if they are flushed together.
    ...(walEnabled === false && { atomic_flush: 'true' }),
  }
}

/** The memtable filter's share of the write buffer: enough for one full of rows of 100 bytes. */
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
    // Otherwise the space of deleted blobs would never be reclaimed; also needed after blobs were
    // turned off.
    enable_blob_garbage_collection: 'true',
  }
}

/** BlockBasedTableOptions. */
export function baseTable({ partitionFilters }: Values): OptionMap {
  return {
    // RocksDB ignores partitioned filters without a two-level index.
    index_type: partitionFilters === true ? 'kTwoLevelIndexSearch' : 'kBinarySearch',
  }
}

/** Options shared by all families. */
export function baseShared({ memoryBudgetMb }: Values): OptionMap {
  // With a budget, memtables are charged to the block cache.
  return { charge_write_buffers: String(memoryBudgetMb !== 0) }
}
