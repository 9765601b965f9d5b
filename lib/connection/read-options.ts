/** Options of reads. They name a `Snapshot`, which is a class. */
import type { Bounds, Range } from '../types/ranges'
import type { Snapshot } from './snapshot'

/** Options of every synchronous read. */
export interface SyncReadOptions {
  /** Read what the database held when this was taken. By default what it holds now. */
  snapshot?: Snapshot | undefined
  /** Keep the blocks read in the block cache. True by default; false is for bulk scans. */
  fillCache?: boolean | undefined
  /** Verify the checksums of the blocks read. True by default. */
  verifyChecksums?: boolean | undefined
}

/** Options of every asynchronous read. */
export interface ReadOptions extends SyncReadOptions {
  /** Ends the read with `ERR_ABORTED`; the error's `cause` is the signal's reason. */
  signal?: AbortSignal | undefined
  /** Ends the read with `ERR_TIMED_OUT` after this many milliseconds. No deadline by default. */
  deadlineMs?: number | undefined
}

interface Readahead {
  /** Bytes that RocksDB reads ahead. 0, the default, lets it decide. */
  readaheadBytes?: number | undefined
}

/** A range, and how to read it synchronously. */
export interface SyncScanOptions<K> extends Range<K>, SyncReadOptions, Readahead {}

/** A range, and how to read it asynchronously. */
export interface ScanOptions<K> extends Range<K>, ReadOptions, Readahead {}

/** Bounds of a range of which one row is wanted, and how to read it on this thread. */
export interface SyncEndOptions<K> extends Bounds<K>, SyncReadOptions {}

/** Bounds of a range of which one row is wanted, and how to read it asynchronously. */
export interface EndOptions<K> extends Bounds<K>, ReadOptions {}
