/** What errors of a node mean. */
import { LogShortError } from './anchor'
import { codeOf, logFailed, mismatch } from './errors'
import { OtherLogError } from './history'
import { LogGapError, LogLostError } from './log'

/** As an operator is told of it. */
export function explained(error: unknown, log: string): unknown {
  if (isOther(error)) return mismatch(`${log}: ${error.message}`)
  return codeOf(error)?.toString().startsWith('ERR_') === true
    ? error
    : logFailed(log, 'following', error)
}

/** The log is not the one that was read. */
function isOther(error: unknown): error is Error {
  return (
    error instanceof LogShortError ||
    error instanceof LogLostError ||
    error instanceof OtherLogError
  )
}

export function noReplica(path: string): Error {
  return mismatch(
    `${path} is a database that was no replica: newLog begins a log with its rows, and otherwise name a directory that is not there`,
  )
}

export function unlessGap(error: unknown): false {
  if (error instanceof LogGapError) return false
  throw error
}
