/** Options of single reads and writes, read once and converted to native's bits. */
import {
  invalidType,
  invalidValue,
  optionalBoolean,
  optionalInteger,
  readOptions,
} from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { ReadFlag } from '../native/reads'
import { WriteFlag } from '../native/writes'
import type { Connection } from './connection'
import { snapshotNumber } from './snapshot'
import { type ReadRequest, TransactionView } from './view'

export type { ReadRequest }

export const WRITE_OPTIONS = ['sync', 'disableWAL', 'lowPri', 'noSlowdown'] as const
/** Names of the options of every read. */
export const READ_OPTIONS = ['snapshot', 'fillCache', 'verifyChecksums'] as const
/** Names of the options of asynchronous reads. */
export const ASYNC_READ_OPTIONS = [...READ_OPTIONS, 'signal', 'deadlineMs'] as const

/** The request of a read without options. */
export const PLAIN_READ: ReadRequest = Object.freeze({
  flags: 0,
  snapshot: 0,
  signal: undefined,
  deadlineMs: 0,
})

/** The bits of `WriteFlag` for these options. */
export function writeFlags(connection: Connection, options: unknown): number {
  if (options === undefined) return connection.writeFlags
  return writeFlagsOf(connection, readOptions('options', options, WRITE_OPTIONS))
}

/** Like `writeFlags`, for options that were already read. */
export function writeFlagsOf(connection: Connection, options: Record<string, unknown>): number {
  const { sync, disableWAL, lowPri, noSlowdown } = options
  const off = (connection.writeFlags & WriteFlag.disableWAL) !== 0
  const synced = optionalBoolean('options.sync', sync, false)
  const withoutWAL = optionalBoolean('options.disableWAL', disableWAL, off)
  if (synced && withoutWAL) {
    const reason = 'cannot be true where the WAL is off: there is nothing to sync'
    throw invalidValue('options.sync', true, reason)
  }
  return (
    (synced ? WriteFlag.sync : 0) |
    (withoutWAL ? WriteFlag.disableWAL : 0) |
    (optionalBoolean('options.lowPri', lowPri, false) ? WriteFlag.lowPri : 0) |
    (optionalBoolean('options.noSlowdown', noSlowdown, false) ? WriteFlag.noSlowdown : 0)
  )
}

/** Converts options to a read's request. */
export function readRequest(
  connection: Connection,
  options: unknown,
  known: readonly string[],
): ReadRequest {
  if (options === undefined) return PLAIN_READ
  if (options instanceof TransactionView) return options.plain
  return readRequestOf(connection, readOptions('options', options, known))
}

/** Like `readRequest`, for options that were already read. */
export function readRequestOf(
  connection: Connection,
  options: Record<string, unknown>,
): ReadRequest {
  const { snapshot, fillCache, verifyChecksums, signal, deadlineMs } = options
  const fill = optionalBoolean('options.fillCache', fillCache, true)
  const verify = optionalBoolean('options.verifyChecksums', verifyChecksums, true)
  return {
    flags: (fill ? 0 : ReadFlag.noFillCache) | (verify ? 0 : ReadFlag.noVerifyChecksums),
    snapshot: snapshot === undefined ? 0 : viewNumber(snapshot, connection),
    signal: signalOf(signal),
    deadlineMs: optionalInteger('options.deadlineMs', deadlineMs, {
      min: 1,
      max: 0x7fffffff,
      default: 0,
    }),
  }
}

function viewNumber(snapshot: unknown, connection: Connection): number {
  if (snapshot instanceof TransactionView) return snapshot.number
  return snapshotNumber(snapshot, connection)
}

const abortedOf = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get as (
  this: unknown,
) => boolean

/** The signal of an operation. Throws if it is already aborted. */
export function signalOf(value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined
  let isAborted: boolean
  try {
    isAborted = abortedOf.call(value)
  } catch {
    throw invalidType('options.signal', 'an AbortSignal', value)
  }
  if (isAborted) throw aborted(value as AbortSignal)
  return value as AbortSignal
}

/** The error of a read with an aborted signal. */
export function aborted(signal: AbortSignal): RocksDBError {
  return new RocksDBError('the signal was aborted', { code: 'ERR_ABORTED', cause: signal.reason })
}

/** The error of a read after its deadline. */
export function timedOut(): RocksDBError {
  const details = { code: 'ERR_TIMED_OUT', retryable: true } as const
  return new RocksDBError('the deadline has passed', details)
}

/**
 * Settles like the promise, or rejects with `ERR_ABORTED` or `ERR_TIMED_OUT` if that comes first.
 * The work itself goes on.
 */
export function limited<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  milliseconds: number | undefined,
  explained: (error: unknown) => unknown,
): Promise<T> {
  if (signal === undefined && milliseconds === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = () => finish(() => reject(explained(aborted(signal as AbortSignal))))
    const timer =
      milliseconds === undefined
        ? undefined
        : setTimeout(() => finish(() => reject(explained(timedOut()))), Math.max(0, milliseconds))
    function finish(settle: () => void): void {
      signal?.removeEventListener('abort', abort)
      clearTimeout(timer)
      settle()
    }
    signal?.addEventListener('abort', abort)
    promise.then(
      (value) => finish(() => resolve(value)),
      (error) => finish(() => reject(error)),
    )
  })
}
