/** The errors of imports and exports. */
import { type ErrorCode, RocksDBError } from '../base/errors'

/** An error with a code, and perhaps with what caused it. */
export function failure(code: ErrorCode, message: string, cause?: unknown): RocksDBError {
  return new RocksDBError(message, { code, cause, retryable: code === 'ERR_LOCKED' })
}

/** The text of whatever was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The `code` of an error, or of what caused it; '' where there is none. */
export function codeOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
  const inner = (cause as { code?: unknown } | undefined)?.code
  return String(inner ?? code ?? '')
}
