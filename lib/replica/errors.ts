/** The errors of replicas. */
import { type ErrorCode, RocksDBError } from '../base/errors'

/** The log cannot be reached, or does not do what it must. */
export function logFailed(name: string, what: string, cause: unknown): RocksDBError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new RocksDBError(`${what} ${name} failed: ${reason}`, {
    code: 'ERR_REPLICA_LOG',
    retryable: true,
    cause,
  })
}

/** The log is another database's, or the directory is. */
export function mismatch(message: string): RocksDBError {
  return new RocksDBError(message, { code: 'ERR_REPLICA_MISMATCH' })
}

/** What is needed is in the log no more, and in no snapshot. */
export function gap(message: string, cause?: unknown): RocksDBError {
  return new RocksDBError(message, { code: 'ERR_REPLICA_GAP', cause })
}

/** A snapshot is not what was written. */
export function damagedSnapshot(
  target: string,
  id: string,
  problems: readonly { key: string; problem: string }[],
): RocksDBError {
  const first = problems[0]
  return new RocksDBError(
    `snapshot ${id} in ${target} is damaged: ${first?.key}: ${first?.problem}`,
    { code: 'ERR_BACKUP_DAMAGED' },
  )
}

export function stale(message: string): RocksDBError {
  return new RocksDBError(message, { code: 'ERR_STALE', retryable: true })
}

export function lost(token: string, why: string): RocksDBError {
  return new RocksDBError(`what the token ${token} stands for ${why}`, { code: 'ERR_REPLICA_LOST' })
}

export function timedOut(message: string): RocksDBError {
  return new RocksDBError(message, { code: 'ERR_TIMED_OUT', retryable: true })
}

export function closed(path: string): RocksDBError {
  return new RocksDBError(`the replica in ${path} is closed`, { code: 'ERR_CLOSED' })
}

export function aborted(signal: AbortSignal): RocksDBError {
  return new RocksDBError('given up through its signal', {
    code: 'ERR_ABORTED',
    cause: signal.reason,
  })
}

export function codeOf(error: unknown): ErrorCode | string | undefined {
  return (error as { code?: string } | undefined)?.code
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
