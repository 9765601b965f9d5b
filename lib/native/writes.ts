/** The part of the boundary that writes: its functions and flags. See addon.ts. */

/** Bits of the `flags` of writes. 0 is RocksDB's default for every one. */
export const WriteFlag = { sync: 1, disableWAL: 2, lowPri: 4, noSlowdown: 8 } as const

/**
 * Writes. `batch` is RocksDB's WriteBatch representation (12-byte header, then records); native checks it
 * record by record, sets nothing in it and copies it.
 */
export interface NativeWrites {
  /** True: committed inline. False: queued, and delivered by `deliverCommits`. */
  commit(id: number, batch: Uint8Array, byteLength: number, flags: number): boolean
  commitSync(batch: Uint8Array, byteLength: number, flags: number): void
  /** Deletes the range of `request` in the commit queue's order. Delivered by `deliver`. */
  clear(id: number): void
}
