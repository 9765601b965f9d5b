/**
 * Packages that only some codecs need: users install them. Each codec has a `require` of its own, which bundlers find and
 * put into the bundle. webpack would warn of one that is not there, so what it makes loads them when it runs.
 */
import { RocksDBError } from '../base/errors'

/** The error for a codec whose package is not installed; any other error is thrown as it is. */
export function notInstalled(codec: string, name: string, error: unknown): RocksDBError {
  if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
  const message = `${codec} needs the package ${name}: npm install ${name}`
  return new RocksDBError(message, { code: 'ERR_NOT_SUPPORTED', cause: error })
}
