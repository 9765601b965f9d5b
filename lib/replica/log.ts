/** What a replica needs of the log: `jetstream` is one. */

/** A record in the log. */
export interface LogRecord {
  /** Its place: consecutive, beginning with 1. */
  sequence: number
  bytes: Uint8Array
  /** The identity that it was appended with; empty where there is none. */
  id: string
  /** When it came, by the log's own clock, in milliseconds since 1970. */
  timeMs: number
  /** How many records were behind it when it was delivered; undefined where that is not known. */
  pending: number | undefined
}

/** How to append. */
export interface AppendOptions {
  /**
   * The record is told by it from others: one that is appended twice with the same expectation is
   * there once. The second time it resolves to the sequence of the first, or conflicts: then reading
   * at that place tells whose record is there.
   */
  id: string
  /** The sequence of the newest record, in the whole log: with another one nothing is appended. */
  expected: number
}

/** Where a log begins and ends. */
export interface LogBounds {
  /** The oldest record that is there; `last + 1` where none is. */
  first: number
  /** The newest record that was ever there; 0 where none was. */
  last: number
  /** The log's own clock at that moment, in milliseconds since 1970. */
  timeMs: number
  /** Bytes of all records. */
  bytes: number
}

/** Who writes, as the lease says. */
export interface Lease {
  /** Its version: a change names the one that it replaces. */
  revision: number
  /** What the holder wrote; empty where it was given up. */
  text: string
}

/** The lease: who holds it says when others should try. It fences nothing. */
export interface LogLease {
  /** As it is now; undefined where nobody ever held it. */
  read(): Promise<Lease | undefined>
  /**
   * Writes it if it still has this revision (0: if nobody ever held it). Resolves to the new revision,
   * or to undefined if it has another one.
   */
  write(text: string, revision: number): Promise<number | undefined>
  /**
   * Calls `listener` with each new version, from now on; after a loss of contact at least with the
   * newest. Returns a function that ends that.
   */
  watch(listener: (lease: Lease) => void): Promise<() => void>
}

/** An append failed, and what is known of it. */
export type AppendFailure =
  /** The newest record is not the expected one: nothing was appended by this attempt. */
  | 'conflict'
  /** There was no answer, or one that says nothing: it may be there, now or later. */
  | 'unknown'
  /** The log takes no such record, now or ever: nothing was appended. */
  | 'refused'

/**
 * What `OpenLog.append` rejects with: of interest to those who write a log of their own.
 *
 * @example
 * ```ts
 * const failed = new AppendError('unknown', 'no answer in 5000 ms')
 * console.log(failed.failure) // unknown
 * ```
 */
export class AppendError extends Error {
  readonly failure: AppendFailure

  constructor(failure: AppendFailure, message: string, cause?: unknown) {
    super(message, { cause })
    this.failure = failure
  }
}

/**
 * Records that were to be read are not in the log any more. What `OpenLog.follow` fails with then.
 *
 * @example
 * ```ts
 * const gone = new LogGapError(5, 9)
 * console.log(gone.message) // record 5 is not in the log any more: the next one is 9
 * ```
 */
export class LogGapError extends Error {
  /** The record that was wanted. */
  readonly wanted: number
  /** The oldest that is there, after it. */
  readonly first: number

  constructor(wanted: number, first: number) {
    super(`record ${wanted} is not in the log any more: the next one is ${first}`)
    this.wanted = wanted
    this.first = first
  }
}

/**
 * The log is shorter than it was: records that were in it are lost, or it was made anew. What `OpenLog.follow` fails with then.
 *
 * @example
 * ```ts
 * const lost = new LogLostError(9, 5)
 * console.log(lost.message) // record 8 was in the log, but now it ends with 5
 * ```
 */
export class LogLostError extends Error {
  /** The record that was wanted. */
  readonly wanted: number
  /** The newest that was ever in the log, as it says now. */
  readonly last: number

  constructor(wanted: number, last: number) {
    super(`record ${wanted - 1} was in the log, but now it ends with ${last}`)
    this.wanted = wanted
    this.last = last
  }
}

/** A log that is open. Its calls fail with other errors than these where it cannot be reached. */
export interface OpenLog {
  /** For messages: which log it is, without secrets. */
  readonly name: string
  /** Bytes of a record at most. */
  readonly maxRecordBytes: number
  /** What an operator must know of how it is kept: too few copies, fsync too late. */
  readonly warnings: readonly string[]
  /**
   * Appends a record. Resolves to its sequence; rejects with `AppendError`. Many at a time, in order.
   * The bytes must not change until then.
   *
   * An append that was sent behind one that conflicts can succeed: where another's record took the
   * place of the first, the second finds just as many records as it expects. So an acknowledgement
   * counts only if all that were sent before it were acknowledged; and whoever took the place meets
   * such strays behind its own record, and goes on behind them.
   */
  append(bytes: Uint8Array, options: AppendOptions): Promise<number>
  /**
   * Where the log begins and ends. Who answers may have lost touch with the others, and not know of
   * what came since: the log may be longer. With `certain` most of those who keep the log were asked
   * before, so that it has all that was acknowledged before the call; that costs about as much as an
   * append.
   */
  bounds(certain?: boolean): Promise<LogBounds>
  /**
   * One record; undefined where it is not there (yet, or any more), or who answers has lost touch with
   * the others. A record that is there was acknowledged, or will never be taken back.
   */
  read(sequence: number): Promise<LogRecord | undefined>
  /**
   * Gives records from this one on, some at a time, as they come; never ends by itself but through
   * `signal`. Reconnects by itself. Fails with `LogGapError` where the next record is not there any
   * more, and with `LogLostError` where the log ends before `from - 1`.
   */
  follow(from: number, signal: AbortSignal): AsyncIterable<LogRecord[]>
  /** Removes all records before this one. */
  trim(before: number): Promise<void>
  readonly lease: LogLease
  /** Ends what runs. */
  close(): Promise<void>
}

/** A log for replicas: made by `jetstream`, or by anybody who keeps what is said here. */
export interface ReplicaLog {
  /** For messages: which log it is, without secrets. */
  readonly name: string
  /** Connects; makes what is not there. Rejects where it cannot be reached in time. */
  open(signal: AbortSignal): Promise<OpenLog>
}
