/** Ranges of keys, and pages of their rows. */

/**
 * Where a range begins and ends, by the order of the keys' bytes. Bounds that are given together are
 * intersected. A range that ends before it begins is empty.
 *
 * The first parts of a `tuple` stand for all keys that begin with them: `gte` and `lt` are before the first of
 * those, `gt` and `lte` behind the last.
 */
export interface Bounds<K> {
  /** Keys behind this one. */
  gt?: K | undefined
  /** This key, and those behind it. */
  gte?: K | undefined
  /** Keys before this one. */
  lt?: K | undefined
  /** This key, and those before it. */
  lte?: K | undefined
  /**
   * Keys that begin with this. With keys that are bytes, text or tuples only; others fail with
   * `ERR_INVALID_ARG_VALUE`.
   */
  prefix?: K | undefined
}

/** A range of keys, and how to go through it. */
export interface Range<K> extends Bounds<K> {
  /** From the end to the start. False by default. */
  reverse?: boolean | undefined
  /** At most this many rows. No limit by default. */
  limit?: number | undefined
}

/**
 * Many rows as they came: row `i` has its key at `[offsets[2i], offsets[2i+1])` of `bytes` and its
 * value at `[offsets[2i+1], offsets[2i+2])`. Valid until the next page is asked for: its memory is
 * used again then, or taken back, so that it reads as empty.
 */
export interface Page {
  /** The keys and values, end to end. */
  bytes: Buffer
  /** Where each key and each value begins, and where the last one ends: 2 · `count` + 1 numbers. */
  offsets: Uint32Array
  /** Rows; at least one. */
  count: number
}
