/** RocksDB's properties (rocksdb/db.h), and what they say. */

/** One that is a number. */
export interface Property {
  /** Without `rocksdb.`. */
  readonly name: string
  readonly unit: 'bytes' | 'count'
  readonly about: string
}

const count = (name: string, about: string): Property => ({ name, unit: 'count', about })
const bytes = (name: string, about: string): Property => ({ name, unit: 'bytes', about })

/** Those that say something of a database that is looked at. */
export const PROPERTIES: readonly Property[] = [
  count('estimate-num-keys', 'rows, estimated'),
  bytes('estimate-live-data-size', 'live data, estimated'),
  bytes('live-sst-files-size', 'tables of the newest state'),
  bytes('total-sst-files-size', 'tables of all states that somebody still reads'),
  count('num-live-versions', 'such states'),
  ...[0, 1, 2, 3, 4, 5, 6].map((level) =>
    count(`num-files-at-level${level}`, `tables on level ${level}`),
  ),
  count('base-level', 'the level that level 0 is compacted into'),
  bytes('estimate-pending-compaction-bytes', 'what compaction has to rewrite'),
  count('compaction-pending', 'whether a compaction is due'),
  count('num-running-compactions', 'running compactions'),
  count('num-running-flushes', 'running flushes'),
  count('num-blob-files', 'blob files'),
  bytes('total-blob-file-size', 'blob files of all states'),
  bytes('live-blob-file-size', 'blob files of the newest state'),
  bytes('live-blob-file-garbage-size', 'values in them that no row has'),
  bytes('cur-size-active-mem-table', 'the memtable that is written'),
  bytes('cur-size-all-mem-tables', 'memtables that are not flushed'),
  bytes('size-all-mem-tables', 'memtables that somebody still reads as well'),
  count('num-entries-active-mem-table', 'entries in the memtable that is written'),
  count('num-entries-imm-mem-tables', 'entries in memtables that wait for a flush'),
  count('num-deletes-active-mem-table', 'deletions among the former'),
  count('num-deletes-imm-mem-tables', 'deletions among the latter'),
  count('num-immutable-mem-table', 'memtables that wait for a flush'),
  count('mem-table-flush-pending', 'whether a flush is due'),
  bytes('estimate-table-readers-mem', 'indexes and filters outside of the cache'),
  bytes('block-cache-capacity', 'the block cache'),
  bytes('block-cache-usage', 'what is in it'),
  bytes('block-cache-pinned-usage', 'what must stay in it'),
  count('num-snapshots', 'snapshots'),
  count('oldest-snapshot-sequence', 'the oldest of them'),
  count('is-write-stopped', 'whether writes wait'),
  count(
    'actual-delayed-write-rate',
    'bytes a second that writes are slowed down to; 0 is not at all',
  ),
  count('is-file-deletions-enabled', 'how often file deletion was switched off'),
  count('background-errors', 'errors in the background'),
  count('min-log-number-to-keep', 'the oldest write-ahead log that is needed'),
  count('current-super-version-number', 'changes of the set of files and memtables'),
]

/** Those of many lines. */
export const TEXTS: readonly string[] = [
  'stats',
  'cfstats',
  'levelstats',
  'dbstats',
  'sstables',
  'aggregated-table-properties',
  'options-statistics',
]
