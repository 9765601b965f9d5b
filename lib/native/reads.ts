/** The part of the boundary that reads points: its functions, flags and answers. See addon.ts. */

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

/** What `getManyAsync` delivers. */
export interface NativeMany {
  lengths: Uint32Array
  bytes: Buffer
}

/** Point reads. `snapshot` is a snapshot's number or NONE. The key is in the key buffer at 0. */
export interface NativeReads {
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
   * The keys of `request`, each as its length in 4 bytes little-endian, then its bytes. Fills `lengths`
   * (MISSING where there is none). Returns the bytes of the values, which stand end to end in the arena
   * from `arenaOffset`, or in a Buffer of their own where they have no room there; undefined with
   * cacheOnly or noWait where IO is needed.
   */
  getMany(keys: Uint8Array, lengths: Uint32Array, arenaOffset: number): number | Buffer | undefined
  /** Delivers NativeMany. */
  getManyAsync(id: number, keys: Uint8Array, deadlineMs: number): void
}
