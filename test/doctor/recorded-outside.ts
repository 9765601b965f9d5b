/** The same for what the disk, the system, LOG and the files of the directory say. */

import { logOf } from '../../lib/doctor/collect/log'
import { at, family, HEALTHY, log, many, opened, opening, optionsWith } from './recorded'

import type { Recorded } from './recorded-inside'

const MIB = 1_048_576

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

/** As this package does with such a RocksDB. */
const setAgain = logOf(
  [
    ...opening('9.7.4'),
    at(9, '[db/flush_job.cc:878] [users] [JOB 2] Flushing memtable with next log file: 8'),
    at(10, '[db/db_impl/db_impl.cc:1187] [users] SetOptions() succeeded'),
    at(11, 'EVENT_LOG_v1 {"time_micros": 1795938730888384, "job": 2, "event": "flush_finished"}'),
    at(12, '[db/db_impl/db_impl.cc:1187] [users] SetOptions() succeeded'),
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

export const RECORDED_OUTSIDE: readonly Recorded[] = [
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
    rule: 'files-larger-than-data',
    fault: { open: family({ levelBytes: [0, 0, 0, 0, 0, 200 * MIB, 100 * MIB] }) },
    nearly: { open: family({ levelBytes: [900 * MIB, 0, 0, 0, 0, 0, 100 * MIB] }) },
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
    fault: { log: setWhile('9.6.1', 'users') },
    nearly: { log: setAgain },
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
