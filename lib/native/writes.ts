/** The part of the boundary for writes: functions and flags. See addon.ts. */

/** Bits of the `flags` of writes. 0 means RocksDB's defaults. */
export const WriteFlag = { sync: 1, disableWAL: 2, lowPri: 4, noSlowdown: 8 } as const

/**
 * Writes. `batch` has the layout of RocksDB's WriteBatch (12-byte header, then records); native
 * checks it record by record, changes nothing in it and copies it.
 */
export interface NativeWrites {
  /**
   * True if it was committed inline. False if it is queued; `deliverCommits` delivers the outcome.
   */
  commit(id: number, batch: Uint8Array, byteLength: number, flags: number): boolean
  commitSync(batch: Uint8Array, byteLength: number, flags: number): void
  /**
   * Deletes the range of `request`, in the order of the commit queue. `deliver` delivers the
   * outcome.
   */
  clear(id: number): void
}
