/** The part of the boundary for ranges, and for what a session has open. See addon.ts. */

/** Slots of `state`, the shared out-parameters of cursor calls. */
export const StateSlot = {
  /** The cursor's number, or NONE: the range is exhausted and the cursor already closed. */
  cursor: 0,
  /**
   * How many bytes the next row needs, if `bytes` is too small for it and count is 0; otherwise 0.
   */
  needed: 1,
} as const

/**
 * Slots of `request`, the shared record of a call's parameters. Callers fill it just before the
 * call: `putRange`, `putScan` and `putMany` in `lib/`.
 */
export const RequestSlot = {
  family: 0,
  /** A snapshot's number, or NONE. */
  snapshot: 1,
  /** Bits of ReadFlag; for `clear`, of WriteFlag. */
  flags: 2,
  /** Length of the inclusive bound, at 0 in the key buffer; -1 if there is none. */
  lowerLength: 3,
  /** Length of the exclusive bound, after the lower one; -1 if there is none. */
  upperLength: 4,
  /** Maximum number of rows; -1 for all. */
  limit: 5,
  /** 0 lets RocksDB decide. */
  readaheadBytes: 6,
  /** The number of keys of a `getMany`, and their bytes together. */
  count: 7,
  keysByteLength: 8,
} as const

/** What the async `next` delivers. */
export interface NativeNext {
  count: number
  /** As in StateSlot. */
  cursor: number
  needed: number
}

/** Cursors, snapshots and everything else that has a number. The range is in `request`. */
export interface NativeCursors {
  /**
   * Opens a cursor on `request`, seeks, and packs up to `maxRows` first rows (0 only opens, without
   * reading a disk). Rows go to `bytes` end to end, key then value; `offsets[0] = 0`, row i is key
   * [offsets[2i], offsets[2i+1]) and value [offsets[2i+1], offsets[2i+2]). Returns the number of
   * rows, or NOT_CACHED with noWait (then no cursor is open). Sets `state`.
   */
  openCursor(bytes: Uint8Array, offsets: Uint32Array, maxRows: number): number
  /** The next rows, as above. Throws ERR_CLOSED if the cursor is closed or exhausted. */
  nextSync(cursor: number, bytes: Uint8Array, offsets: Uint32Array, maxRows: number): number
  /**
   * Delivers NativeNext. One at a time per cursor; other calls on the cursor throw ERR_BUSY
   * meanwhile, and close waits.
   */
  next(id: number, cursor: number, bytes: Uint8Array, offsets: Uint32Array, maxRows: number): void
  /** Moves to the first key >= the key in the key buffer (in reverse: <=), within the range. */
  seek(cursor: number, keyLength: number): void
  /** Counts the rows of `request` on a thread. Delivers a number. */
  count(id: number, deadlineMs: number): void

  snapshot(): number
  /**
   * Ends a cursor, a snapshot or any other resource of this session. Ignores ended ones, so ending
   * twice is harmless.
   */
  end(resource: number): void
}
