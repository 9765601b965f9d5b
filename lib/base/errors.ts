/**
 * The errors of this package. Native code describes a failure in plain values (`createError` in
 * addon.ts) and this file makes the error, so that every one belongs to the caller's realm.
 */

/**
 * What `RocksDBError.code` can be. Codes are added, never renamed.
 *
 * - `ERR_CORRUPTION`: Stored bytes are not what RocksDB wrote: a checksum, a format or a file is
 *   wrong.
 * - `ERR_IO`: The file system failed: permissions, a missing file, too many open files, a failed
 *   sync.
 * - `ERR_NO_SPACE`: The disk is full. Writes go on by themselves once there is space; reads go on
 *   meanwhile.
 * - `ERR_LOCKED`: Another process, or another copy of this package in this one, has the database
 *   open; the message names it.
 * - `ERR_BUSY`: The resource is in use by another operation; or a `noSlowdown` write would have
 *   had to wait.
 * - `ERR_TIMED_OUT`: A deadline passed before the operation was done.
 * - `ERR_ABORTED`: The operation was given up: through its signal, or by RocksDB after an earlier
 *   failure.
 * - `ERR_READ_ONLY`: A write to a database that was opened read-only, as a secondary, or that has
 *   become read-only.
 * - `ERR_NOT_SUPPORTED`: This build of RocksDB, or this database's options, do not allow the
 *   operation; or cannot read what is there.
 * - `ERR_INVALID_ARGUMENT`: RocksDB refused a name, a value or a combination of them.
 * - `ERR_TRY_AGAIN`: It failed for a passing reason; the same call may succeed now.
 * - `ERR_SHUTDOWN`: RocksDB was shutting down and gave up the operation.
 * - `ERR_OPTIONS_MISMATCH`: The database is open in this process already, or was written, with
 *   other options; the message names them.
 * - `ERR_CLOSED`: The database, cursor or snapshot was closed.
 * - `ERR_DROPPED`: The column family was dropped.
 * - `ERR_CONFLICT`: Others have changed what a transaction has read or writes. Run again, it may succeed.
 * - `ERR_DEADLOCK`: A transaction would have waited for itself: through the locks of others, or inside of its
 *   own function.
 * - `ERR_LOCK_TIMEOUT`: A key stayed locked by another transaction for longer than `lockTimeoutMs`; or a call
 *   on this thread, which never waits for a lock, has met one.
 * - `ERR_TRANSACTION_TOO_OLD`: More was written since the transaction began than is kept to compare with
 *   (`transactionWindowMb`).
 * - `ERR_SNAPSHOT_TOO_OLD`: A snapshot or transaction that reads rows that expire is older than their family's
 *   `graceMs`: what it should see may be gone.
 * - `ERR_TRANSACTION_DONE`: The transaction has ended.
 * - `ERR_CHANGES_GAP`: Changes that a feed was to give are gone, with the WAL that held them. Always a
 *   `ChangesGapError`.
 * - `ERR_CHANGES_EPOCH`: A token of another database, of a copy, or of a history that was lost in a crash: what
 *   followed it is not known here.
 * - `ERR_BACKUP_TARGET`: Where backups are kept has failed; the error's `cause` is its own.
 * - `ERR_BACKUP_DAMAGED`: An object of a backup is not there, or not what it was; the message names it.
 * - `ERR_BACKUP_FENCED`: Another database, or another stream of this one, writes to the target now.
 * - `ERR_BACKUP_MISMATCH`: The target has the backups of another database.
 * - `ERR_BACKUP_NOT_FOUND`: The target has no such backup, or none that reaches the moment that was asked for.
 * - `ERR_NOT_WRITER`: A write to a replica that follows; the message names who writes.
 * - `ERR_STALE`: A replica is further behind than the read allows.
 * - `ERR_REPLICA_LOG`: The log of a replica cannot be reached, or does not do what it must; the error's `cause` is
 *   its own.
 * - `ERR_REPLICA_GAP`: Records that a replica needs are gone from its log, and no snapshot has them.
 * - `ERR_REPLICA_MISMATCH`: The log is another database's, or says what this one's options do not allow.
 * - `ERR_REPLICA_LOST`: What a token stands for is not in the log's history: its writer lost it (`commit: 'local'`).
 * - `ERR_BINARY_MISSING`: The package has no binary for this platform; the message says what was
 *   looked for where.
 * - `ERR_BINARY_INVALID`: The package's binary is there, but damaged or for another platform.
 * - `ERR_INVALID_TUNING`: A tuning option is unknown, or its value cannot be used. Always a
 *   `TuningError`.
 * - `ERR_INVALID_VALUE`: A key or a value does not fit the `schema` of its codec. Always an `InvalidValueError`.
 * - `ERR_METRICS_CONFLICT`: The metrics of the database are collected already, or their names or
 *   labels are taken in the registry.
 */
export type ErrorCode =
  | 'ERR_CORRUPTION'
  | 'ERR_IO'
  | 'ERR_NO_SPACE'
  | 'ERR_LOCKED'
  | 'ERR_BUSY'
  | 'ERR_TIMED_OUT'
  | 'ERR_ABORTED'
  | 'ERR_READ_ONLY'
  | 'ERR_NOT_SUPPORTED'
  | 'ERR_INVALID_ARGUMENT'
  | 'ERR_TRY_AGAIN'
  | 'ERR_SHUTDOWN'
  | 'ERR_OPTIONS_MISMATCH'
  | 'ERR_CLOSED'
  | 'ERR_DROPPED'
  | 'ERR_CONFLICT'
  | 'ERR_DEADLOCK'
  | 'ERR_LOCK_TIMEOUT'
  | 'ERR_TRANSACTION_TOO_OLD'
  | 'ERR_SNAPSHOT_TOO_OLD'
  | 'ERR_TRANSACTION_DONE'
  | 'ERR_CHANGES_GAP'
  | 'ERR_CHANGES_EPOCH'
  | 'ERR_BACKUP_TARGET'
  | 'ERR_BACKUP_DAMAGED'
  | 'ERR_BACKUP_FENCED'
  | 'ERR_BACKUP_MISMATCH'
  | 'ERR_BACKUP_NOT_FOUND'
  | 'ERR_NOT_WRITER'
  | 'ERR_STALE'
  | 'ERR_REPLICA_LOG'
  | 'ERR_REPLICA_GAP'
  | 'ERR_REPLICA_MISMATCH'
  | 'ERR_REPLICA_LOST'
  | 'ERR_BINARY_MISSING'
  | 'ERR_BINARY_INVALID'
  | 'ERR_INVALID_TUNING'
  | 'ERR_INVALID_VALUE'
  | 'ERR_METRICS_CONFLICT'

/** How bad RocksDB thinks a failure is. From `'hard'` on, writes stop until it is healed. */
export type ErrorSeverity = 'none' | 'soft' | 'hard' | 'fatal' | 'unrecoverable'

/**
 * What is known of a failed write. `'notApplied'`: nothing of it is in the database. `'unknown'`: it may
 * be there when the database is opened again, for example after its WAL could not be synced.
 */
export type WriteOutcome = 'notApplied' | 'unknown'

/** What a `RocksDBError` is made of. */
export interface RocksDBErrorDetails {
  code: ErrorCode
  /** 'none' where not given. */
  severity?: ErrorSeverity | undefined
  /** false where not given. */
  retryable?: boolean | undefined
  /** Only for writes. */
  outcome?: WriteOutcome | undefined
  cause?: unknown
}

/**
 * A failure of the database, as opposed to a wrong argument (`TypeError`, `RangeError`).
 *
 * @example
 * ```ts
 * try {
 *   await users.put('ada', { name: 'Ada' })
 * } catch (error) {
 *   if (!(error instanceof RocksDBError)) throw error
 *   console.error(error.code, error.retryable, error.outcome) // ERR_NO_SPACE true notApplied
 * }
 * ```
 */
export class RocksDBError extends Error {
  static {
    nameClass(RocksDBError, 'RocksDBError')
  }

  /** What went wrong, for programs. */
  readonly code: ErrorCode
  /** How bad RocksDB thinks it is. */
  readonly severity: ErrorSeverity
  /** Whether the same call may succeed later without anything being repaired by hand. */
  readonly retryable: boolean
  /** For writes: whether any of it may be in the database. Absent for everything else. */
  declare readonly outcome?: WriteOutcome

  constructor(message: string, details: RocksDBErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = details.code
    this.severity = details.severity ?? 'none'
    this.retryable = details.retryable ?? false
    if (details.outcome !== undefined) this.outcome = details.outcome
  }
}

/** What a `TuningError` is made of. */
export interface TuningErrorDetails {
  option: string
  value: unknown
  source: string
  cause?: unknown
}

/**
 * A tuning option that is unknown, or whose value cannot be used. Its `code` is `ERR_INVALID_TUNING`.
 *
 * @example
 * ```ts
 * const error = await db.setOptions({ walEnabled: false }).catch((reason) => reason)
 * if (error instanceof TuningError) console.error(error.option, error.source) // walEnabled db.setOptions
 * ```
 */
export class TuningError extends RocksDBError {
  static {
    nameClass(TuningError, 'TuningError')
  }

  /** The option as it was written, for example `writeBufferMb`. */
  readonly option: string
  /** The value as it was given. */
  readonly value: unknown
  /** Where it was given, for example `tuning.writeBufferMb`. */
  readonly source: string

  constructor(message: string, details: TuningErrorDetails) {
    super(message, { code: 'ERR_INVALID_TUNING', cause: details.cause })
    this.option = details.option
    this.value = details.value
    this.source = details.source
  }
}

/** One thing that a schema found wrong; as in the Standard Schema, which zod, valibot and arktype implement. */
export interface SchemaIssue {
  /** What is wrong, in the words of the schema's library. */
  readonly message: string
  /** Where in the value: property names, or objects with one as their `key`. */
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/**
 * A key or a value that does not fit the `schema` of its codec; nothing was written. Its `code` is
 * `ERR_INVALID_VALUE`. The message has nothing of the value, `issues` may.
 *
 * @example
 * ```ts
 * const error = await users.put('ada', { name: '' }).catch((reason) => reason)
 * if (error instanceof InvalidValueError) console.error(error.issues[0].message, error.issues[0].path)
 * ```
 */
export class InvalidValueError extends RocksDBError {
  static {
    nameClass(InvalidValueError, 'InvalidValueError')
  }

  /** What the schema found, at least one. */
  readonly issues: readonly [SchemaIssue, ...SchemaIssue[]]

  constructor(message: string, issues: readonly [SchemaIssue, ...SchemaIssue[]]) {
    super(message, { code: 'ERR_INVALID_VALUE' })
    this.issues = issues
  }
}

/** What a `ChangesGapError` is made of. */
export interface ChangesGapErrorDetails {
  wanted: bigint
  oldest: bigint
  cause?: unknown
}

/**
 * Changes that a feed was to give are gone. Its `code` is `ERR_CHANGES_GAP`. Read the rows again, and
 * go on from there; `Database.retainChanges` keeps changes for those that were away.
 *
 * @example
 * ```ts
 * const error = await db.changes({ after: 'oldest' }).next().catch((reason) => reason)
 * if (error instanceof ChangesGapError) console.error(error.oldest - error.wanted) // changes missed
 * ```
 */
export class ChangesGapError extends RocksDBError {
  static {
    nameClass(ChangesGapError, 'ChangesGapError')
  }

  /** The sequence number of the first change that was to be given. */
  readonly wanted: bigint
  /** The sequence number of the first change that is still there. */
  readonly oldest: bigint

  constructor(message: string, details: ChangesGapErrorDetails) {
    super(message, { code: 'ERR_CHANGES_GAP', cause: details.cause })
    this.wanted = details.wanted
    this.oldest = details.oldest
  }
}

/** What native's message of a gap ends in. */
const GAP = /\(wanted (\d+), oldest (\d+)\)$/

function gapOf(message: string): ChangesGapError {
  const [, wanted = '0', oldest = '0'] = GAP.exec(message) ?? []
  return new ChangesGapError(message, { wanted: BigInt(wanted), oldest: BigInt(oldest) })
}

const SEVERITIES: readonly ErrorSeverity[] = ['none', 'soft', 'hard', 'fatal', 'unrecoverable']
const OUTCOMES: readonly (WriteOutcome | undefined)[] = [undefined, 'notApplied', 'unknown']

/**
 * @internal Makes the error for a failure that native code describes; the `createError` hook of addon.ts.
 *
 * @param severity 0 none, 1 soft, 2 hard, 3 fatal, 4 unrecoverable
 * @param outcome 0 not a write, 1 nothing was applied, 2 unknown
 */
export function fromNative(
  code: string,
  message: string,
  severity: number,
  retryable: boolean,
  outcome: number,
): Error {
  switch (code) {
    case 'ERR_INVALID_ARG_TYPE':
    case 'ERR_INVALID_ARG_VALUE':
      return Object.assign(new TypeError(message), { code })
    case 'ERR_OUT_OF_RANGE':
      return Object.assign(new RangeError(message), { code })
    case 'ERR_CHANGES_GAP':
      return gapOf(message)
    default:
      return new RocksDBError(message, {
        code: code as ErrorCode,
        severity: SEVERITIES[severity],
        retryable,
        outcome: OUTCOMES[outcome],
      })
  }
}

/** The name stands on the prototype, as in Node's own errors: in stacks, not among the fields. */
function nameClass(type: { prototype: Error }, name: string): void {
  Object.defineProperty(type.prototype, 'name', {
    value: name,
    configurable: true,
    enumerable: false,
    writable: true,
  })
}
