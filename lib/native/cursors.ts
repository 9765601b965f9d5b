/** The part of the boundary that goes through ranges, and what a session has open. See addon.ts. */

/** Slots of `state`, the shared out-parameters of cursor calls. */
export const StateSlot = {
  /** The cursor's number, or NONE: the range is exhausted and the cursor is closed already. */
  cursor: 0,
  /** Bytes that `bytes` must hold for the next row, where it holds too few and count is 0; else 0. */
  needed: 1,
} as const

/**
 * Slots of `request`, the shared record of what a call is asked for. Whoever makes a call that reads it
 * fills it just before: `putRange`, `putScan` and `putMany` of `lib/`.
 */
export const RequestSlot = {
  family: 0,
  /** A snapshot's number, or NONE. */
  snapshot: 1,
  /** Bits of ReadFlag; for `clear`, of WriteFlag. */
  flags: 2,
  /** Of the inclusive bound, at 0 in the key buffer; -1 where there is none. */
  lowerLength: 3,
  /** Of the exclusive bound, behind the lower one; -1 where there is none. */
  upperLength: 4,
  /** Rows; -1 for all. */
  limit: 5,
  /** 0 where RocksDB decides. */
  readaheadBytes: 6,
  /** Keys of a `getMany`, and the bytes that they have together. */
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

/**
 * Cursors, snapshots and whatever else has a number. What is to be gone through is in `request`.
 */
export interface NativeCursors {
  /**
   * Opens one on `request`, seeks and packs up to `maxRows` first rows (0: opens only, without touching the disk).
   * Rows go to `bytes` end to end, key then value; `offsets[0] = 0`, row i is
   * key [offsets[2i], offsets[2i+1]) and value [offsets[2i+1], offsets[2i+2]). Returns the row count, or
   * NOT_CACHED with noWait (no cursor is open then). Sets `state`.
   */
  openCursor(bytes: Uint8Array, offsets: Uint32Array, maxRows: number): number
  /** The next rows, as above. Throws ERR_CLOSED for a cursor that is closed or exhausted. */
  nextSync(cursor: number, bytes: Uint8Array, offsets: Uint32Array, maxRows: number): number
  /** Delivers NativeNext. One at a time per cursor; the other calls on it throw ERR_BUSY meanwhile, and close waits its turn. */
  next(id: number, cursor: number, bytes: Uint8Array, offsets: Uint32Array, maxRows: number): void
  /** Moves to the first key >= the key in the key buffer (reverse: <=), kept within the range. */
  seek(cursor: number, keyLength: number): void
  /** Counts the rows of `request` on a thread. Delivers a number. */
  count(id: number, deadlineMs: number): void

  snapshot(): number
  /**
   * Ends a cursor, a snapshot or whatever else has a number of this session. Numbers of what has ended
   * are ignored, so that ending twice is harmless.
   */
  end(resource: number): void
}
