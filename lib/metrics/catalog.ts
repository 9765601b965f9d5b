/**
 * Every metric of a database, by name without the prefix. What is exported, documented, drawn and
 * alerted on is derived from this table. Each series carries the labels of the database (`db` by
 * default) besides those named here.
 */
import { BACKUP, CHANGES, REPLICA } from './catalog-copies'
import {
  type Buckets,
  type HistogramRow,
  histogram,
  type MetricGroup,
  type MetricRow,
  type Row,
  row,
} from './rows'

export {
  type Buckets,
  METRIC_GROUPS,
  type MetricGroup,
  type MetricLabel,
  type MetricRow,
} from './rows'

const FAMILY = ['column_family'] as const

/** The metrics that every deployment gets, by these names. */
const EVERY = [
  row('gauge', 'size_bytes', 'bytes', 'Bytes of SST, blob and WAL files on the disk.'),
  histogram(
    'write_batch_ms',
    'milliseconds',
    'Time of each committed write, measured around the commit to RocksDB.',
    [1, 5, 10, 50, 100, 500, 1000],
  ),
  row('gauge', 'compaction_jobs', 'count', 'Compactions that run now.'),
  row('counter', 'wal_synced_total', 'count', 'Syncs of WAL files (fsync, fdatasync).'),
  row(
    'counter',
    'wal_writes_total',
    'count',
    'Writes that went through the WAL; batches that became one write are one.',
  ),
  row(
    'counter',
    'operations_total',
    'count',
    'Reads and writes that were asked of this opening of the database, by their method.',
    ['operation'],
  ),
  row('gauge', 'disk_free_bytes', 'bytes', 'Bytes that are free where the database is.'),
  row('gauge', 'open_seconds', 'seconds', 'Time that opening took.'),
  row('gauge', 'build_info', 'count', '1, with the versions of what runs.', [
    'rocksdb_live_version',
    'rocksdb_version',
    'node_version',
  ]),
] as const

const WRITES = [
  histogram(
    'write_batch_operations',
    'count',
    'Operations (puts, deletes, merges) of each committed write.',
    [1, 10, 100, 1000, 10_000, 100_000],
  ),
  histogram(
    'write_batch_bytes',
    'bytes',
    'Bytes of each committed write.',
    [256, 4096, 65_536, 1_048_576, 16_777_216],
  ),
  row('gauge', 'commit_queue_length', 'count', 'Writes that wait in the commit queue.'),
  histogram(
    'commit_queue_wait_seconds',
    'seconds',
    'Time that queued writes wait until they are written; those that commit at the call are not counted.',
    [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  ),
  row('counter', 'written_bytes_total', 'bytes', 'Bytes that were written to the database.'),
  row('counter', 'written_keys_total', 'count', 'Keys that were written to the database.'),
  row('gauge', 'wal_bytes', 'bytes', 'Bytes of WAL files on the disk.'),
  row('counter', 'wal_written_bytes_total', 'bytes', 'Bytes that were written to the WAL.'),
  histogram(
    'wal_sync_seconds',
    'seconds',
    'Time of each sync of a WAL file (fsync, fdatasync).',
    [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  ),
  row('gauge', 'write_stopped', 'count', '1 where RocksDB lets no write through now, else 0.'),
  row(
    'gauge',
    'delayed_write_rate_bytes_per_second',
    'bytes per second',
    'Rate to which RocksDB slows writes down now; 0 where it does not.',
  ),
  row(
    'counter',
    'write_stalls_total',
    'count',
    'Times that RocksDB began to delay or to stop writes, by cause.',
    ['column_family', 'cause', 'action'],
  ),
  row('counter', 'write_stall_seconds_total', 'seconds', 'Time that writes were held up.'),
] as const

const READS = [
  histogram(
    'read_latency_seconds',
    'seconds',
    'Time of single point reads in RocksDB, sampled.',
    [0.000_001, 0.000_005, 0.000_01, 0.000_05, 0.0001, 0.001, 0.01, 0.1, 1],
    'readLatency',
  ),
  row(
    'counter',
    'read_bytes_total',
    'bytes',
    'Bytes that gets, multi-gets and iterators read; only with statistics.',
    [],
    'statistics',
  ),
  row('gauge', 'block_cache_capacity_bytes', 'bytes', 'Size of the block cache.'),
  row('gauge', 'block_cache_usage_bytes', 'bytes', 'Bytes of the block cache in use.'),
  row('gauge', 'block_cache_pinned_bytes', 'bytes', 'Bytes of the block cache that cannot go.'),
  row(
    'counter',
    'block_cache_hits_total',
    'count',
    'Blocks found in the block cache, by kind; only with statistics.',
    ['kind'],
    'statistics',
  ),
  row(
    'counter',
    'block_cache_misses_total',
    'count',
    'Blocks not found in the block cache, by kind; only with statistics.',
    ['kind'],
    'statistics',
  ),
  row(
    'counter',
    'filter_useful_total',
    'count',
    'Reads of a file that a filter saved; only with statistics.',
    [],
    'statistics',
  ),
  row(
    'counter',
    'filter_positives_total',
    'count',
    'Reads of a file that a filter let through; only with statistics.',
    [],
    'statistics',
  ),
  row(
    'counter',
    'filter_true_positives_total',
    'count',
    'Reads of a file that a filter let through and that found the key; only with statistics.',
    [],
    'statistics',
  ),
  row('gauge', 'open_cursors', 'count', 'Cursors and scans that are open in this process.'),
  row(
    'gauge',
    'snapshots',
    'count',
    'Snapshots that are not released; those of open cursors and scans among them.',
  ),
  row(
    'gauge',
    'oldest_snapshot_age_seconds',
    'seconds',
    'Age of the oldest of those snapshots; 0 where there is none.',
  ),
] as const

const TRANSACTIONS = [
  row('gauge', 'transactions_open', 'count', 'Transactions that are open in this process.'),
  row(
    'gauge',
    'oldest_transaction_age_seconds',
    'seconds',
    'Age of the oldest of them; 0 where there is none.',
  ),
  row(
    'gauge',
    'transaction_window_bytes',
    'bytes',
    'What was committed since the oldest of them began, for the others to be compared with.',
  ),
  row('counter', 'transactions_committed_total', 'count', 'Transactions that were committed.'),
  row('counter', 'transactions_rolled_back_total', 'count', 'Transactions that ended without.'),
  row('counter', 'transaction_retries_total', 'count', 'Attempts after a first one.'),
  row(
    'counter',
    'transaction_conflicts_total',
    'count',
    'Attempts and locks that failed because of others, by what they met.',
    ['conflict'],
  ),
  row('counter', 'transaction_lock_waits_total', 'count', 'Reads that had to wait for a lock.'),
] as const

const JOBS = [
  row('gauge', 'flush_jobs', 'count', 'Flushes that run now.'),
  row('counter', 'flushes_total', 'count', 'Flushes that ended.', FAMILY),
  row('counter', 'flush_written_bytes_total', 'bytes', 'Bytes that flushes wrote.', FAMILY),
  row('counter', 'compactions_total', 'count', 'Compactions that ended.', FAMILY),
  row('counter', 'compaction_read_bytes_total', 'bytes', 'Bytes that compactions read.', FAMILY),
  row('counter', 'compaction_written_bytes_total', 'bytes', 'Bytes that they wrote.', FAMILY),
  row('counter', 'compaction_seconds_total', 'seconds', 'Time that compactions took.', FAMILY),
  row('counter', 'background_errors_total', 'count', 'Background errors since the open.'),
  row(
    'gauge',
    'background_error_severity',
    'count',
    'Background error in force: 0 none, 1 soft, 2 hard (no writes), 3 fatal, 4 unrecoverable.',
  ),
  row('counter', 'events_dropped_total', 'count', 'Events that no listener took in time.'),
] as const

const FAMILIES = [
  row('gauge', 'keys', 'count', 'Keys, as RocksDB estimates them.', FAMILY),
  row(
    'gauge',
    'live_data_bytes',
    'bytes',
    'Bytes of live data, as RocksDB estimates them.',
    FAMILY,
  ),
  row(
    'gauge',
    'memtable_bytes',
    'bytes',
    'Bytes of all memtables, pinned ones among them.',
    FAMILY,
  ),
  row('gauge', 'memtables', 'count', 'Memtables: the active one and those not flushed.', FAMILY),
  row(
    'gauge',
    'pending_compaction_bytes',
    'bytes',
    'Bytes that compactions must rewrite until every level has its size, as RocksDB estimates them.',
    FAMILY,
  ),
  row('gauge', 'blob_files', 'count', 'Blob files.', FAMILY),
  row('gauge', 'blob_bytes', 'bytes', 'Bytes of blob files.', FAMILY),
  row('gauge', 'blob_garbage_bytes', 'bytes', 'Bytes of blob files that are garbage.', FAMILY),
  row(
    'counter',
    'expired_rows_hidden_total',
    'count',
    'Rows that had expired when a read passed over them.',
    FAMILY,
  ),
  row(
    'counter',
    'expired_rows_dropped_total',
    'count',
    'Rows that compactions dropped because they had expired.',
    FAMILY,
  ),
  row(
    'gauge',
    'read_amplification',
    'ratio',
    'Places where a point read may have to look: memtables, files of level 0, other levels with files.',
    FAMILY,
  ),
  row(
    'gauge',
    'write_amplification',
    'ratio',
    'Bytes written by flushes and compactions for each byte flushed, since the open.',
    FAMILY,
  ),
] as const

const LEVELS = [
  row('gauge', 'level_files', 'count', 'SST files of a level.', ['column_family', 'level']),
  row('gauge', 'level_bytes', 'bytes', 'Bytes of SST files of a level.', [
    'column_family',
    'level',
  ]),
] as const

const grouped = (group: MetricGroup, rows: readonly Row[]): MetricRow[] =>
  rows.map((each) => ({ ...each, group }))

/** Every metric but those of RocksDB's statistics, which have the prefix `rocksdb_`. */
export const METRICS: readonly MetricRow[] = [
  ...grouped('core', EVERY),
  ...grouped('writes', WRITES),
  ...grouped('reads', READS),
  ...grouped('transactions', TRANSACTIONS),
  ...grouped('changes', CHANGES),
  ...grouped('backup', BACKUP),
  ...grouped('replica', REPLICA),
  ...grouped('jobs', JOBS),
  ...grouped('families', FAMILIES),
  ...grouped('levels', LEVELS),
]

type HistogramOf<Rows extends readonly Row[]> = Extract<Rows[number], { buckets: Buckets }>

/** A histogram whose buckets can be chosen: the name of a metric in `METRICS` of the type `histogram`. */
export type HistogramName = HistogramOf<
  typeof EVERY | typeof WRITES | typeof READS | typeof JOBS
>['name']

/** Every histogram. */
export const HISTOGRAMS = METRICS.filter(
  (metric): metric is HistogramRow<HistogramName> & MetricRow => metric.type === 'histogram',
)

/** Default bounds of the buckets of each histogram, in the unit of the metric. */
export const DEFAULT_BUCKETS = Object.freeze(
  Object.fromEntries(HISTOGRAMS.map(({ name, buckets }) => [name, buckets])),
) as Readonly<Record<HistogramName, Buckets>>

/** Bounds of buckets, in milliseconds, for `write_batch_ms` where writes take less than one. */
export const SUB_MILLISECOND_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 50, 100, 500, 1000,
] as const
