// The first row of the dashboard: what a person on call looks at first.
import { one, quantile } from './queries.mjs'

/** Each shows one figure or state. */
export const headline = {
  row: 'At a glance',
  panels: [
    {
      title: 'Size on disk',
      kind: 'stat',
      unit: 'bytes',
      queries: one('node_db_size_bytes{}'),
      text: 'SST, blob and WAL files. More than 10 % a day is an alert.',
    },
    {
      title: 'Writes, p95',
      kind: 'stat',
      unit: 'ms',
      steps: [null, 50, 100],
      queries: one(quantile(0.95, 'node_db_write_batch_ms')),
      text: 'Of committed writes. Above 100 ms is an alert: see Writes and Stalls below.',
    },
    {
      title: 'Compactions running',
      kind: 'stat',
      unit: 'none',
      queries: one('node_db_compaction_jobs{}'),
      text: 'As many as maxBackgroundJobs for a long time: compaction does not keep up.',
    },
    {
      title: 'WAL syncs',
      kind: 'stat',
      unit: 'ops',
      queries: one('rate(node_db_wal_synced_total{}[$__rate_interval])'),
      text: 'Each costs a round trip to the disk. None where synced writes are expected: nothing is promised.',
    },
    {
      title: 'Background error',
      kind: 'state',
      states: { 0: 'none', 1: 'soft', 2: 'hard: no writes', 3: 'fatal', 4: 'unrecoverable' },
      queries: one('node_db_background_error_severity{}'),
      text: 'From hard on, writes are refused. /health and db.healthCause say why.',
    },
    {
      title: 'Writes stopped',
      kind: 'state',
      states: { 0: 'flowing', 1: 'stopped' },
      queries: one('node_db_write_stopped{}'),
      text: 'Stopped: all writers wait for flushes or compactions.',
    },
    {
      title: 'Growth of a day',
      kind: 'stat',
      unit: 'percentunit',
      steps: [null, 0.05, 0.1],
      queries: one(
        'avg_over_time(node_db_size_bytes{}[1h]) / avg_over_time(node_db_size_bytes{}[1h] offset 1d) - 1',
      ),
      text: 'Averages of an hour, against the same hour a day ago.',
    },
    {
      title: 'Oldest snapshot',
      kind: 'stat',
      unit: 's',
      steps: [null, 600, 3600],
      queries: one('node_db_oldest_snapshot_age_seconds{}'),
      text: 'Old data stays on the disk as long as it is held.',
    },
    {
      title: 'Free on the disk',
      kind: 'stat',
      unit: 'bytes',
      queries: one('node_db_disk_free_bytes{}'),
      text: 'Where the database is. A compaction needs room for what it writes before it deletes.',
    },
    {
      title: 'Free on the disk in a day',
      kind: 'stat',
      unit: 'bytes',
      queries: one('predict_linear(node_db_disk_free_bytes{}[6h], 86400)'),
      text: 'As the last six hours go on. Below 0 is an alert.',
    },
    {
      title: 'Time of opening',
      kind: 'stat',
      unit: 's',
      queries: one('node_db_open_seconds{}'),
      text: 'Mostly the WAL, which opening reads; waiting for whoever had the directory before is in it.',
    },
    {
      title: 'Versions',
      kind: 'stat',
      unit: 'none',
      queries: one(
        'node_db_build_info{}',
        '{{rocksdb_live_version}}, RocksDB {{rocksdb_version}}, Node {{node_version}} {{instance}}',
      ),
      text: 'Of the package, of RocksDB and of Node.',
    },
  ],
}
