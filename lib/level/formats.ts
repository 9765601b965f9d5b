/** What abstract-level hands over and takes: text or bytes, as an encoding's format says. */
import { RocksDBError } from '../base/errors'

/** A key or value in one of the formats `'utf8'`, `'buffer'` and `'view'`. */
export type Format = string | Buffer | Uint8Array

/** Bytes in a format. Bytes that are no text become U+FFFD, as with every store of this kind. */
export function inFormat(bytes: Buffer, format: string): Format {
  return format === 'utf8' ? bytes.toString('utf8') : bytes
}

/** A key or value for RocksDB; lone surrogates become U+FFFD. */
export function stored(value: Format): Buffer | Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : value
}

/** How these errors are called in level. */
const CODES: Readonly<Record<string, string>> = {
  ERR_LOCKED: 'LEVEL_LOCKED',
  ERR_CORRUPTION: 'LEVEL_CORRUPTION',
  ERR_IO: 'LEVEL_IO_ERROR',
}

/** The error of an open, by the code that users of level look for; others stay as they are. */
export function inLevelsWords(error: unknown): unknown {
  if (!(error instanceof RocksDBError)) return error
  const code = CODES[error.code]
  if (code === undefined) return missing(error)
  return Object.assign(new Error((error as Error).message, { cause: error }), { code })
}

/** Says in the words that callers look for that there is no database. */
function missing(error: RocksDBError): unknown {
  if (!error.message.includes('there is no database at')) return error
  return new Error(`${error.message}: it does not exist (createIfMissing is false)`, {
    cause: error,
  })
}

/** As abstract-level throws it. */
export function abortError(): Error {
  const error = new Error('Operation has been aborted')
  return Object.assign(error, { name: 'AbortError', code: 'LEVEL_ABORTED' })
}
