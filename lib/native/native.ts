/**
 * The boundary: the one file in `lib/` that has the addon, and the types of what crosses. Those of
 * metrics and events are in `native-metrics.ts`.
 *
 * Only numbers, strings, plain records of strings and byte buffers cross it. Families, cursors and
 * snapshots are integers that a session hands out. Rules that hold for every function below:
 *
 * - A function whose first parameter is `id` is asynchronous: it returns at once and its outcome
 *   arrives in one of the three `deliver…` hooks under that id.
 * - Anything that fails at the call throws the error that `hooks.createError` makes; anything that
 *   fails later is delivered as such an error.
 * - Byte inputs are copied before the call returns, except `bytes` and `offsets` of the asynchronous
 *   `next`, which the caller keeps alive and untouched until the delivery.
 * - Keys go in through the shared key buffer: the caller writes them at offset 0 and passes lengths.
 */
import { loadBinary } from './binary'
import type { NativeEventHooks, NativeMetricsSession, NativeStatistics } from './native-metrics'

/** What native knows of a failure; turned into a `RocksDBError` by `errors.ts`. */
export interface NativeFailure {
  /** `ERR_…`, see errors.ts. */
  code: string
  /** RocksDB's text, or ours. Never contains key or value bytes. */
  message: string
  /** RocksDB's severity: 0 none, 1 soft, 2 hard, 3 fatal, 4 unrecoverable. */
  severity: number
  retryable: boolean
  /** For writes: 1 nothing of it was applied, 2 it may have been; 0 where it does not apply. */
  outcome: number
}

/** Given to the addon once per environment (main thread or worker). */
export interface NativeHooks extends NativeEventHooks {
  createError(
    code: string,
    message: string,
    severity: number,
    retryable: boolean,
    outcome: number,
  ): Error
  /** Commits that left the queue together: all succeeded, or all failed with `error`. */
  deliverCommits(ids: Uint32Array, error: Error | undefined): void
  /**
   * Reads of one job. `lengths[i]` is the length of the value of `ids[i]`, laid end to end in
   * `bytes`, or `MISSING`, or `FAILED` (then `errors[i]` is set).
   */
  deliverReads(
    ids: Uint32Array,
    lengths: Uint32Array,
    bytes: Buffer,
    errors: (Error | undefined)[] | undefined,
  ): void
  /** The outcome of any other asynchronous function. */
  deliver(id: number, error: Error | undefined, value: unknown): void
}

/** In `lengths`: there is no such key. */
export const MISSING = 0xffffffff
/** In `lengths`: the read failed. */
export const FAILED = 0xfffffffe
/** Returned by `readAsync`: the answer will be delivered. Returned by `getInto`: no such key. */
export const PENDING = -1
/** Returned with `ReadFlag.cacheOnly` or `noWait`: the answer is not in memory. */
export const NOT_CACHED = -2
/** Values up to this many bytes are written into the arena; larger ones come as a Buffer each. */
export const ARENA_VALUE_LIMIT = 4096
/** Used for "no snapshot", "no limit" (as -1 for limits) and "the range is exhausted". */
export const NONE = 0

/** Bits of the `flags` of reads. 0 is RocksDB's default for every one. */
export const ReadFlag = {
  /** fill_cache = false */
  noFillCache: 1,
  /** verify_checksums = false */
  noVerifyChecksums: 2,
  /** `readAsync` answers 0 for a key that is there and moves no value. */
  presence: 4,
  /** read_tier = kBlockCacheTier: `getMany` says so instead of doing IO. */
  cacheOnly: 8,
  /** Cursors: from the end of the range to its start. */
  reverse: 16,
  /** Cursors: pack keys only; every value has length 0. */
  keysOnly: 32,
  /**
   * Reads what memory and the system's page cache hold: `getMany`, `getInto` and `openCursor` say so
   * where they would have to wait for a disk. `readAsync` always has it.
   */
  noWait: 64,
  /**
   * Cursors and `count`: auto_refresh_iterator_with_snapshot = true. With a snapshot, their own or
   * the caller's, they let go of files and memtables that are obsolete for everybody else as they go
   * on; RocksDB has it from 10.0 on.
   */
  refresh: 128,
} as const

/** Bits of the `flags` of writes, likewise. */
export const WriteFlag = { sync: 1, disableWAL: 2, lowPri: 4, noSlowdown: 8 } as const

/** Slots of `state`, the shared out-parameters of cursor calls. */
export const StateSlot = {
  /** The cursor's number, or NONE: the range is exhausted and the cursor is closed already. */
  cursor: 0,
  /** Bytes that `bytes` must hold for the next row, where it holds too few and count is 0; else 0. */
  needed: 1,
} as const

/** RocksDB option maps, by RocksDB's own names and in RocksDB's own text form. */
export type OptionMap = Record<string, string>

export interface NativeFamilyOptions {
  /** ColumnFamilyOptions */
  columnFamily: OptionMap
  /** BlockBasedTableOptions */
  table: OptionMap
}

export interface NativeOpenRequest {
  path: string
  mode: 'read-write' | 'read-only' | 'secondary'
  /** With mode 'secondary'; else ''. */
  secondaryPath: string
  createIfMissing: boolean
  errorIfExists: boolean
  createMissingColumnFamilies: boolean
  /** Refuse to open where the WAL would have to be cut: wal_recovery_mode = kAbsoluteConsistency. */
  strictRecovery: boolean
  /** How long to wait for whoever has the directory; 0 for not at all. */
  waitForLockMs: number
  /** Files that the databases of this process share, where `db` has no number of its own; else 0. */
  openFilesBudget: number
  /** DBOptions */
  db: OptionMap
  /** For families found on disk and not named in `families`, and those created later without options. */
  defaults: NativeFamilyOptions
  families: (NativeFamilyOptions & { name: string })[]
  /** What all families share and no option of theirs can say: see native/engine/options/shared_objects.cc. */
  shared: OptionMap
}

export interface NativeRecovery {
  /** True where this open made the database. */
  created: boolean
  /** Bytes of WAL that were dropped while opening. */
  droppedBytes: number
  /** RocksDB's reason for each drop, as its info log gives it. */
  reasons: string[]
}

/** RocksDB options in force, read back as text. */
export interface NativeOptions {
  db: OptionMap
  /** What no option text can say: see native/engine/options/shared_objects.cc. */
  shared: OptionMap
  columnFamilies: Record<string, NativeFamilyOptions>
}

/** What the async `next` delivers. */
export interface NativeNext {
  count: number
  /** As in StateSlot. */
  cursor: number
  needed: number
}

/** What `getManyAsync` delivers. */
export interface NativeMany {
  lengths: Uint32Array
  bytes: Buffer
}

/**
 * One opening of one database by one environment. What a mode does not allow throws ERR_READ_ONLY or
 * ERR_NOT_SUPPORTED: the table is native/engine/store/modes.cc, and a function without a row there is
 * refused in every mode.
 */
export interface NativeSession extends NativeMetricsSession {
  /** Canonical path of the directory. */
  readonly path: string
  readonly recovery: NativeRecovery
  /** Files of others in the directory, with whose they are in brackets where that can be told. */
  readonly strangers: string[]

  // Reads. `snapshot` is a snapshot's number or NONE. The key is in the key buffer at 0.
  /**
   * Value length if it was written into the arena at `arenaOffset`; a Buffer of its own where it is
   * over ARENA_VALUE_LIMIT or does not fit behind `arenaOffset`; undefined if there is no such key.
   */
  get(
    family: number,
    keyLength: number,
    arenaOffset: number,
    flags: number,
    snapshot: number,
  ): number | Buffer | undefined
  has(family: number, keyLength: number, flags: number, snapshot: number): boolean
  /** Copies the value to `target` and returns its length; PENDING (-1) if missing; NOT_CACHED. Throws ERR_OUT_OF_RANGE where the target is too small; nothing is copied then. */
  getInto(
    family: number,
    keyLength: number,
    flags: number,
    snapshot: number,
    target: Uint8Array,
  ): number
  /**
   * `get` from memory alone; where that does not answer: PENDING, and the read is queued until
   * `submitReads`. `deadlineMs` is 0 for none.
   */
  readAsync(
    id: number,
    family: number,
    keyLength: number,
    arenaOffset: number,
    flags: number,
    snapshot: number,
    deadlineMs: number,
  ): number | Buffer | undefined
  /** Hands every read queued since the last call to a thread as one job. */
  submitReads(): void
  /**
   * `keys`: for each key its length as 4 bytes little-endian, then its bytes. Fills `lengths` (MISSING
   * where there is none). Gives the bytes of the values, which stand end to end in the arena from
   * `arenaOffset`, or in a Buffer of their own where they have no room there; undefined with
   * cacheOnly or noWait where IO is needed.
   */
  getMany(
    family: number,
    keys: Uint8Array,
    keysByteLength: number,
    count: number,
    arenaOffset: number,
    lengths: Uint32Array,
    flags: number,
    snapshot: number,
  ): number | Buffer | undefined
  /** Delivers NativeMany. */
  getManyAsync(
    id: number,
    family: number,
    keys: Uint8Array,
    keysByteLength: number,
    count: number,
    flags: number,
    snapshot: number,
    deadlineMs: number,
  ): void

  // Writes. `batch` is RocksDB's WriteBatch representation (12-byte header, then records); native
  // checks it record by record, sets nothing in it and copies it.
  /** True: committed inline. False: queued, and delivered by `deliverCommits`. */
  commit(id: number, batch: Uint8Array, byteLength: number, flags: number): boolean
  commitSync(batch: Uint8Array, byteLength: number, flags: number): void
  /** Deletes a range in the commit queue's order. Bounds as in openCursor, in the key buffer. Delivered by `deliver`. */
  clear(
    id: number,
    family: number,
    lowerLength: number,
    upperLength: number,
    limit: number,
    flags: number,
  ): void

  // Cursors. Bounds stand in the key buffer: the inclusive lower at 0, the exclusive upper behind
  // it; a length of -1 means unbounded. `limit` is -1 for none.
  /**
   * Opens, seeks and packs up to `maxRows` first rows (0: opens only, without touching the disk).
   * Rows go to `bytes` end to end, key then value; `offsets[0] = 0`, row i is
   * key [offsets[2i], offsets[2i+1]) and value [offsets[2i+1], offsets[2i+2]). Returns the row count, or
   * NOT_CACHED with noWait (no cursor is open then). Sets `state`.
   */
  openCursor(
    family: number,
    lowerLength: number,
    upperLength: number,
    limit: number,
    flags: number,
    snapshot: number,
    readaheadBytes: number,
    bytes: Uint8Array,
    offsets: Uint32Array,
    maxRows: number,
  ): number
  /** The next rows, as above. Throws ERR_CLOSED for a cursor that is closed or exhausted. */
  nextSync(cursor: number, bytes: Uint8Array, offsets: Uint32Array, maxRows: number): number
  /** Delivers NativeNext. One at a time per cursor; the other calls on it throw ERR_BUSY meanwhile, and close waits its turn. */
  next(id: number, cursor: number, bytes: Uint8Array, offsets: Uint32Array, maxRows: number): void
  /** Moves to the first key >= the key in the key buffer (reverse: <=), kept within the range. */
  seek(cursor: number, keyLength: number): void
  /** Unknown numbers are ignored, so that closing twice is harmless. */
  closeCursor(cursor: number): void
  /** Counts the rows of a range on a thread. Delivers a number. Bounds in the key buffer. */
  count(
    id: number,
    family: number,
    lowerLength: number,
    upperLength: number,
    limit: number,
    flags: number,
    snapshot: number,
    deadlineMs: number,
  ): void

  snapshot(): number
  releaseSnapshot(snapshot: number): void

  // Column families.
  /** [name, number] of every live family, those created by other threads among them. */
  families(): [string, number][]
  /** Delivers the family's number. Without options, the request's `defaults`. */
  createFamily(id: number, name: string, options: NativeFamilyOptions | undefined): void
  dropFamily(id: number, family: number): void

  // Looking inside.
  property(family: number, name: string): string | undefined
  intProperty(family: number, name: string): number | undefined
  aggregatedIntProperty(name: string): number | undefined
  mapProperty(family: number, name: string): Record<string, string> | undefined
  /** Bytes on disk and in memtables; bounds in the key buffer. */
  approximateSize(family: number, lowerLength: number, upperLength: number): number
  options(): NativeOptions
  /** undefined where statistics are off. */
  statistics(): NativeStatistics | undefined
  /** [severity as in NativeFailure, message]. */
  health(): [number, string]

  // Changing options while open. All deliver undefined. RocksDB's SetDBOptions and SetOptions.
  setDbOptions(id: number, options: OptionMap, openFilesBudget: number): void
  setFamilyOptions(id: number, family: number, options: OptionMap): void
  /** Of what all families share: changes all that is named, or nothing. */
  setShared(id: number, options: OptionMap): void

  // Looking after. All deliver undefined.
  flush(id: number, families: number[]): void
  flushWAL(id: number, sync: boolean): void
  /** Bounds in the key buffer. */
  compactRange(
    id: number,
    family: number,
    lowerLength: number,
    upperLength: number,
    bottommost: boolean,
  ): void
  checkpoint(id: number, path: string): void
  resume(id: number): void
  /** Secondary mode: takes over the primary's state; this session reads it when it is delivered. */
  catchUp(id: number): void
  /** Refuses new work, waits for what runs, ends cursors and snapshots, closes RocksDB with the last session. */
  close(id: number): void
  closeSync(): void
}

/** One instance of the addon: `lib/` loaded twice in an environment has two that share nothing. */
export interface NativeAddon {
  /** The versions compiled in, by library. */
  readonly versions: {
    rocksdb: string
    lz4: string
    zstd: string
    snappy?: string
    zlib?: string
    bzip2?: string
  }
  /** Whether zstd dictionaries can be trained in this build. */
  readonly zstdDictionaryTraining: boolean
  /** Once, before anything else. `state` as in StateSlot. */
  setup(hooks: NativeHooks, state: Uint32Array): void
  /** Native keeps a reference until the next call. */
  setKeyBuffer(buffer: Uint8Array): void
  setArena(buffer: Uint8Array): void
  /** Soft RLIMIT_NOFILE; 0 where there is no limit. */
  openFileLimit(): number
  /** See native/engine/files/device.h. */
  largestRead(path: string): number
  /** Closes every open session and waits for all work; gives what failed. Delivers nothing. */
  closeAll(): string[]
  /** Delivers a NativeSession. */
  open(id: number, request: NativeOpenRequest): void
  /** Delivers string[]. */
  listColumnFamilies(id: number, path: string): void
  destroy(id: number, path: string): void
  /** Delivers a record; see types/repair.ts. */
  repair(id: number, path: string, force: boolean): void
}

/** The addon of this environment; a local build first, then the prebuilt binary. */
export const addon = (loadBinary() as { instance(): NativeAddon }).instance()
