/** Options of opening, of families and of writes. */
import type { Change } from '../tuning/entries'
import type { FamilyTuning, Tuning } from '../tuning/options'
import type { PresetName } from '../tuning/types'
import type { AnyCodec, Counter } from './codecs'
import type { Expiry, Lifetime } from './lifetimes'

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

/**
 * How one column family is read, written and tuned.
 *
 * @example
 * ```ts
 * const events: FamilyOptions = { key: 'uint64', value: 'utf8', tuning: { compression: 'lz4' } }
 * ```
 */
export interface FamilyOptions {
  /** Codec of the keys. `'buffer'` by default. */
  key?: AnyCodec | undefined
  /**
   * Codec of the values. `'buffer'` by default. `counter()` is also the family's merge operator, so that
   * `mergeOperator` is left out with it.
   */
  value?: AnyCodec | Counter | undefined
  /**
   * RocksDB's operator for `merge`, by its name there. None by default. What it takes and returns are its
   * own bytes: `uint64add` 8 bytes, the lowest first, which is not the codec `'uint64'`; `stringappend`
   * text, joined with commas. Values and operands that the operator cannot read are refused with
   * `ERR_INVALID_ARGUMENT`, operators that are not offered with `ERR_NOT_SUPPORTED`. A database keeps the
   * one it was written with: named again or left out, it is taken over, and another one is refused.
   */
  mergeOperator?: MergeOperator | undefined
  /**
   * Whether its rows expire: `put` takes `ttlMs` or `expiresAt`, and what has expired is hidden from every read from
   * that moment on; a compaction drops it later. A database keeps it: left out, it is taken over; where rows were
   * written without it, or with it, the contrary is refused with `ERR_OPTIONS_MISMATCH`. Not with a merge operator.
   * This is not `ttlSeconds` of the tuning, the age at which files are compacted.
   */
  expires?: boolean | Expiry | undefined
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
  /** Make the database where there is none. True by default. */
  createIfMissing?: boolean | undefined
  /** Refuse to open a database that exists. False by default. */
  errorIfExists?: boolean | undefined
  /** Create the named families that are not there yet. True by default. */
  createMissingColumnFamilies?: boolean | undefined
  /**
   * `'strict'` refuses, with `ERR_CORRUPTION`, to open where something of the WAL would have to be dropped.
   */
  recovery?: 'strict' | 'default' | undefined
  /**
   * Milliseconds to wait where another process, or another copy of this package in this one, has the
   * directory. 0 by default. Those that wait have it in the order they came. After that time the open
   * fails with `ERR_LOCKED`, which names who has it as far as the system tells. The other modes need no
   * lock and never wait.
   */
  waitForLockMs?: number | undefined
  /** Where the tuning starts from. `'default'` by default. */
  preset?: PresetName | undefined
  /** The application's own tuning, over the preset. */
  tuning?: Tuning | undefined
  /**
   * A TOML file with `[storage.db_tuning]` or `[db]`, over the code. None by default; it must be there.
   */
  configFile?: string | URL | undefined
  /** Environment variables, over the file. `process.env` by default; false is none. */
  env?: Readonly<Record<string, string | undefined>> | false | undefined
  /** What the names of the variables begin with. `PQPRIV_DB_` by default. */
  envPrefix?: string | undefined
  /**
   * Command-line words, over all: `process.argv.slice(2)`. None by default. Only flags that begin with
   * `--db` count.
   */
  argv?: readonly string[] | undefined
  /**
   * Refuse numbers outside their safe range instead of clamping them with a warning. False by default.
   */
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

/** Options of every write. Each is false by default. */
export interface WriteOptions {
  /** Return only when the WAL has reached the disk (fsync). */
  sync?: boolean | undefined
  /**
   * Skip the WAL: the write is lost in a crash until it is flushed, and not atomic across families then. True
   * by default where the tuning has `walEnabled: false`.
   */
  disableWAL?: boolean | undefined
  /** Give way to other writes while compaction is behind. */
  lowPri?: boolean | undefined
  /** Fail with `ERR_TRY_AGAIN` or `ERR_BUSY` rather than wait while RocksDB slows writes down. */
  noSlowdown?: boolean | undefined
}

/** Options of `put`. */
export interface PutOptions extends WriteOptions, Lifetime {}

/** Options of `Database.compactRange`. */
export interface CompactOptions {
  /** Rewrite the bottommost level as well. False by default. */
  bottommost?: boolean | undefined
}

/** What changing the tuning of an open database did. */
export interface TuningChanges {
  /** What is in force now. */
  applied: Change[]
  /** What was asked for and needs a reopen. */
  held: Change[]
}
