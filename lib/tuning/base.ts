/**
 * What every preset sets besides the rows of the table: settings that are right nearly everywhere
 * and can still be changed through `rocksdb: { db, columnFamily, table }`.
 */
import type { OptionMap } from './types'

/** RocksDB takes this for "no limit" and then keeps every file open. */
const UNLIMITED = -1

/** RocksDB's own bound where the system gives none. */
const MOST_OPEN_FILES = 0x400000

/**
 * Files that RocksDB may keep open. A quarter of the process's descriptors, and at least 256, are
 * left to sockets and to the WAL, logs and compaction outputs, which RocksDB does not count; with
 * very low limits they are shared evenly. Running out makes RocksDB refuse writes until a reopen.
 */
export function maxOpenFiles(openFileLimit: number): number {
  if (openFileLimit === 0) return UNLIMITED
  const reserve = Math.max(256, Math.ceil(openFileLimit / 4))
  return Math.min(Math.max(openFileLimit - reserve, Math.floor(openFileLimit / 2)), MOST_OPEN_FILES)
}

/** DBOptions. `openFileLimit` is the soft RLIMIT_NOFILE, 0 where there is none. */
export function baseDatabase(openFileLimit: number): OptionMap {
  return {
    max_open_files: String(maxOpenFiles(openFileLimit)),
    // At most 80 MiB of info logs.
    keep_log_file_num: '5',
    max_log_file_size: String(16 * 1024 * 1024),
    // A missing or cut WAL file is noticed when the database is opened.
    track_and_verify_wals_in_manifest: 'true',
    paranoid_checks: 'true',
  }
}

/**
 * Families whose files are at least this large have index and filter cut into partitions. With the
 * metadata in the block cache, one lookup in a cold file would otherwise read all of its filter and
 * index, megabytes for a large file, and push as many data blocks out. Where everything is cached
 * anyway, partitions only cost: every lookup goes through two levels. So they come with the files
 * that large databases have, those of the production preset.
 */
const PARTITIONED_FROM_MB = 128

/** BlockBasedTableOptions for a family whose files have this size. */
export function baseTable(targetFileSizeMb: number): OptionMap {
  const table = {
    filter_policy: 'bloomfilter:10:false',
    // Metadata competes for the one cache, so that memory is bounded by it...
    cache_index_and_filter_blocks: 'true',
    // ...but not that of the newest files, which every read has to ask.
    pin_l0_filter_and_index_blocks_in_cache: 'true',
    // Said, not left to the engine: a later RocksDB would write files that this one cannot read.
    format_version: '6',
  }
  if (targetFileSizeMb < PARTITIONED_FROM_MB) return table
  // RocksDB ignores partitioned filters without the index of two levels.
  return { ...table, partition_filters: 'true', index_type: 'kTwoLevelIndexSearch' }
}
