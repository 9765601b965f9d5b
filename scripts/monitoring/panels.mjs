// The panels of the dashboard, in rows: what each asks Prometheus, and what a person should see in it. `sum`, `rate`
// and the like are PromQL; METRIC{} becomes a series of the chosen jobs and databases.

import { backup } from './backup.mjs'
import { headline } from './headline.mjs'
import { memory } from './memory.mjs'
import { BY, FAMILY, NAME, one, perSecond, quantiles } from './queries.mjs'
import { replica } from './replica.mjs'

const writes = {
  row: 'Writes',
  panels: [
    {
      title: 'Time of a committed write',
      unit: 'ms',
      queries: quantiles('node_db_write_batch_ms'),
      text: 'Measured around the commit. Jumps together with stalls; steady rise with syncs: a slow disk.',
    },
    {
      title: 'Committed writes',
      unit: 'wps',
      queries: one(perSecond('node_db_write_batch_ms_count')),
      text: 'Batches, whatever is in them.',
    },
    {
      title: 'Bytes and keys written',
      unit: 'Bps',
      queries: [
        { expr: perSecond('node_db_written_bytes_total'), legend: `bytes ${NAME}` },
        { expr: perSecond('node_db_wal_written_bytes_total'), legend: `WAL ${NAME}` },
      ],
      text: 'What was asked for, and what of it went to the write-ahead log.',
    },
    {
      title: 'Size of a batch',
      unit: 'bytes',
      queries: quantiles('node_db_write_batch_bytes'),
      text: 'Small batches cost the most per byte.',
    },
    {
      title: 'Operations of a batch',
      unit: 'none',
      queries: quantiles('node_db_write_batch_operations'),
      text: 'Puts, deletes and merges of one commit.',
    },
    {
      title: 'Keys written',
      unit: 'ops',
      queries: one(perSecond('node_db_written_keys_total')),
      text: 'Keys of all families.',
    },
    {
      title: 'Commit queue',
      unit: 'none',
      queries: one('node_db_commit_queue_length{}'),
      text: 'Writes that wait. It should fall back to 0: if it does not, writers outrun the disk.',
    },
    {
      title: 'Wait in the commit queue',
      unit: 's',
      queries: quantiles('node_db_commit_queue_wait_seconds'),
      text: 'From the call to its commit, of those that were queued.',
    },
    {
      title: 'Write-ahead log',
      unit: 'ops',
      queries: [
        { expr: perSecond('node_db_wal_writes_total'), legend: `writes ${NAME}` },
        { expr: perSecond('node_db_wal_synced_total'), legend: `syncs ${NAME}` },
      ],
      text: 'Many writes for each sync is good: they share it.',
    },
    {
      title: 'Time of a sync of the WAL',
      unit: 's',
      queries: quantiles('node_db_wal_sync_seconds'),
      text: 'What the disk takes for it. Synced writes are never faster than this.',
    },
    {
      title: 'WAL files',
      unit: 'bytes',
      queries: one('node_db_wal_bytes{}'),
      text: 'Grows while one family is never flushed; opening reads all of it.',
    },
  ],
}

const stalls = {
  row: 'Stalls',
  panels: [
    {
      title: 'Time writes were held up',
      unit: 'percentunit',
      queries: one(perSecond('node_db_write_stall_seconds_total')),
      text: 'Share of the time, summed over writers. 0 is good; above 5 % people notice.',
    },
    {
      title: 'Stalls by cause',
      unit: 'none',
      queries: one(
        `sum by (${BY}, cause, action) (increase(node_db_write_stalls_total{}[$__rate_interval]))`,
        '{{db}} {{cause}} {{action}} {{instance}}',
      ),
      text: 'memtable: flushes are slow. level0_files, pending_compaction_bytes: compaction is.',
    },
    {
      title: 'Delayed write rate',
      unit: 'Bps',
      queries: one('node_db_delayed_write_rate_bytes_per_second{}'),
      text: 'What RocksDB slows writers down to; 0 where it does not.',
    },
  ],
}

const compaction = {
  row: 'Flush and compaction',
  panels: [
    {
      title: 'Jobs running',
      unit: 'none',
      queries: [
        { expr: 'node_db_compaction_jobs{}', legend: `compactions ${NAME}` },
        { expr: 'node_db_flush_jobs{}', legend: `flushes ${NAME}` },
      ],
      text: 'Always as many as there can be: not enough threads, or too slow a disk.',
    },
    {
      title: 'Left to compact',
      unit: 'bytes',
      queries: one(`sum by (${BY}, column_family) (node_db_pending_compaction_bytes{})`, FAMILY),
      text: 'From 64 GiB on, writes of the database are slowed down; from 256 GiB on, stopped.',
    },
    {
      title: 'Time spent compacting',
      unit: 'percentunit',
      queries: one(perSecond('node_db_compaction_seconds_total')),
      text: '2 is two threads all the time.',
    },
    {
      title: 'Bytes of flushes and compactions',
      unit: 'Bps',
      queries: [
        { expr: perSecond('node_db_flush_written_bytes_total'), legend: `flushed ${NAME}` },
        { expr: perSecond('node_db_compaction_written_bytes_total'), legend: `compacted ${NAME}` },
        { expr: perSecond('node_db_compaction_read_bytes_total'), legend: `read ${NAME}` },
      ],
      text: 'What keeping order costs the disk.',
    },
    {
      title: 'Flushes and compactions ended',
      unit: 'ops',
      queries: [
        { expr: perSecond('node_db_flushes_total'), legend: `flushes ${NAME}` },
        { expr: perSecond('node_db_compactions_total'), legend: `compactions ${NAME}` },
      ],
      text: 'Many flushes of small files: writeBufferMb is too small, or memory too short.',
    },
    {
      title: 'Background errors',
      unit: 'none',
      queries: one(
        `sum by (${BY}) (increase(node_db_background_errors_total{}[$__rate_interval]))`,
      ),
      text: 'Any is a reason to look at the disk.',
    },
    {
      title: 'Events dropped',
      unit: 'none',
      queries: one(`sum by (${BY}) (increase(node_db_events_dropped_total{}[$__rate_interval]))`),
      text: 'A listener of db.on holds the event loop up; metrics are not affected.',
    },
  ],
}

const reads = {
  row: 'Cache and reads',
  panels: [
    {
      title: 'Operations',
      unit: 'ops',
      queries: one(
        perSecond('node_db_operations_total', `${BY}, operation`),
        '{{db}} {{operation}} {{instance}}',
      ),
      text: 'Calls by their method, of reads and of writes. Many gets in place of few getMany cost the most.',
    },
    {
      title: 'Block cache',
      unit: 'bytes',
      queries: [
        { expr: 'node_db_block_cache_capacity_bytes{}', legend: `capacity ${NAME}` },
        { expr: 'node_db_block_cache_usage_bytes{}', legend: `used ${NAME}` },
        { expr: 'node_db_block_cache_pinned_bytes{}', legend: `pinned ${NAME}` },
      ],
      text: 'Pinned near capacity: scans and indexes leave no room for data.',
    },
    {
      title: 'Block cache hits',
      unit: 'percentunit',
      queries: one(
        `${perSecond('node_db_block_cache_hits_total', `${BY}, kind`)} / (${perSecond(
          'node_db_block_cache_hits_total',
          `${BY}, kind`,
        )} + ${perSecond('node_db_block_cache_misses_total', `${BY}, kind`)})`,
        '{{db}} {{kind}} {{instance}}',
      ),
      text: 'Needs statistics. Indexes and filters should be above 99 %.',
    },
    {
      title: 'Reads of files that filters saved',
      unit: 'percentunit',
      queries: one(
        `${perSecond('node_db_filter_useful_total')} / (${perSecond(
          'node_db_filter_useful_total',
        )} + ${perSecond('node_db_filter_positives_total')})`,
      ),
      text: 'Needs statistics. Low where most keys that are read exist.',
    },
    {
      title: 'Filters that were wrong',
      unit: 'percentunit',
      queries: one(
        `1 - ${perSecond('node_db_filter_true_positives_total')} / ${perSecond(
          'node_db_filter_positives_total',
        )}`,
      ),
      text: 'Needs statistics. About 1 % with 10 bits a key.',
    },
    {
      title: 'Time of a point read',
      unit: 's',
      queries: quantiles('node_db_read_latency_seconds'),
      text: 'Sampled; needs the option readLatency of collectMetrics.',
    },
    {
      title: 'Bytes read',
      unit: 'Bps',
      queries: one(perSecond('node_db_read_bytes_total')),
      text: 'By gets, multi-gets and iterators. Needs statistics.',
    },
  ],
}

const transactions = {
  row: 'Transactions',
  panels: [
    {
      title: 'Transactions ended',
      unit: 'ops',
      queries: [
        { expr: perSecond('node_db_transactions_committed_total'), legend: `committed ${NAME}` },
        {
          expr: perSecond('node_db_transactions_rolled_back_total'),
          legend: `rolled back ${NAME}`,
        },
      ],
      text: 'Many that are rolled back: errors of their functions, or commits by hand that were forgotten.',
    },
    {
      title: 'Retries and waits for locks',
      unit: 'ops',
      queries: [
        { expr: perSecond('node_db_transaction_retries_total'), legend: `retries ${NAME}` },
        { expr: perSecond('node_db_transaction_lock_waits_total'), legend: `lock waits ${NAME}` },
      ],
      text: 'As many as commits: many want the same keys.',
    },
    {
      title: 'Conflicts',
      unit: 'ops',
      queries: one(
        perSecond('node_db_transaction_conflicts_total', `${BY}, conflict`),
        '{{db}} {{conflict}} {{instance}}',
      ),
      text: 'What attempts and locks met. Deadlocks: lock in one order.',
    },
    {
      title: 'Open transactions',
      unit: 'none',
      queries: one('node_db_transactions_open{}'),
      text: 'A line that only rises: they are begun by hand and not ended.',
    },
    {
      title: 'Age of the oldest transaction',
      unit: 's',
      queries: one('node_db_oldest_transaction_age_seconds{}'),
      text: 'Minutes are fine for a report, and not for one that writes.',
    },
    {
      title: 'Window of transactions',
      unit: 'bytes',
      queries: one('node_db_transaction_window_bytes{}'),
      text: 'Near transactionWindowMb, the oldest that writes is about to fail.',
    },
    {
      title: 'WAL kept for places',
      unit: 'bytes',
      queries: one('node_db_changes_lag_bytes{}', '{{db}} {{place}} {{instance}}'),
      text: 'A line that only rises: the consumer of that place stands still.',
    },
    {
      title: 'Age of WAL kept for places',
      unit: 's',
      queries: one('node_db_changes_age_seconds{}', '{{db}} {{place}} {{instance}}'),
      text: 'How far behind the consumer of each place is.',
    },
    {
      title: 'Lost places, readers of changes',
      unit: 'none',
      queries: [
        { expr: 'node_db_changes_lost{}', legend: 'lost: {{db}} {{place}} {{instance}}' },
        { expr: 'node_db_changes_readers{}', legend: `readers ${NAME}` },
      ],
      text: 'A lost place: its consumer has to begin anew.',
    },
  ],
}

const family = (metric, by = 'column_family') => `sum by (${BY}, ${by}) (${metric}{})`
const perFamily = (metric) => `sum by (${BY}, column_family) (rate(${metric}{}[$__rate_interval]))`

const families = {
  row: 'Families',
  panels: [
    ['Keys', 'short', 'node_db_keys', 'As RocksDB estimates them.'],
    ['Live data', 'bytes', 'node_db_live_data_bytes', 'Estimated. Far below the files: garbage.'],
    ['Memtables', 'bytes', 'node_db_memtable_bytes', 'Not flushed yet, or pinned.'],
    ['Number of memtables', 'none', 'node_db_memtables', 'At maxWriteBufferNumber writes stop.'],
    ['Read amplification', 'none', 'node_db_read_amplification', 'Places to look. 20 is a lot.'],
    ['Write amplification', 'none', 'node_db_write_amplification', '10 to 30 is usual.'],
    ['Blob files', 'bytes', 'node_db_blob_bytes', 'Large values that stand beside the SST files.'],
    ['Blob garbage', 'bytes', 'node_db_blob_garbage_bytes', 'Half of the blobs: collect more.'],
    ['Number of blob files', 'none', 'node_db_blob_files', 'Each takes a descriptor.'],
  ]
    .map(([title, unit, metric, text]) => ({
      title,
      unit,
      queries: one(family(metric), FAMILY),
      text,
    }))
    .concat([
      {
        title: 'Rows that expired',
        unit: 'none',
        queries: [
          { expr: perFamily('node_db_expired_rows_hidden_total'), legend: `hidden ${FAMILY}` },
          { expr: perFamily('node_db_expired_rows_dropped_total'), legend: `dropped ${FAMILY}` },
        ],
        text: 'Passed over by reads, and dropped by compactions, each second.',
      },
      {
        title: 'Files of a level',
        unit: 'none',
        queries: one(family('node_db_level_files', 'level'), '{{db}} level {{level}} {{instance}}'),
        text: 'Level 0 delays writes from 20 files of a family on, and stops them from 36 on.',
      },
      {
        title: 'Bytes of a level',
        unit: 'bytes',
        queries: one(family('node_db_level_bytes', 'level'), '{{db}} level {{level}} {{instance}}'),
        text: 'Each about ten times the one above it.',
      },
      {
        title: 'Files in level 0 by family',
        unit: 'none',
        queries: one(`sum by (${BY}, column_family) (node_db_level_files{level="0"})`, FAMILY),
        text: 'The family whose compaction is behind.',
      },
    ]),
}

/** All rows, in the order in which a person on call looks at them. */
export const ROWS = [
  headline,
  writes,
  stalls,
  compaction,
  reads,
  transactions,
  backup,
  replica,
  memory,
  families,
]
