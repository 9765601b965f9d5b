/** Files, logs and what RocksDB counts. */
import { everywhere, type Rows } from './rows'
import { FORMAT_VERSIONS, mib, oneOf, plain } from './texts'

const MOST_ATTEMPTS = 2147483647

export const FILE_ROWS = {
  /** The oldest major version of RocksDB that must be able to read the files. */
  compatibleWith: {
    type: 'choice',
    choices: ['11', '9', '8', '7'],
    presets: everywhere('9'),
    target: {
      map: 'table',
      option: 'format_version',
      text: oneOf(FORMAT_VERSIONS),
    },
    scope: 'database',
    changeable: false,
    what: 'the oldest RocksDB that must be able to read the files',
    help:
      'Set 11 where no older RocksDB will ever open the database, 8 or 7 where one of those must; ' +
      'docs/compatibility.md says what each can read.',
  },
  /** Files that RocksDB may keep open; -1 is no limit. */
  maxOpenFiles: {
    type: 'integer',
    unit: 'files',
    min: 64,
    max: 4194304,
    auto: 'three quarters of the descriptors that the process may have, shared evenly by its open databases',
    special: { [-1]: 'no limit' },
    presets: everywhere('auto'),
    target: { map: 'db', option: 'max_open_files', text: plain },
    scope: 'database',
    changeable: 'SetDBOptions',
    what: 'files that are kept open',
    help: 'Raise the system’s limit (ulimit -n) first; lower it where sockets need the descriptors.',
  },
  /** MiB of the file MANIFEST from which on it is written anew, if that makes it much smaller. */
  manifestMb: {
    type: 'integer',
    unit: 'MiB',
    min: 1,
    max: 4096,
    presets: everywhere(1024),
    target: { map: 'db', option: 'max_manifest_file_size', text: mib },
    scope: 'database',
    changeable: 'SetDBOptions',
    // Older ones write it anew at every change once what it must hold is as large.
    since: { rocksdb: '10.9', before: 1024 },
    what: 'size from which on MANIFEST, the list of files, is written anew',
    help: 'Lower it to 16 or so where a database that is always open must open, or be copied, faster.',
  },
  /** MiB of a table file after which the system is asked to write them out; 0 leaves it to it. */
  bytesPerSyncMb: {
    type: 'integer',
    unit: 'MiB',
    min: 0,
    max: 256,
    presets: { default: 4, production: 8, development: 2 },
    target: { map: 'db', option: 'bytes_per_sync', text: mib },
    scope: 'database',
    changeable: 'SetDBOptions',
    what: 'part of a file after which it is written out',
    help: 'Lower it where reads stall while a large file is being written out.',
  },
  /** Whether reads go past the system's page cache. */
  directReads: {
    type: 'boolean',
    presets: everywhere(false),
    target: { map: 'db', option: 'use_direct_reads', text: plain },
    scope: 'database',
    changeable: false,
    what: 'reads go past the page cache',
    help: 'Turn it on where the block cache has most of the memory and should not be doubled.',
  },
  /** Whether flushes and compactions go past the system's page cache. */
  directIoForFlushAndCompaction: {
    type: 'boolean',
    presets: everywhere(false),
    target: { map: 'db', option: 'use_direct_io_for_flush_and_compaction', text: plain },
    scope: 'database',
    changeable: false,
    what: 'flushes and compactions go past the page cache',
    help: 'Turn it on where compactions push out of the page cache what reads need.',
  },
  /** What RocksDB counts and times; `true` is `'timers'`, `false` is `'off'`. */
  statistics: {
    type: 'choice',
    choices: ['off', 'counters', 'histograms', 'timers', 'all'],
    switch: { on: 'timers', off: 'off' },
    presets: everywhere('off'),
    target: {
      map: 'shared',
      option: 'stats_level',
      place: '`stats_level` of `db.statistics`',
      text: oneOf({ off: '-1', counters: '1', histograms: '2', timers: '3', all: '5' }),
    },
    scope: 'database',
    changeable: false,
    what: 'what RocksDB counts and times',
    help: 'Turn it on to see cache hits, stalls and latencies; all also times the locks, which is slow.',
  },
  /** Seconds between two dumps of statistics into the info log; 0 is never. */
  statsDumpSeconds: {
    type: 'integer',
    unit: 'seconds',
    min: 1,
    max: 86400,
    special: { 0: 'never' },
    presets: everywhere(600),
    target: { map: 'db', option: 'stats_dump_period_sec', text: plain },
    scope: 'database',
    changeable: 'SetDBOptions',
    what: 'time between statistics in the info log',
    help: 'Lower it while looking for the cause of something that comes and goes.',
  },
  /** What RocksDB writes to its info log, the file LOG. */
  infoLogLevel: {
    type: 'choice',
    choices: ['debug', 'info', 'warn', 'error', 'fatal', 'header'],
    presets: everywhere('info'),
    target: {
      map: 'db',
      option: 'info_log_level',
      text: oneOf({
        debug: 'DEBUG_LEVEL',
        info: 'INFO_LEVEL',
        warn: 'WARN_LEVEL',
        error: 'ERROR_LEVEL',
        fatal: 'FATAL_LEVEL',
        header: 'HEADER_LEVEL',
      }),
    },
    scope: 'database',
    changeable: false,
    what: 'what goes to the info log (LOG)',
    help: 'Leave it: at info, LOG tells what happened before a problem; warn where disks are tiny.',
  },
  /** Attempts to go on after an error that may heal, such as a full disk; 0 is none. */
  maxBackgroundErrorsResume: {
    type: 'integer',
    unit: 'attempts',
    min: 0,
    max: MOST_ATTEMPTS,
    presets: everywhere(MOST_ATTEMPTS),
    target: { map: 'db', option: 'max_bgerror_resume_count', text: plain },
    scope: 'database',
    changeable: false,
    what: 'attempts to go on after an error that may heal',
    help: 'Set 0 where a person should decide, and call db.resume() after a full disk.',
  },
} as const satisfies Rows
