/** Options and figures of transactions. */
import type { WriteOptions } from './options'

/** How a transaction begins and commits; `sync` and the others are of its commit. */
export interface BeginOptions extends WriteOptions {
  /**
   * `'serializable'`, the default: it commits only where nothing that it has read, points and ranges, was
   * changed by others meanwhile, nor what it puts or deletes. `'snapshot'` looks only at what it puts or
   * deletes, and at what it has read with `forUpdate`.
   */
  isolation?: 'serializable' | 'snapshot' | undefined
}

/** How `Database.transactionSync` runs its function. */
export interface SyncTransactionOptions extends BeginOptions {
  /** How often the function is run again after a conflict. 10 by default. */
  maxRetries?: number | undefined
}

/** How `Database.transaction` runs its function. */
export interface TransactionOptions extends SyncTransactionOptions {
  /** Rolls back, and fails with `ERR_TIMED_OUT`, after this many milliseconds. No deadline by default. */
  deadlineMs?: number | undefined
  /** Rolls back, and fails with `ERR_ABORTED`; the error's `cause` is the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Options of a read in a transaction, on this thread. */
export interface SyncTransactionReadOptions {
  /** Keep the blocks read in the block cache. True by default. */
  fillCache?: boolean | undefined
  /** Verify the checksums of the blocks read. True by default. */
  verifyChecksums?: boolean | undefined
}

/** Options of a read in a transaction. */
export interface TransactionReadOptions extends SyncTransactionReadOptions {
  /** Ends the read with `ERR_ABORTED`; the error's `cause` is the signal's reason. */
  signal?: AbortSignal | undefined
  /** Ends the read with `ERR_TIMED_OUT` after this many milliseconds. No deadline by default. */
  deadlineMs?: number | undefined
}

/** Options of a read that can lock its key, on this thread. */
export interface SyncLockingReadOptions extends SyncTransactionReadOptions {
  /**
   * Lock the key until the transaction ends, and read its newest value. Fails with `ERR_LOCK_TIMEOUT` where
   * another transaction has it. False by default.
   */
  forUpdate?: boolean | undefined
}

/** Options of a read that can lock its key. */
export interface LockingReadOptions extends TransactionReadOptions {
  /**
   * Lock the key until the transaction ends, and read its newest value. Waits, in the order of the calls,
   * for whoever has it, without holding a thread. False by default.
   */
  forUpdate?: boolean | undefined
  /** Fails with `ERR_LOCK_TIMEOUT` after this many milliseconds of waiting. 5,000 by default. */
  lockTimeoutMs?: number | undefined
}

/** A transaction that is open, whichever thread of the process began it. */
export interface TransactionInfo {
  /** Its `id`. */
  id: number
  isolation: 'serializable' | 'snapshot'
  /** Seconds since it was begun; a retry goes on counting. */
  ageSeconds: number
  /** Keys and ranges that it has read. */
  reads: number
  /** Operations that it has written, as far as it has read since, or commits. */
  writes: number
  /** Keys that it has locked. */
  locks: number
  /** Ids of the transactions whose locks it waits for. */
  waitsFor: number[]
}
