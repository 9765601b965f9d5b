/** The part of the boundary for transactions. See addon.ts. */

/** Bits that `beginTransaction` sets in `state`. */
const STARTED = 1

/** When a failed transaction may run again. */
export const Turn = {
  /** Others are in line for the key of its last conflict: it may run once that is delivered. */
  waits: 0,
  /** Now: it is first in line. */
  now: 1,
  /** At any time: there is no line. */
  free: 2,
} as const

/** An open transaction, whichever thread of the process began it. */
export interface NativeTransaction {
  id: number
  isolation: 'serializable' | 'snapshot'
  ageSeconds: number
  reads: number
  writes: number
  locks: number
  waitsFor: number[]
}

/**
 * Transactions, by numbers. Reads take such a number in place of a snapshot's: they see the state
 * at the transaction's beginning and its own writes, and are remembered. `batch` is as in
 * `NativeWrites`.
 */
export interface NativeTransactions {
  /**
   * `isolation` is 0 for serializable, 1 for snapshot. Sets `state`: bit 0 of the first slot says
   * whether it has begun; the other bits and the second slot are the id.
   */
  beginTransaction(isolation: number): number
  /** True if it has begun; false if that has to wait for writers. */
  startTransaction(transaction: number): boolean
  /** Waits on this thread. */
  startTransactionNow(transaction: number): void
  /** Delivers undefined. Does nothing if `startTransactionNow` has started it meanwhile. */
  startTransactionLater(id: number, transaction: number): void
  /**
   * Forgets its reads and writes; returns a `Turn`. With `Turn.waits` it delivers undefined later.
   * Never waits if `waits` is false.
   */
  retryTransaction(id: number, transaction: number, waits: boolean): number
  appendToTransaction(transaction: number, batch: Uint8Array, byteLength: number): void
  /** Cuts its batch back to this many bytes and records. */
  rollBackTransaction(transaction: number, byteLength: number, count: number): void
  /** Notes that the range of `request` was read. */
  noteRange(transaction: number): void
  /**
   * Locks the key in the key buffer. Returns 0 if it has the lock; otherwise the ticket of a wait,
   * whose end is delivered. If `waits` is false it throws ERR_LOCK_TIMEOUT instead.
   */
  lockKey(
    id: number,
    transaction: number,
    family: number,
    keyLength: number,
    waits: boolean,
  ): number
  /** Ends a wait with ERR_LOCK_TIMEOUT, if it has not ended. */
  cancelLock(ticket: number): void
  /**
   * Call once the key in the key buffer is locked: later reads of it see the newest value. If
   * others have written it, that requires a newer view; if the view may not be renewed, this is a
   * conflict.
   */
  readLocked(transaction: number, family: number, keyLength: number, mayRenew: boolean): void
  /**
   * True if it is committed and has ended. False if it is queued; the outcome is delivered. After a
   * failure it must be ended or retried.
   */
  commitTransaction(
    id: number,
    transaction: number,
    batch: Uint8Array,
    byteLength: number,
    flags: number,
  ): boolean
  commitTransactionNow(
    transaction: number,
    batch: Uint8Array,
    byteLength: number,
    flags: number,
  ): void
  /** Rolls back unless it has ended. Ignores unknown numbers. */
  endTransaction(transaction: number): void
  /**
   * Writes the batch if all comparisons hold; returns whether they do. Each comparison has the
   * family's number, the key's length and the value's (MISSING if the key must be absent), in 4
   * bytes each, then the key and the value. Returns undefined if it is queued, and then delivers a
   * boolean.
   */
  compareAndCommit(
    id: number,
    checks: Uint8Array,
    checksLength: number,
    batch: Uint8Array,
    byteLength: number,
    flags: number,
  ): boolean | undefined
  compareAndCommitNow(
    checks: Uint8Array,
    checksLength: number,
    batch: Uint8Array,
    byteLength: number,
    flags: number,
  ): boolean
  /** All open transactions of the process. */
  transactions(): NativeTransaction[]
  /** How many bytes of committed keys are kept for conflict checks of open transactions. */
  setTransactionWindow(bytes: number): void
}

/** A flag of a commit, beside those of `WriteFlag`: it fails rather than write a key that is the turn of another. */
export const YIELDS = 16

/** Whether the transaction that `beginTransaction` made has begun. */
export function hasBegun(state: Uint32Array): boolean {
  return ((state[0] as number) & STARTED) !== 0
}

/** Its id. */
export function begunId(state: Uint32Array): number {
  return ((state[0] as number) >>> 1) * 0x100000000 + (state[1] as number)
}
