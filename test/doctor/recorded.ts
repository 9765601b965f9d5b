/** Evidence as it was collected from databases that cannot be made here in a second, and a healthy one to change. */

import { logOf } from '../../lib/doctor/collect/log'
import type { Collected, OpenEvidence } from '../../lib/doctor/evidence'

const MIB = 1_048_576

const open: OpenEvidence = {
  figures: {
    write_stopped: 0,
    write_buffer_manager_stops: 0,
    snapshots: 0,
    open_cursors: 0,
    oldest_snapshot_age_seconds: 0,
    block_cache_capacity_bytes: 256 * MIB,
    block_cache_usage_bytes: 100 * MIB,
    block_cache_pinned_bytes: 10 * MIB,
  },
  families: [
    {
      name: 'default',
      figures: { memtables: 1, pending_compaction_bytes: 0, live_data_bytes: 100 * MIB },
      levelFiles: [2, 0, 0, 0, 0, 0, 4],
      levelBytes: [10 * MIB, 0, 0, 0, 0, 0, 100 * MIB],
      stalls: {},
    },
  ],
  properties: {
    'rocksdb.size-all-mem-tables': 10 * MIB,
    'rocksdb.cur-size-all-mem-tables': 10 * MIB,
    'rocksdb.num-live-versions': 1,
    'rocksdb.estimate-table-readers-mem': MIB,
    'rocksdb.obsolete-sst-files-size': 0,
    'rocksdb.min-log-number-to-keep': 4,
  },
  cache: { capacity: 256 * MIB, bytes: { 'index-block': MIB, 'filter-block': MIB } },
  statistics: {
    tickers: { 'rocksdb.block.cache.hit': 90_000, 'rocksdb.block.cache.miss': 10_000 },
    histograms: { 'rocksdb.wal.file.sync.micros': { count: 1000, p99: 5_000 } },
  },
  tuning: {
    dbWriteBufferMb: 512,
    allowStall: false,
    blockCacheType: 'hyper-clock',
    maxTotalWalMb: 0,
  },
  health: 'ok',
  healthCause: undefined,
  openSeconds: 0.1,
}

/** A line of LOG at a second of the day. */
export const at = (second: number, text: string) => {
  const two = (number: number) => String(number).padStart(2, '0')
  const [hours, minutes] = [Math.floor(second / 3600), Math.floor(second / 60) % 60]
  return `2026/11/29-${two(hours)}:${two(minutes)}:${two(second % 60)}.672906 28962 ${text}`
}

/** LOG of an opening, as 9.7.4 and 11.8.1 write it. */
export const opening = (version = '11.8.1', seconds = 0) => [
  at(1, `RocksDB version: ${version}`),
  at(1, 'Fast CRC32 supported: Supported on x86'),
  at(1, '\tkZSTD supported: 1'),
  at(1, '\tkLZ4Compression supported: 1'),
  at(1, '[db/version_set.cc:5942] Recovering from manifest file: /data/MANIFEST-000005'),
  at(1 + seconds, '[db/db_impl/db_impl_open.cc:2198] SstFileManager instance 0x7f8f6c034041'),
  at(1 + seconds, 'DB pointer 0x7f8f6c034040'),
]

export const log = (...lines: string[]) => logOf([...opening(), ...lines, ''].join('\n'))

/** Many lines of LOG, one a second from this second on. */
export const many = (count: number, second: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => at(second + index, text(index)))

/** The dump of statistics, with the share that writes stood still. */
export const stallDump = (second: number, percent: string) => [
  at(second, '[db/db_impl/db_impl.cc:1156] ------- DUMPING STATS -------'),
  `Cumulative stall: 00:20:0.000 H:M:S, ${percent} percent`,
  at(second, 'done'),
]

const options = {
  write_buffer_size: String(64 * MIB),
  max_write_buffer_number: '2',
  level0_slowdown_writes_trigger: '20',
  level0_stop_writes_trigger: '36',
  soft_pending_compaction_bytes_limit: String(64 * 1024 * MIB),
  hard_pending_compaction_bytes_limit: String(256 * 1024 * MIB),
  arena_block_size: String(MIB),
  target_file_size_base: String(64 * MIB),
  disable_auto_compactions: 'false',
  'table.filter_policy': 'bloomfilter:10:false',
}

/** A healthy database that is open in this process. */
export const HEALTHY: Collected = {
  path: '/data/shop',
  atMs: Date.UTC(2026, 10, 29, 12),
  opened: 'live',
  rocksdb: '11.8.1',
  log: log(),
  options: {
    name: 'OPTIONS-000007',
    version: '11.8.1',
    db: {
      compaction_readahead_size: String(2 * MIB),
      max_total_wal_size: '0',
      max_open_files: '1000',
    },
    families: { default: options },
  },
  directory: {
    names: 12,
    tables: 6,
    levelTables: 0,
    wal: [{ name: '000012.log', bytes: 10 * MIB, modifiedMs: 0 }],
    current: 'MANIFEST-000005\n',
    manifests: [{ name: 'MANIFEST-000005', bytes: 1000 }],
    hasIdentity: true,
    hasOptions: true,
    future: [],
  },
  tables: { unknown: 'RocksDB has looked at the tables when it opened the database' },
  open,
  files: [],
  fileSystem: { type: 'ext4', freeBytes: 100 * 1024 * MIB, totalBytes: 200 * 1024 * MIB },
  largestReadBytes: 1280 * 1024,
  process: { openFiles: 100, openFileLimit: 1024, cores: 8 },
  memory: {
    anonymousBytes: 300 * MIB,
    scriptBytes: 100 * MIB,
    libc: 'glibc',
    arenaMax: undefined,
    allocator: undefined,
  },
  holder: undefined,
  probe: { unknown: 'the disk is measured only with the option probe' },
  openErrors: [],
}

/** What an open database says, with changes. */
export const opened = (changes: Partial<OpenEvidence>): OpenEvidence => ({ ...open, ...changes })
/** The same, with other figures. */
export const figures = (changes: Record<string, number>) =>
  opened({ figures: { ...open.figures, ...changes } })
/** The same, with other properties. */
export const properties = (changes: Record<string, number>) =>
  opened({ properties: { ...open.properties, ...changes } })
/** The same, with other figures of its family. */
export const family = (changes: object) =>
  opened({ families: open.families.map((one) => ({ ...one, ...changes })) })
/** The same, with other counters. */
export const tickers = (changes: Record<string, number>) => {
  const statistics = open.statistics as { tickers: Record<string, number>; histograms: object }
  return opened({
    statistics: { ...statistics, tickers: { ...statistics.tickers, ...changes } } as never,
  })
}
/** Options of its family, with changes. */
export const optionsWith = (
  own: Record<string, string>,
  db: Record<string, string> = {},
  version = '11.8.1',
) =>
  ({
    ...HEALTHY.options,
    version,
    db: { ...(HEALTHY.options as { db: object }).db, ...db },
    families: { default: { ...options, ...own } },
  }) as Collected['options']
