/** The errors of backups. */
import { RocksDBError } from '../base/errors'
import type { BackupTarget } from './target'

/** Errors after which trying again is of no use. */
export const ENDS_A_STREAM: readonly string[] = [
  'ERR_BACKUP_FENCED',
  'ERR_BACKUP_MISMATCH',
  'ERR_NOT_SUPPORTED',
  'ERR_CLOSED',
  'ERR_READ_ONLY',
]
/** Errors of a feed whose changes are gone: a whole backup makes up for them. */
export const CHANGES_ARE_GONE: readonly string[] = ['ERR_CHANGES_GAP', 'ERR_CHANGES_EPOCH']

/** The code of an error; empty where it has none. */
export function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? ''
}

/** Of a stream that was stopped, or whose database was closed. */
export function hasEnded(): RocksDBError {
  return new RocksDBError('the backups have ended', { code: 'ERR_CLOSED' })
}

/** What the target has done wrong. Passing: the same call may succeed later. */
export function targetFailed(target: BackupTarget, what: string, cause: unknown): RocksDBError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new RocksDBError(`${what} in ${target.name} failed: ${reason}`, {
    code: 'ERR_BACKUP_TARGET',
    retryable: true,
    cause,
  })
}

/** What the file system here has done wrong, while `what` was done; other errors are given back as they are. */
export function ofFiles(what: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (error instanceof RocksDBError || code === undefined || syscall === undefined) return error
  return new RocksDBError(`${what}: ${(error as Error).message}`, {
    code: code === 'ENOSPC' || code === 'EDQUOT' ? 'ERR_NO_SPACE' : 'ERR_IO',
    cause: error,
  })
}

export function damaged(target: BackupTarget, key: string, problem: string, cause?: unknown) {
  return new RocksDBError(`${key} in ${target.name} is damaged: ${problem}`, {
    code: 'ERR_BACKUP_DAMAGED',
    cause,
  })
}

export function notFound(target: BackupTarget, what: string): RocksDBError {
  return new RocksDBError(`${target.name} ${what}`, { code: 'ERR_BACKUP_NOT_FOUND' })
}

export function fenced(target: BackupTarget, who: string): RocksDBError {
  return new RocksDBError(
    `${who} has taken over ${target.name}, so nothing more is written there from here: give each ` +
      'database a target of its own',
    { code: 'ERR_BACKUP_FENCED' },
  )
}

/** Of a stream whose whole backup somebody has deleted. It makes another one. */
export function baseRemoved(target: BackupTarget): RocksDBError {
  return new RocksDBError(
    `the backup in ${target.name} from which continuous backups go on was deleted: a whole one follows`,
    { code: 'ERR_CHANGES_GAP' },
  )
}

export function otherDatabase(target: BackupTarget): RocksDBError {
  return new RocksDBError(
    `${target.name} has the backups of another database: give this one a target of its own`,
    { code: 'ERR_BACKUP_MISMATCH' },
  )
}

/** The error of an aborted signal. */
export function abortedBy(signal: AbortSignal): RocksDBError {
  return new RocksDBError('it was aborted', { code: 'ERR_ABORTED', cause: signal.reason })
}

export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedBy(signal)
}

/** Tells a user of an error. What the user's function throws never ends what goes on. */
export function tellOf(error: Error, onError: ((error: Error) => void) | undefined): void {
  try {
    onError?.(error)
  } catch (thrown) {
    process.emitWarning(thrown as Error)
  }
}
