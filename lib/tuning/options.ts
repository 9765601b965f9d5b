/**
 * The one table of tuning options. Types, checks, defaults, reports and documentation are derived
 * from it: adding an option is adding a row. The comment over a row is what editors show.
 */
import type { BooleanRow, ChoiceRow, IntegerRow, Row, ValueOf } from './types'

const MIB = 1024 * 1024

const mib = (value: number) => String(value * MIB)
const integer = (value: number) => String(value)
const boolean = (value: boolean) => String(value)

const COMPRESSION_TEXTS = {
  none: 'kNoCompression',
  lz4: 'kLZ4Compression',
  lz4hc: 'kLZ4HCCompression',
  zstd: 'kZSTD',
} as const

type Compression = keyof typeof COMPRESSION_TEXTS

/** Every option, by name. */
export const OPTIONS = {
  /** Threads that RocksDB may use for flushes and compactions together. */
  maxBackgroundJobs: {
    type: 'integer',
    unit: 'jobs',
    min: 1,
    max: 16,
    presets: { default: 4, production: 8, development: 2 },
    target: { map: 'db', option: 'max_background_jobs', text: integer },
    scope: 'database',
    changeable: 'SetDBOptions',
    help: 'Raise it to the number of cores where compaction falls behind the writes.',
  },
  /** MiB that a family collects in memory before they are written to a file. */
  writeBufferMb: {
    type: 'integer',
    unit: 'MiB',
    min: 16,
    max: 2048,
    presets: { default: 128, production: 256, development: 64 },
    target: { map: 'columnFamily', option: 'write_buffer_size', text: mib },
    scope: 'family',
    changeable: 'SetOptions',
    help: 'Raise it for long bursts of writes; lower it where many families share little memory.',
  },
  /** MiB of a file in level 1; RocksDB's default multiplier keeps it the same below. */
  targetFileSizeMb: {
    type: 'integer',
    unit: 'MiB',
    min: 8,
    max: 1024,
    presets: { default: 64, production: 128, development: 32 },
    target: { map: 'columnFamily', option: 'target_file_size_base', text: mib },
    scope: 'family',
    changeable: 'SetOptions',
    help: 'Raise it where a large database has too many files; lower it for finer compactions.',
  },
  /** Whether level sizes follow from the size of the last level. */
  compactionDynamic: {
    type: 'boolean',
    presets: { default: true, production: true, development: true },
    target: { map: 'columnFamily', option: 'level_compaction_dynamic_level_bytes', text: boolean },
    scope: 'family',
    changeable: false,
    help: 'Leave it on: it bounds the space that old versions take; off only to match old data.',
  },
  /** How blocks are compressed on disk. */
  compression: {
    type: 'choice',
    choices: ['none', 'lz4', 'lz4hc', 'zstd'],
    presets: { default: 'zstd', production: 'zstd', development: 'lz4' },
    target: {
      map: 'columnFamily',
      option: 'compression',
      text: (value: Compression) => COMPRESSION_TEXTS[value],
    },
    scope: 'family',
    changeable: 'SetOptions',
    help: 'zstd is smallest, lz4 fastest, none for values that are compressed already.',
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
    help: 'Lower it where reads stall while a large file is being written out.',
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
    help: 'Lower it where synced writes have to wait for a backlog of unsynced ones.',
  },
  /** MiB of the block cache, which all families of the database share. */
  blockCacheMb: {
    type: 'integer',
    unit: 'MiB',
    min: 64,
    max: 16384,
    presets: { default: 256, production: 512, development: 128 },
    target: { map: 'cache', option: 'capacity', text: mib },
    scope: 'database',
    changeable: 'SetCapacity',
    help: 'Raise it until the blocks that are read again and again fit.',
  },
  /** MiB that a compaction reads at once. */
  readaheadMb: {
    type: 'integer',
    unit: 'MiB',
    min: 0,
    max: 64,
    presets: { default: 2, production: 4, development: 1 },
    target: { map: 'db', option: 'compaction_readahead_size', text: mib },
    scope: 'database',
    changeable: 'SetDBOptions',
    help: 'Raise it on spinning or networked disks, where large reads are cheaper.',
  },
  /** Whether one group of writes may enter the memtable while the next one enters the WAL. */
  enablePipelinedWrite: {
    type: 'boolean',
    presets: { default: true, production: true, development: true },
    target: { map: 'db', option: 'enable_pipelined_write', text: boolean },
    scope: 'database',
    changeable: false,
    help: 'Turn it off to use RocksDB options that exclude it, such as unordered_write.',
  },
  /** Whether writes go to the write-ahead log where they do not say. */
  walEnabled: {
    type: 'boolean',
    presets: { default: true, production: true, development: false },
    target: { map: 'write', option: 'disableWAL', text: (value: boolean) => String(!value) },
    scope: 'database',
    changeable: false,
    help: 'Turn it off only for data that can be made again: a crash loses what was not flushed.',
  },
} as const satisfies Record<string, BooleanRow | IntegerRow | ChoiceRow<Compression>>

type Table = typeof OPTIONS

/** The name of an option. */
export type TuningName = keyof Table

/** The names of the options that can be set for one column family. */
export type FamilyTuningName = {
  [Name in TuningName]: Table[Name]['scope'] extends 'family' ? Name : never
}[TuningName]

/** The type of an option's values. */
export type TuningValue<Name extends TuningName> = ValueOf<Table[Name]>

/** Values for any of the options; those not given come from the layers below. */
export type Tuning = {
  -readonly [Name in keyof Table]?: TuningValue<Name> | undefined
}

/** Values for one column family; those not given are the database's. */
export type FamilyTuning = Pick<Tuning, FamilyTuningName>

/** The names of all options, in the table's order. */
export const TUNING_NAMES = Object.keys(OPTIONS) as TuningName[]

/** Whether it is the name of an option. */
export function isTuningName(name: string): name is TuningName {
  return Object.hasOwn(OPTIONS, name)
}

/** The row of an option, for code that treats all rows alike. */
export function rowOf(name: TuningName): Row {
  return OPTIONS[name] as Row
}
