/** The part of the boundary for the change feed. See addon.ts. */

/** What a feed knows of a family's id, also of one that was dropped. */
export interface NativeKnownFamily {
  id: number
  name: string
  dropped: boolean
}

/** What `openChanges` delivers. */
export interface NativeFeed {
  /** The feed's number; `end` ends it. */
  feed: number
  /** The number of the snapshot that it continues; 0 if there is none. */
  snapshot: number
  /** Of the history, in hexadecimal. */
  epoch: string
  /** Where it begins. */
  token: string
  /** The last sequence number before that. */
  sequence: bigint
  families: NativeKnownFamily[]
}

/** A named place, as `retainedChanges` delivers it. Bounds are 0 for none. */
export interface NativeRetained {
  name: string
  token: string
  lagBytes: number
  ageSeconds: number
  maxBytes: number
  maxAgeMs: number
  lost: boolean
}

/** What an operation of a page is. */
export const ChangeType = {
  put: 0,
  delete: 1,
  merge: 2,
  deleteRange: 3,
  /** Its key is the family's name in UTF-8, as that of `dropFamily`; second is its merge operator's. */
  createFamily: 4,
  dropFamily: 5,
} as const

/**
 * Bytes before the operations of a commit: u64 first and last sequence, f64 milliseconds since 1970
 * (0 if unknown), u32 incarnation, u32 lifecycle, u32 number of operations. All little-endian.
 */
export const COMMIT_BYTES = 36
/**
 * Bytes of an operation besides its key and what is second: u8 type, u32 family, u32 length of the
 * key, which follows, and u32 length of the second, which follows.
 */
export const OPERATION_BYTES = 13

/** Offsets in a commit. */
export const CommitAt = {
  lastSequence: 8,
  timeMs: 16,
  incarnation: 24,
  lifecycle: 28,
  operations: 32,
} as const

/** Feeds, by numbers, and named places. */
export interface NativeChanges {
  /**
   * Delivers NativeFeed. `after` is a token, 'now' or 'oldest'. With a snapshot the feed begins where
   * that ends. `durable`: it gives only what is synced.
   */
  openChanges(id: number, after: string, withSnapshot: boolean, durable: boolean): void
  /**
   * The next page, of at least one commit and about `maxBytes`; if none is in memory it returns
   * undefined and delivers a page later, which may be empty. One at a time per feed. `end` makes it
   * deliver an empty page.
   */
  readChanges(id: number, feed: number, maxBytes: number): Uint8Array | undefined
  /** Makes a read that waits for commits deliver an empty page. Ignores unknown feeds. */
  cancelChanges(feed: number): void
  /** The token of the place behind this sequence. */
  changesToken(
    incarnation: number,
    lifecycle: number,
    sequenceHigh: number,
    sequenceLow: number,
  ): string
  /** Delivers undefined. `token` is as `after` of `openChanges`; bounds are 0 for none. */
  retainChanges(id: number, name: string, token: string, maxBytes: number, maxAgeMs: number): void
  /** Delivers whether there was one. */
  releaseChanges(id: number, name: string): void
  /** Delivers NativeRetained[]. */
  retainedChanges(id: number): void
}
