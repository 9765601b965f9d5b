/** What the errors of NATS mean to a log. */
import { RocksDBError } from '../base/errors'
import { AppendError, type AppendFailure } from './log'

/** Codes of the server's answers. Those of appends are found out before anything is stored. */
export const ApiCode = {
  accountResources: 10002,
  insufficientResources: 10023,
  noMessage: 10037,
  storageResources: 10047,
  streamNotFound: 10059,
  nameInUse: 10058,
  messageTooLarge: 10054,
  sequenceMismatch: 10063,
  wrongLastId: 10070,
  wrongLastSequence: 10071,
  storeFailed: 10077,
  streamSealed: 10109,
  wrongLastSequenceToo: 10164,
} as const

const CONFLICTS: readonly number[] = [
  ApiCode.wrongLastSequence,
  ApiCode.wrongLastSequenceToo,
  ApiCode.wrongLastId,
]
const REFUSALS: readonly number[] = [
  ApiCode.accountResources,
  ApiCode.insufficientResources,
  ApiCode.storageResources,
]
/** A store that failed says why; only its limits are checked before others may have stored it. */
const LIMIT = /^maximum (bytes|messages|messages per subject) exceeded/

/** The server's code and its HTTP-like status; 0 and 0 where the error is no answer of JetStream. */
export function apiCodeOf(error: unknown): { code: number; status: number } {
  const { name, code, status } = (error ?? {}) as {
    name?: string
    code?: unknown
    status?: unknown
  }
  const isAnswer = name === 'JetStreamApiError' || name === 'StreamNotFoundError'
  if (!isAnswer || typeof code !== 'number') return { code: 0, status: 0 }
  return { code, status: typeof status === 'number' ? status : 0 }
}

/** What is known of an append after this error of the client. */
export function appendFailureOf(error: unknown): AppendFailure {
  const { code, status } = apiCodeOf(error)
  if (CONFLICTS.includes(code)) return 'conflict'
  if (REFUSALS.includes(code)) return 'refused'
  if (code === ApiCode.storeFailed) return LIMIT.test(messageOf(error)) ? 'refused' : 'unknown'
  if (code !== 0) return status === 400 ? 'refused' : 'unknown'
  return isForbidden(error) || nameOf(error) === 'InvalidArgumentError' ? 'refused' : 'unknown'
}

/** The error of an append. */
export function appendError(log: string, failure: AppendFailure, cause: unknown): AppendError {
  const what = {
    conflict: 'did not append a record, for the last one is not the expected one',
    unknown: 'may have appended a record, or may not',
    refused: 'refused a record',
  }[failure]
  return new AppendError(failure, `${log} ${what}: ${messageOf(cause)}`, cause)
}

/** The log did not do `what`; `cause` is the client's error. */
export function logFailed(log: string, what: string, cause: unknown): RocksDBError {
  const gone = apiCodeOf(cause).code === ApiCode.streamNotFound
  const advice = gone
    ? 'the stream is not there: somebody has deleted it'
    : isForbidden(cause)
      ? `${messageOf(cause)}: give the user that right`
      : messageOf(cause)
  return new RocksDBError(`${log} could not ${what}: ${advice}`, {
    code: 'ERR_REPLICA_LOG',
    retryable: !gone && !isForbidden(cause),
    cause,
  })
}

/** The log is not what it must be. */
export function logUnfit(log: string, problem: string): RocksDBError {
  return new RocksDBError(`${log} ${problem}`, { code: 'ERR_REPLICA_LOG' })
}

/** The log was closed here, or its connection by who gave it. */
export function logClosed(log: string): RocksDBError {
  return new RocksDBError(`the connection to ${log} was closed`, { code: 'ERR_CLOSED' })
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whether the user lacks a right: trying again is of no use. */
export function isForbidden(error: unknown): boolean {
  const names = [nameOf(error), nameOf((error as { cause?: unknown } | undefined)?.cause)]
  return names.some((name) => name === 'PermissionViolationError' || name === 'AuthorizationError')
}

function nameOf(error: unknown): string {
  return String((error as { name?: unknown } | undefined)?.name ?? '')
}
