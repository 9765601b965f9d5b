/** The part of the boundary that is transactions. See addon.ts. */

/** Bits of what `beginTransaction` leaves in `state`. */
const STARTED = 1

/** When a transaction that failed may run again. */
export const Turn = {
  /** Others came before for the key of its last conflict: that it may is delivered. */
  waits: 0,
  /** Now: it is the first of those. */
  now: 1,
  /** There is no order. */
  free: 2,
} as const

/** One that is open, whichever thread of the process began it. */
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
 * Transactions, by numbers. Reads take the number in the place of a snapshot's: they see what was there at
 * the beginning and the transaction's own writes, and are remembered. `batch` is as in `NativeWrites`.
 */
export interface NativeTransactions {
  /**
   * `isolation` is 0 for serializable, 1 for snapshot. Sets `state`: bit 0 of the first says whether it has
   * begun, its other bits and the second are the id.
   */
  beginTransaction(isolation: number): number
  /** True where it has begun; false where that has to wait for writers. */
  startTransaction(transaction: number): boolean
  /** Waits on this thread. */
  startTransactionNow(transaction: number): void
  /** Delivers undefined. One that has started meanwhile, by `startTransactionNow`, is left as it is. */
  startTransactionLater(id: number, transaction: number): void
  /**
   * Forgets what it read and wrote; returns a `Turn`. With `Turn.waits` it delivers undefined. Without `waits`,
   * nobody is waited for.
   */
  retryTransaction(id: number, transaction: number, waits: boolean): number
  appendToTransaction(transaction: number, batch: Uint8Array, byteLength: number): void
  /** Cuts its batch to these bytes and this count of records. */
  rollBackTransaction(transaction: number, byteLength: number, count: number): void
  /** The range of `request` was read. */
  noteRange(transaction: number): void
  /**
   * Locks the key in the key buffer. 0 where it has it; else the ticket of a wait, whose end is delivered.
   * Without `waits` it throws ERR_LOCK_TIMEOUT instead.
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
   * Of the key in the key buffer, which is locked: what is read of it is the newest. Where others have written
   * it, that needs another view, which is a conflict unless it may be renewed.
   */
  readLocked(transaction: number, family: number, keyLength: number, mayRenew: boolean): void
  /** True: committed, and ended. False: queued, and delivered. Where it fails, it is to be ended or retried. */
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
  /** Rolls back. Numbers of what has ended are ignored. */
  endTransaction(transaction: number): void
  /**
   * Writes the batch where all comparisons hold; whether they do. Each is the family's number, the key's length,
   * the value's or MISSING where the key must be absent, in 4 bytes each, then the key and the value. undefined
   * where it is queued: delivers a boolean.
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
  /** All that are open in the process. */
  transactions(): NativeTransaction[]
  /** How many bytes of what was committed are kept for the open ones. */
  setTransactionWindow(bytes: number): void
}

/** A bit beside those of `WriteFlag`, of a commit: it does not write past the turns of others. */
export const YIELDS = 16

/** Whether the transaction that `beginTransaction` has made has begun. */
export function hasBegun(state: Uint32Array): boolean {
  return ((state[0] as number) & STARTED) !== 0
}

/** Its id. */
export function begunId(state: Uint32Array): number {
  return ((state[0] as number) >>> 1) * 0x100000000 + (state[1] as number)
}
