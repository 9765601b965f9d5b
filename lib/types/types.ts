/** The public types that no class declares. */
import type { ColumnFamily } from '../column-family'
import type { Snapshot } from '../connection/snapshot'
import type { FamilyTuning, PresetName, Tuning } from '../tuning'
import type { OperationOf } from './kinds'

/** What a byte string may be given as: raw bytes, or text that is taken as UTF-8. */
export type Bytes = Uint8Array | string

/**
 * A codec of your own. `encode` must be deterministic for keys, and must order them as their bytes
 * order, where ranges are to make sense. `decode` may keep the buffer that it gets.
 */
export interface Codec<Out, In = Out> {
  encode(value: In): Uint8Array | string
  decode(bytes: Buffer): Out
}

/**
 * The codecs that have a name. `buffer` (default): a `Uint8Array`, or a string as UTF-8, in, and a
 * `Buffer` out. `utf8`: strings. `json`: what `JSON.stringify` can write. `uint32`: integers, and
 * `uint64`: bigints, both big-endian, so that keys are in numeric order.
 */
export type NamedCodec = 'buffer' | 'utf8' | 'json' | 'uint32' | 'uint64'

declare const carried: unique symbol

/** The `'json'` codec, with the type of its values: `value: 'json' as Json<User>`. */
export type Json<T> = 'json' & { readonly [carried]: T }

/** Any codec. */
// biome-ignore lint/suspicious/noExplicitAny: a codec of any type is meant
export type AnyCodec = NamedCodec | Json<any> | Codec<any, any>

/** What a codec gives back. */
export type Decoded<C> =
  C extends Json<infer T>
    ? T
    : C extends { decode(bytes: Buffer): infer T }
      ? T
      : C extends 'buffer'
        ? Buffer
        : C extends 'utf8'
          ? string
          : C extends 'uint32'
            ? number
            : C extends 'uint64'
              ? bigint
              : unknown

/** What a codec takes. */
export type Encodable<C> = C extends 'buffer'
  ? Bytes
  : C extends { encode(value: infer T): Uint8Array | string }
    ? T
    : Decoded<C>

/** RocksDB options by RocksDB's own names; text, numbers and booleans as RocksDB reads them. */
export type RocksDBOptionValues = Record<string, string | number | boolean>

/**
 * Those of RocksDB's merge operators (utilities/merge_operators.cc) that take whatever they are given, or whose
 * operands are checked. `sortlist` is not offered: text that holds no numbers ends the process.
 */
export type MergeOperator =
  | 'uint64add'
  | 'stringappend'
  | 'max'
  | 'bytesxor'
  | 'put'
  | 'put_v1'
  | 'stringappendtest'
  | (string & Record<never, never>)

/** How one column family is read, written and tuned. */
export interface FamilyOptions {
  /** Codec of the keys; `'buffer'` by default. */
  key?: AnyCodec | undefined
  /** Codec of the values; `'buffer'` by default. */
  value?: AnyCodec | undefined
  /**
   * RocksDB's operator for `merge`, by its name there. What it takes and gives are its own bytes:
   * `uint64add` 8 bytes, the lowest first, which is not the codec `'uint64'`; `stringappend` text,
   * joined with commas. Values and operands that the operator cannot read are refused with
   * `ERR_INVALID_ARGUMENT`, operators that are not offered with `ERR_NOT_SUPPORTED`. A database keeps the one it
   * was written with: named again or left out, it is taken over, and another one is refused.
   */
  mergeOperator?: MergeOperator | undefined
  /** Tuning of this family alone, over the database's. */
  tuning?: FamilyTuning | undefined
  /** Any RocksDB option of this family by its own name, applied last. */
  rocksdb?:
    | {
        /** `ColumnFamilyOptions` (rocksdb/options.h). */
        columnFamily?: RocksDBOptionValues | undefined
        /** `BlockBasedTableOptions` (rocksdb/table.h). */
        table?: RocksDBOptionValues | undefined
      }
    | undefined
}

/** Just the codecs of a family. */
export type FamilyCodecs = Pick<FamilyOptions, 'key' | 'value'>

/** The families that a database is opened with, by name. */
export type FamilySpecs = Record<string, FamilyOptions>

type CodecOf<S, Side extends 'key' | 'value'> =
  S extends Record<Side, infer C> ? (C extends AnyCodec ? C : 'buffer') : 'buffer'

/** The column family that options make. */
export type FamilyFrom<S> = ColumnFamily<
  Decoded<CodecOf<S, 'key'>>,
  Decoded<CodecOf<S, 'value'>>,
  Encodable<CodecOf<S, 'key'>>,
  Encodable<CodecOf<S, 'value'>>
>

/** A family with the default codecs. */
export type BytesFamily = ColumnFamily<Buffer, Buffer, Bytes, Bytes>

/** Any column family. */
// biome-ignore lint/suspicious/noExplicitAny: a family of any type is meant
export type AnyFamily = ColumnFamily<any, any, any, any>

/**
 * How a database is opened: to read and write it; to read the state it has now; or to read and
 * follow (`catchUp`) a database that another process writes, with a directory for its own log.
 */
export type OpenMode = 'read-write' | 'read-only' | { secondary: string }

/** Options of `Database.open`. */
export interface OpenOptions<F extends FamilySpecs = FamilySpecs> {
  /**
   * `'read-write'` by default. A reader needs no lock, writes nothing to the database, and holds the
   * files of the state it has: docs/durability.md, "Beside a writer".
   */
  mode?: OpenMode | undefined
  /** Make the database where there is none; true by default. */
  createIfMissing?: boolean | undefined
  /** Refuse to open a database that exists; false by default. */
  errorIfExists?: boolean | undefined
  /** Create the named families that are not there yet; true by default. */
  createMissingColumnFamilies?: boolean | undefined
  /** `'strict'` refuses to open where something of the WAL would have to be dropped. */
  recovery?: 'strict' | 'default' | undefined
  /**
   * Milliseconds to wait where another process, or another copy of this package in this one, has the
   * directory; 0 by default. Those that wait have it in the order they came. After that time the
   * open fails with `ERR_LOCKED`, which names who has it as far as the system tells. The other modes
   * need no lock and never wait.
   */
  waitForLockMs?: number | undefined
  /** Where the tuning starts from; `'default'` by default. */
  preset?: PresetName | undefined
  /** The application's own tuning, over the preset. */
  tuning?: Tuning | undefined
  /** A TOML file with `[storage.db_tuning]` or `[db]`, over the code. It must be there. */
  configFile?: string | URL | undefined
  /** Environment variables, over the file; `process.env` by default, false for none. */
  env?: Readonly<Record<string, string | undefined>> | false | undefined
  /** What the variables begin with; `PQPRIV_DB_` by default. */
  envPrefix?: string | undefined
  /** Command-line words, over all: `process.argv.slice(2)`. Only flags that begin with `--db` count. */
  argv?: readonly string[] | undefined
  /** Refuse numbers outside their safe range, instead of clamping them with a warning. */
  strict?: boolean | undefined
  /** Codecs and tuning by family. Those found on disk and not named here are opened as well. */
  columnFamilies?: F | undefined
  /** Any RocksDB option by its own name, applied last. */
  rocksdb?:
    | {
        /** `DBOptions` (rocksdb/options.h). */
        db?: RocksDBOptionValues | undefined
        /** `ColumnFamilyOptions` of every family. */
        columnFamily?: RocksDBOptionValues | undefined
        /** `BlockBasedTableOptions` of every family. */
        table?: RocksDBOptionValues | undefined
      }
    | undefined
}

/** Options of every write; each false by default. */
export interface WriteOptions {
  /** Return only when the WAL has reached the disk (fsync). */
  sync?: boolean | undefined
  /** Skip the WAL: lost in a crash until flushed, and not atomic across families then. True by default where the tuning has `walEnabled: false`. */
  disableWAL?: boolean | undefined
  /** Give way to other writes while compaction is behind. */
  lowPri?: boolean | undefined
  /** Fail with `ERR_TRY_AGAIN` or `ERR_BUSY` rather than wait while RocksDB slows writes down. */
  noSlowdown?: boolean | undefined
}

/** Options of every synchronous read. */
export interface SyncReadOptions {
  /** Read what the database held when this was taken. */
  snapshot?: Snapshot | undefined
  /** Keep the blocks read in the block cache; true by default. Say false in bulk scans. */
  fillCache?: boolean | undefined
  /** Verify the checksums of the blocks read; true by default. */
  verifyChecksums?: boolean | undefined
}

/** Options of every asynchronous read. */
export interface ReadOptions extends SyncReadOptions {
  /** Ends the read with `ERR_ABORTED`, its `cause` the signal's reason. */
  signal?: AbortSignal | undefined
  /** Ends the read with `ERR_TIMED_OUT` after so many milliseconds. */
  deadlineMs?: number | undefined
}

/** Where a range begins and ends; what is given is intersected. An inverted range is empty. */
export interface Bounds<K> {
  gt?: K | undefined
  gte?: K | undefined
  lt?: K | undefined
  lte?: K | undefined
  /** Keys that begin with this; with byte and text keys only. */
  prefix?: K | undefined
}

/** A range of keys and how to go through it. */
export interface Range<K> extends Bounds<K> {
  /** From the end to the start; false by default. */
  reverse?: boolean | undefined
  /** At most so many rows. */
  limit?: number | undefined
}

interface Readahead {
  /** Bytes that RocksDB reads ahead; 0, the default, lets it decide. */
  readaheadBytes?: number | undefined
}

/** A range, and how to read it synchronously. */
export interface SyncScanOptions<K> extends Range<K>, SyncReadOptions, Readahead {}

/** A range, and how to read it asynchronously. */
export interface ScanOptions<K> extends Range<K>, ReadOptions, Readahead {}

/**
 * Many rows as they came: row `i` has its key at `[offsets[2i], offsets[2i+1])` of `bytes` and its
 * value at `[offsets[2i+1], offsets[2i+2])`. Valid until the next page is asked for: its memory is
 * used again then, or taken back, so that it reads as empty.
 */
export interface Page {
  bytes: Buffer
  offsets: Uint32Array
  /** Rows; at least one. */
  count: number
}

/** One operation of `Database.write`; without `columnFamily` it is the default family's. */
export type Operation<Key = unknown, Value = unknown> = OperationOf<Key, Value, AnyFamily>

/** What `ColumnFamily.writable` takes: rows to put, or operations on that family. */
export type WritableRow<K, V> =
  | readonly [key: K, value: V]
  | { type: 'put'; key: K; value: V }
  | { type: 'delete'; key: K }

/** Options of `ColumnFamily.writable`. */
export interface WritableOptions extends WriteOptions {
  /** Bytes that are collected before they are written; 1 MiB by default. */
  batchBytes?: number | undefined
}

/** `'ok'`; `'degraded'`: writes may stall or fail for a while; `'readOnly'`: `resume()` may heal it; `'failed'`: only a reopen does. */
export type Health = 'ok' | 'degraded' | 'readOnly' | 'failed'

/** What opening found and did. */
export interface Recovery {
  /** True where this open made the database. */
  created: boolean
  /** Bytes of the WAL that had to be dropped. */
  droppedBytes: number
  /** RocksDB's reason for each drop. */
  reasons: readonly string[]
}

/** RocksDB's options in force, by its own names and in its own text form. */
export interface OptionsInForce {
  /** `DBOptions`. */
  db: Record<string, string>
  /** What all families share and no text of RocksDB's can say: caches, limits, statistics. */
  shared: Record<string, string>
  /** `ColumnFamilyOptions` and `BlockBasedTableOptions` by family. */
  columnFamilies: Record<
    string,
    { columnFamily: Record<string, string>; table: Record<string, string> }
  >
}

/** Options of `Database.compactRange`. */
export interface CompactOptions {
  /** Rewrite the bottommost level as well; false by default. */
  bottommost?: boolean | undefined
}

/** One histogram, in RocksDB's unit for it: microseconds, bytes or a count. */
export interface Histogram {
  count: number
  sum: number
  min: number
  max: number
  average: number
  median: number
  p95: number
  p99: number
  standardDeviation: number
}

/** What RocksDB counted and timed since the database was opened. */
export interface Statistics {
  /** By RocksDB's names, such as `rocksdb.block.cache.miss`. */
  tickers: Record<string, number>
  histograms: Record<string, Histogram>
}
