/** How long rows live. */

/**
 * How the rows of a family expire.
 *
 * @example
 * ```ts
 * const columnFamilies = { sessions: { key: 'utf8', value: 'json', expires: { afterMs: 3_600_000 } } } as const
 * ```
 */
export interface Expiry {
  /** Milliseconds that a row lives where its `put` says nothing, from 1 on. For good by default. */
  afterMs?: number | undefined
  /**
   * Milliseconds that an expired row stays on the disk, hidden, before a compaction drops it: at least as long as
   * the longest snapshot or transaction that reads it. One hour by default.
   */
  graceMs?: number | undefined
}

/** How long a row of a family with `expires` lives; at most one of the two. */
export interface Lifetime {
  /** Milliseconds from now on: a whole number from 1 on, to a moment that a `Date` has. */
  ttlMs?: number | undefined
  /**
   * The moment from which on the row is gone, as a `Date` or in milliseconds since 1970; one that has passed is
   * allowed. null is never.
   */
  expiresAt?: Date | number | null | undefined
}
