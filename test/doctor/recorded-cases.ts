/** For each rule that cannot be made to find something here in a second: evidence of the fault, and of almost one. */
import type { Collected } from '../../lib/doctor/evidence'
import {
  at,
  family,
  figures,
  HEALTHY,
  log,
  many,
  opened,
  opening,
  optionsWith,
  properties,
  stallDump,
  tickers,
} from './recorded'
import { logOf } from '../../lib/doctor/collect/log'

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
const compaction = (reason: string) => (index: number) =>
  `EVENT_LOG_v1 {"time_micros": ${1_795_938_730_868_299 + index * 1_000_000}, "job": ${index}, "event": "compaction_started", "cf_name": "users", "compaction_reason": "${reason}", "files_L6": [18], "score": 1, "input_data_size": 19406, "oldest_snapshot_seqno": -1}`

const setWhile = (version: string, family: string) =>
  logOf(
    [
      ...opening(version),
      at(9, '[db/flush_job.cc:878] [users] [JOB 2] Flushing memtable with next log file: 8'),
      at(10, `[db/db_impl/db_impl.cc:1187] [${family}] SetOptions() succeeded`),
      at(
        11,
        '(Original Log Time 2026/11/29-07:52:10.888389) EVENT_LOG_v1 {"time_micros": 1795938730888384, "job": 2, "event": "flush_finished", "output_compression": "ZSTD"}',
      ),
      '',
    ].join('\n'),
  )

const clockAt = (micros: readonly number[]) =>
  log(
    ...micros.map((time, index) =>
      at(
        20 + index,
        `EVENT_LOG_v1 {"time_micros": ${time}, "job": 1, "event": "table_file_deletion", "file_number": 9}`,
      ),
    ),
  )

const table = (count: number) => ({
  checked: count,
  bad: [],
  formats: { 6: count },
})

const mismatch = (offset: number) =>
  `[ERROR] [db/db_impl/db_impl_compaction_flush.cc:3969] Waiting after background compaction error: Corruption: block checksum mismatch: stored = 1, computed = 2, type = 4  in /data/000028.sst offset ${offset} size 4096, Accumulated background error counts: 1`

/** `rule` has something to say of `fault`, and no rule has of `nearly`. */
export const RECORDED: readonly Recorded[] = [
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
  {
    rule: 'too-many-open-files',
    fault: { process: { openFiles: 900, openFileLimit: 1024, cores: 8 } },
    nearly: { process: { openFiles: 700, openFileLimit: 1024, cores: 8 } },
  },
  {
    rule: 'too-many-open-files',
    fault: {
      log: log(
        at(
          9,
          '[ERROR] [db/version_set.cc:1] Unable to load table properties for file 9 --- IO error: While open a file for random read: /data/000009.sst: Too many open files',
        ),
      ),
    },
    nearly: { log: log(at(9, '[WARN] [db/version_set.cc:1] 15000 open files are allowed')) },
  },
  {
    rule: 'slow-opening',
    fault: { log: logOf(`${opening('9.7.4', 95).join('\n')}\n`) },
    nearly: { log: logOf(`${opening('9.7.4', 4).join('\n')}\n`) },
  },
  {
    rule: 'wal-grows',
    fault: {
      directory: {
        ...(HEALTHY.directory as object),
        wal: [{ name: '000004.log', bytes: 2048 * MIB, modifiedMs: 5 }],
      } as never,
    },
    nearly: {
      directory: {
        ...(HEALTHY.directory as object),
        wal: [{ name: '000004.log', bytes: 400 * MIB, modifiedMs: 5 }],
      } as never,
    },
  },
  {
    rule: 'disk-full',
    fault: { fileSystem: { type: 'ext4', freeBytes: 20 * MIB, totalBytes: 1000 * MIB } },
    nearly: { fileSystem: { type: 'ext4', freeBytes: 400 * MIB, totalBytes: 1000 * MIB } },
  },
  {
    rule: 'disk-full',
    fault: {
      open: opened({ health: 'readOnly', healthCause: 'IO error: No space left on device' }),
    },
    nearly: { open: opened({ health: 'ok', healthCause: 'a place of which changes were lost' }) },
  },
  {
    rule: 'disk-full',
    fault: {
      log: log(
        at(
          9,
          '[WARN] [db/error_handler.cc:395] Background IO error IO error: No space left on device: While appending to file: /data/000012.sst: No space left on device, reason 0',
        ),
      ),
    },
    nearly: { log: log(at(9, '[db/error_handler.cc:395] Resuming DB')) },
  },
  {
    rule: 'files-larger-than-data',
    fault: {
      open: family({
        figures: {
          live_data_bytes: 100 * MIB,
          blob_bytes: 100 * MIB,
          blob_garbage_bytes: 60 * MIB,
        },
      }),
    },
    nearly: {
      open: family({
        figures: {
          live_data_bytes: 100 * MIB,
          blob_bytes: 100 * MIB,
          blob_garbage_bytes: 20 * MIB,
        },
      }),
    },
  },
  {
    rule: 'compactions-by-age',
    fault: { log: log(...many(20, 10, compaction('Ttl'))) },
    nearly: {
      log: log(
        ...many(20, 10, compaction('Ttl')),
        ...many(40, 60, compaction('LevelL0FilesNum')).map((line) =>
          line.replaceAll('17959387', '17959388'),
        ),
      ),
    },
  },
  {
    rule: 'slow-sync',
    fault: {
      open: opened({
        statistics: {
          tickers: {},
          histograms: { 'rocksdb.wal.file.sync.micros': { count: 500, p99: 250_000 } },
        },
      }),
    },
    nearly: {
      open: opened({
        statistics: {
          tickers: {},
          histograms: { 'rocksdb.wal.file.sync.micros': { count: 5, p99: 250_000 } },
        },
      }),
    },
  },
  {
    rule: 'slow-sync',
    fault: { probe: Array.from({ length: 20 }, () => 180) },
    nearly: { probe: [...Array.from({ length: 19 }, () => 4), 400] },
  },
  {
    rule: 'unfit-file-system',
    fault: { fileSystem: { type: 'nfs', freeBytes: 1e12, totalBytes: 2e12 } },
    nearly: { fileSystem: { type: 'xfs', freeBytes: 1e12, totalBytes: 2e12 } },
  },
  {
    rule: 'unfit-file-system',
    fault: { fileSystem: { type: 'overlay', freeBytes: 1e12, totalBytes: 2e12 } },
    nearly: { fileSystem: { type: 'tmpfs', freeBytes: 1e12, totalBytes: 2e12 } },
  },
  {
    rule: 'readahead-cut',
    fault: { options: optionsWith({}, { compaction_readahead_size: String(8 * MIB) }, '9.7.4') },
    nearly: { options: optionsWith({}, { compaction_readahead_size: String(MIB) }, '9.7.4') },
  },
  {
    rule: 'locked',
    fault: {
      opened: 'files',
      open: { unknown: 'x' },
      openErrors: [
        { code: 'ERR_LOCKED', message: 'another process (12) has it', mode: 'read-only' },
      ],
    },
    nearly: {
      holder: { description: 'this process', pid: process.pid, since: undefined },
      opened: 'secondary',
    },
  },
  {
    rule: 'read-during-change',
    fault: {
      opened: 'read-only',
      openErrors: [
        { code: 'ERR_CORRUPTION', message: 'MANIFEST: no such table', mode: 'read-only' },
      ],
    },
    nearly: {
      opened: 'read-only',
      openErrors: [{ code: 'ERR_TRY_AGAIN', message: 'try again', mode: 'read-only' }],
    },
  },
  {
    rule: 'damaged-files',
    fault: { log: log(at(9, mismatch(4096)), at(19, mismatch(4096))) },
    nearly: {
      opened: 'files',
      open: { unknown: 'x' },
      tables: table(6),
      log: log(at(9, '[WARN] checksum verification took long')),
    },
  },
  {
    rule: 'live-options-reverted',
    fault: { log: setWhile('9.7.4', 'users') },
    nearly: { log: setWhile('11.8.1', 'users') },
  },
  {
    rule: 'live-options-reverted',
    fault: { log: setWhile('9.10.0', 'users') },
    nearly: { log: setWhile('9.7.4', 'orders') },
  },
  {
    rule: 'another-version',
    fault: { tables: { checked: 3, bad: [], formats: { 6: 2, 9: 1 } } },
    nearly: { tables: { checked: 3, bad: [], formats: { 5: 2, 7: 1 } } },
  },
  {
    rule: 'clock-stepped',
    fault: { log: clockAt([1_795_938_730_000_000, 1_795_938_600_000_000]) },
    nearly: { log: clockAt([1_795_938_730_000_000, 1_795_938_729_500_000]) },
  },
  {
    rule: 'slow-build',
    fault: {
      log: logOf(
        [
          at(1, 'RocksDB version: 9.7.4'),
          at(1, 'Fast CRC32 supported: Not supported on x86'),
          '',
        ].join('\n'),
      ),
    },
    nearly: {
      log: logOf(
        [at(1, 'RocksDB version: 9.7.4'), at(1, '\tkXpressCompression supported: 0'), ''].join(
          '\n',
        ),
      ),
    },
  },
]
