/** The part of the boundary for point reads: functions, flags and answers. See addon.ts. */

/** In `lengths`: no such key. */
export const MISSING = 0xffffffff
/** In `lengths`: the read failed. */
export const FAILED = 0xfffffffe
/** Returned by `readAsync`: the answer will be delivered. Returned by `getInto`: no such key. */
export const PENDING = -1
/** Returned with `ReadFlag.cacheOnly` or `noWait`: the answer is not in memory. */
export const NOT_CACHED = -2
/** Values up to this many bytes are written into the arena; larger ones get a Buffer each. */
export const ARENA_VALUE_LIMIT = 4096
/** Means "no snapshot" or "the range is exhausted". */
export const NONE = 0

/** Bits of the `flags` of reads. 0 means RocksDB's defaults. */
export const ReadFlag = {
  /** fill_cache = false */
  noFillCache: 1,
  /** verify_checksums = false */
  noVerifyChecksums: 2,
  /** `readAsync` returns 0 if the key exists, and copies no value. */
  presence: 4,
  /** read_tier = kBlockCacheTier: `getMany` returns undefined instead of doing IO. */
  cacheOnly: 8,
  /** Cursors: from the end of the range to its start. */
  reverse: 16,
  /** Cursors: pack keys only; every value has length 0. */
  keysOnly: 32,
  /**
   * Reads from memory and the system's page cache only: `getMany`, `getInto` and `openCursor`
   * report when they would have to wait for a disk. `readAsync` always does this.
   */
  noWait: 64,
  /**
   * Cursors and `count`: auto_refresh_iterator_with_snapshot = true. With a snapshot, their own or
   * the caller's, they release obsolete files and memtables as they go on; needs RocksDB 10.0.
   */
  refresh: 128,
  /**
   * Of families whose rows expire: values come as they are stored, with the 8 bytes of their moment
   * (native/engine/base/expiry.h). Rows that have expired stay hidden.
   */
  envelope: 256,
} as const

/** What `getManyAsync` delivers. */
export interface NativeMany {
  lengths: Uint32Array
  bytes: Buffer
}

/** Point reads. `snapshot` is a snapshot's number or NONE. The key is in the key buffer at 0. */
export interface NativeReads {
  /**
   * The value's length if it was written into the arena at `arenaOffset`; a Buffer if it exceeds
   * ARENA_VALUE_LIMIT or the rest of the arena; undefined if there is no such key.
   */
  get(
    family: number,
    keyLength: number,
    arenaOffset: number,
    flags: number,
    snapshot: number,
  ): number | Buffer | undefined
  has(family: number, keyLength: number, flags: number, snapshot: number): boolean
  /**
   * Copies the value to `target` and returns its length; PENDING (-1) if missing; NOT_CACHED.
   * Throws ERR_OUT_OF_RANGE, and copies nothing, if the target is too small.
   */
  getInto(
    family: number,
    keyLength: number,
    flags: number,
    snapshot: number,
    target: Uint8Array,
  ): number
  /**
   * `get` from memory only. Otherwise returns PENDING, and the read is queued until `submitReads`.
   * `deadlineMs` 0 means none.
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
  /** Hands all reads queued since the last call to a thread, as one job. */
  submitReads(): void
  /**
   * Reads the keys in `keys`, each as its length in 4 bytes, little-endian, and its bytes. Fills
   * `lengths` (MISSING if there is no such key). Returns the bytes of the values, which are end to
   * end in the arena from `arenaOffset`, or in a Buffer if they do not fit there; undefined with
   * cacheOnly or noWait if IO is needed.
   */
  getMany(keys: Uint8Array, lengths: Uint32Array, arenaOffset: number): number | Buffer | undefined
  /** Delivers NativeMany. */
  getManyAsync(id: number, keys: Uint8Array, deadlineMs: number): void
}
