/** The part of the boundary that goes through ranges, and what a session has open. See addon.ts. */

/** Slots of `state`, the shared out-parameters of cursor calls. */
export const StateSlot = {
  /** The cursor's number, or NONE: the range is exhausted and the cursor is closed already. */
  cursor: 0,
  /** Bytes that `bytes` must hold for the next row, where it holds too few and count is 0; else 0. */
  needed: 1,
} as const

/** What the async `next` delivers. */
export interface NativeNext {
  count: number
  /** As in StateSlot. */
  cursor: number
  needed: number
}

/**
 * Cursors, snapshots and whatever else has a number. Bounds stand in the key buffer: the inclusive lower at
 * 0, the exclusive upper behind it; a length of -1 means unbounded. `limit` is -1 for none.
 */
export interface NativeCursors {
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
  /**
   * Ends a cursor, a snapshot or whatever else has a number of this session. Numbers of what has ended
   * are ignored, so that ending twice is harmless.
   */
  end(resource: number): void
}
