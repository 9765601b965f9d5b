/** The write-ahead log. */
import { everywhere, type Rows } from './rows'
import { CODECS, inverse, mib, oneOf, plain } from './texts'

export const WAL_ROWS = {
  /** Whether writes go to the write-ahead log where they do not say. */
  walEnabled: {
    type: 'boolean',
    presets: { default: true, production: true, development: false },
    target: { map: 'write', option: 'disableWAL', text: inverse },
    scope: 'database',
    changeable: false,
    what: 'write the write-ahead log',
    help: 'Turn it off only for data that can be made again: a crash loses what was not flushed.',
  },
  /** MiB of the WAL after which the system is asked to write them out; 0 leaves it to it. */
  walBytesPerSyncMb: {
    type: 'integer',
    unit: 'MiB',
    min: 0,
    max: 256,
    presets: { default: 4, production: 8, development: 2 },
    target: { map: 'db', option: 'wal_bytes_per_sync', text: mib },
    scope: 'database',
    changeable: 'SetDBOptions',
    what: 'part of the WAL after which it is written out',
    help: 'Lower it where synced writes have to wait for a backlog of unsynced ones.',
  },
  /** MiB of all WAL files, after which the families that hold them up are flushed; 0 follows from the write buffers. */
  maxTotalWalMb: {
    type: 'integer',
    unit: 'MiB',
    min: 16,
    max: 65536,
    special: { 0: 'four times all write buffers' },
    presets: { default: 0, production: 1024, development: 0 },
    target: { map: 'db', option: 'max_total_wal_size', text: mib },
    scope: 'database',
    changeable: 'SetDBOptions',
    what: 'bound on all WAL files together',
    help: 'Lower it where a family that is rarely written keeps old WAL files, or opening takes long.',
  },
  /** How the WAL is compressed. */
  walCompression: {
    type: 'choice',
    choices: ['none', 'zstd'],
    presets: everywhere('none'),
    target: {
      map: 'db',
      option: 'wal_compression',
      text: oneOf({ none: CODECS.none, zstd: CODECS.zstd }),
    },
    scope: 'database',
    changeable: false,
    what: 'how the WAL is compressed',
    help: 'Set zstd where the WAL’s disk is the limit and values compress well.',
  },
  /** What opening does with a WAL that is damaged. */
  walRecoveryMode: {
    type: 'choice',
    choices: ['point-in-time', 'absolute', 'tolerate-tail', 'skip-any'],
    presets: everywhere('point-in-time'),
    target: {
      map: 'db',
      option: 'wal_recovery_mode',
      text: oneOf({
        'point-in-time': 'kPointInTimeRecovery',
        absolute: 'kAbsoluteConsistency',
        'tolerate-tail': 'kTolerateCorruptedTailRecords',
        'skip-any': 'kSkipAnyCorruptedRecords',
      }),
    },
    scope: 'database',
    changeable: false,
    what: 'what opening does with a damaged WAL',
    help:
      'point-in-time keeps all up to the damage; absolute refuses to open; skip-any saves what it ' +
      'can, out of order, and is for rescue alone.',
  },
  /** Whether the WAL stays in memory until `flushWAL` or a synced write. */
  manualWalFlush: {
    type: 'boolean',
    presets: everywhere(false),
    target: { map: 'db', option: 'manual_wal_flush', text: plain },
    scope: 'database',
    changeable: false,
    what: 'the WAL stays in memory until flushWAL()',
    help: 'Turn it on where a crash of the process may lose what was written since flushWAL().',
  },
} as const satisfies Rows
