// The dashboard's row of memory.
import { BY, NAME, one } from './queries.mjs'

/** What RocksDB holds in memory, and what keeps it from letting go. */
export const memory = {
  row: 'Memory and what is held',
  panels: [
    {
      title: 'Memory of RocksDB',
      unit: 'bytes',
      queries: [
        { expr: `sum by (${BY}) (node_db_memtable_bytes{})`, legend: `memtables ${NAME}` },
        { expr: 'node_db_block_cache_usage_bytes{}', legend: `block cache ${NAME}` },
      ],
      text: 'With memoryBudgetMb, memtables are in the cache: do not add the two up then.',
    },
    {
      title: 'Open cursors and snapshots',
      unit: 'none',
      queries: [
        { expr: 'node_db_open_cursors{}', legend: `cursors ${NAME}` },
        { expr: 'node_db_snapshots{}', legend: `snapshots ${NAME}` },
      ],
      text: 'A line that only rises is a leak.',
    },
    {
      title: 'Age of the oldest snapshot',
      unit: 's',
      queries: one('node_db_oldest_snapshot_age_seconds{}'),
      text: 'A line that rises for hours: someone did not release it.',
    },
  ],
}
