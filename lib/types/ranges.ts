/** Ranges of keys, and pages of their rows. */

/** Where a range begins and ends; what is given is intersected. An inverted range is empty. */
export interface Bounds<K> {
  gt?: K | undefined
  gte?: K | undefined
  lt?: K | undefined
  lte?: K | undefined
  /** Keys that begin with this; with byte and text keys only. */
  prefix?: K | undefined
}

/** A range of keys and how to go through it. */
export interface Range<K> extends Bounds<K> {
  /** From the end to the start; false by default. */
  reverse?: boolean | undefined
  /** At most so many rows. */
  limit?: number | undefined
}

/**
 * Many rows as they came: row `i` has its key at `[offsets[2i], offsets[2i+1])` of `bytes` and its
 * value at `[offsets[2i+1], offsets[2i+2])`. Valid until the next page is asked for: its memory is
 * used again then, or taken back, so that it reads as empty.
 */
export interface Page {
  bytes: Buffer
  offsets: Uint32Array
  /** Rows; at least one. */
  count: number
}
