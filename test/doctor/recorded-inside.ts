/** For each rule that cannot be made to find something here in a second: evidence of the fault, and of almost one. */

import type { Collected } from '../../lib/doctor/evidence'
import {
  family,
  figures,
  log,
  many,
  opened,
  optionsWith,
  properties,
  stallDump,
  tickers,
} from './recorded'

const MIB = 1_048_576

export interface Recorded {
  rule: string
  fault: Partial<Collected>
  nearly: Partial<Collected>
}

const level0 = (index: number) =>
  `[WARN] [db/column_family.cc:994] [users] Stopping writes because we have ${36 + (index % 3)} level-0 files`
const memtables = () =>
  '[WARN] [db/column_family.cc:980] [users] Stopping writes because we have 2 immutable memtables (waiting for flush), max_write_buffer_number is set to 2'
const pending = () =>
  '[WARN] [db/column_family.cc:1063] [users] Stalling writes because of estimated pending compaction bytes 70000000000 rate 16777216'
const bufferFlush = (bytes: number) => (index: number) =>
  `EVENT_LOG_v1 {"time_micros": ${1_795_938_730_868_299 + index * 1_000_000}, "job": ${index}, "event": "flush_started", "num_memtables": 1, "total_num_input_entries": 9, "num_deletes": 0, "total_data_size": ${bytes}, "memory_usage": 1048600, "num_range_deletes": 0, "flush_reason": "Write Buffer Manager"}`
/** `rule` has something to say of `fault`, and no rule has of `nearly`. */
export const RECORDED_INSIDE: readonly Recorded[] = [
  {
    rule: 'writes-stopped-by-level0',
    fault: {
      open: { unknown: 'closed' },
      files: { unknown: 'closed' },
      opened: 'files',
      log: log(...many(120, 10, level0), ...stallDump(1000, '45.2')),
    },
    nearly: { log: log(...many(20, 10, level0), ...stallDump(1000, '0.4')) },
  },
  {
    rule: 'writes-stopped-by-level0',
    fault: { open: family({ levelFiles: [40, 0, 0, 0, 0, 0, 0] }) },
    nearly: {
      open: family({ levelFiles: [40] }),
      options: optionsWith({ disable_auto_compactions: 'true' }),
    },
  },
  {
    rule: 'writes-stopped-by-memtables',
    fault: { log: log(...many(120, 10, memtables), ...stallDump(1000, '30.0')) },
    nearly: { log: log(...many(99, 10, memtables), ...stallDump(400, '30.0')) },
  },
  {
    rule: 'writes-stopped-by-pending-compaction',
    fault: { log: log(...many(50, 10, pending), ...stallDump(1000, '21.0')) },
    nearly: { log: log(...many(50, 10, pending), ...stallDump(1000, '19.0')) },
  },
  {
    rule: 'writes-stopped-by-buffer-limit',
    fault: {
      open: {
        ...properties({
          'rocksdb.size-all-mem-tables': 64 * MIB,
          'rocksdb.cur-size-all-mem-tables': 64 * MIB,
        }),
        tuning: { dbWriteBufferMb: 64, allowStall: true },
      },
    },
    nearly: {
      open: {
        ...properties({
          'rocksdb.size-all-mem-tables': 64 * MIB,
          'rocksdb.cur-size-all-mem-tables': 64 * MIB,
        }),
        tuning: { dbWriteBufferMb: 64, allowStall: false },
      },
    },
  },
  {
    rule: 'write-buffer-budget-too-small',
    fault: { log: log(...many(30, 10, bufferFlush(20_000))) },
    nearly: { log: log(...many(30, 10, bufferFlush(20 * MIB))) },
  },
  {
    rule: 'memtables-kept',
    fault: { open: properties({ 'rocksdb.size-all-mem-tables': 300 * MIB }) },
    nearly: { open: properties({ 'rocksdb.size-all-mem-tables': 70 * MIB }) },
  },
  {
    rule: 'old-snapshot',
    fault: { open: figures({ snapshots: 1, oldest_snapshot_age_seconds: 1200 }) },
    nearly: { open: figures({ snapshots: 3, oldest_snapshot_age_seconds: 500 }) },
  },
  {
    rule: 'indexes-fill-cache',
    fault: {
      open: opened({
        cache: {
          capacity: 256 * MIB,
          bytes: { 'index-block': 80 * MIB, 'filter-block': 90 * MIB },
        },
      }),
    },
    nearly: {
      open: opened({
        cache: {
          capacity: 256 * MIB,
          bytes: { 'index-block': 50 * MIB, 'filter-block': 50 * MIB },
        },
      }),
    },
  },
  {
    rule: 'indexes-fill-cache',
    fault: { open: properties({ 'rocksdb.estimate-table-readers-mem': 900 * MIB }) },
    nearly: { open: properties({ 'rocksdb.estimate-table-readers-mem': 100 * MIB }) },
  },
  {
    rule: 'cache-too-small',
    fault: {
      open: {
        ...tickers({ 'rocksdb.block.cache.hit': 50_000, 'rocksdb.block.cache.miss': 50_000 }),
        figures: { ...figures({}).figures, block_cache_pinned_bytes: 200 * MIB },
      },
    },
    nearly: {
      open: tickers({ 'rocksdb.block.cache.hit': 50_000, 'rocksdb.block.cache.miss': 50_000 }),
    },
  },
  {
    rule: 'cache-contended',
    fault: {
      open: opened({ tuning: { blockCacheType: 'lru' } }),
      process: { openFiles: 9, openFileLimit: 1024, cores: 32 },
    },
    nearly: { open: opened({ tuning: { blockCacheType: 'lru' } }) },
  },
  {
    rule: 'memory-unaccounted',
    fault: {
      memory: {
        anonymousBytes: 2000 * MIB,
        scriptBytes: 100 * MIB,
        libc: 'glibc',
        arenaMax: undefined,
        allocator: undefined,
      },
    },
    nearly: {
      memory: {
        anonymousBytes: 2000 * MIB,
        scriptBytes: 100 * MIB,
        libc: 'glibc',
        arenaMax: '2',
        allocator: undefined,
      },
    },
  },
]
