/** Options of transactions, read once and checked. */
import { invalidType, oneOf, optionalInteger, readOptions } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import type { Connection } from '../connection/connection'
import { signalOf, writeFlagsOf } from '../connection/requests'
import type { Isolation } from './state'

const WRITE = ['sync', 'disableWAL', 'lowPri', 'noSlowdown'] as const
const BEGIN = ['isolation', ...WRITE] as const
const SYNC_RUN = [...BEGIN, 'maxRetries'] as const
const RUN = [...SYNC_RUN, 'deadlineMs', 'signal'] as const
const LOCK = ['forUpdate', 'lockTimeoutMs'] as const

const ISOLATIONS = ['serializable', 'snapshot'] as const
const MAX_RETRIES = 10
const LOCK_TIMEOUT_MS = 5000
const LONGEST_MS = 0x7fffffff

/** How to begin a transaction. */
export interface BeginRequest {
  isolation: Isolation
  /** Bits of `WriteFlag`. */
  flags: number
}

/** How to run a function as a transaction. */
export interface RunRequest extends BeginRequest {
  maxRetries: number
  /** 0 means no deadline. */
  deadlineMs: number
  signal: AbortSignal | undefined
}

/** What `forUpdate` and `lockTimeoutMs` request. */
export interface LockOptions {
  forUpdate: boolean
  timeoutMs: number
}

function beginOf(connection: Connection, options: Record<string, unknown>): BeginRequest {
  const { isolation: asked, sync, disableWAL, lowPri, noSlowdown } = options
  const isolation = oneOf('options.isolation', asked, ISOLATIONS, 'serializable')
  return { isolation, flags: writeFlagsOf(connection, { sync, disableWAL, lowPri, noSlowdown }) }
}

/** The options of `begin`. */
export function beginRequest(connection: Connection, given: unknown): BeginRequest {
  if (given === undefined) return { isolation: 'serializable', flags: connection.writeFlags }
  return beginOf(connection, readOptions('options', given, BEGIN))
}

/** The options of `transaction` or, with `sync`, of `transactionSync`. */
export function runRequest(connection: Connection, given: unknown, sync: boolean): RunRequest {
  if (given === undefined) return plainRun(connection.writeFlags)
  const options = readOptions('options', given, sync ? SYNC_RUN : RUN)
  const { maxRetries: retries, deadlineMs: deadline, signal } = options
  const { isolation, flags } = beginOf(connection, options)
  return {
    isolation,
    flags,
    maxRetries: optionalInteger('options.maxRetries', retries, { default: MAX_RETRIES }),
    deadlineMs: optionalInteger('options.deadlineMs', deadline, {
      min: 1,
      max: LONGEST_MS,
      default: 0,
    }),
    signal: signalBefore(signal),
  }
}

function signalBefore(signal: unknown): AbortSignal | undefined {
  try {
    return signalOf(signal)
  } catch (error) {
    throw notApplied(error)
  }
}

/** Marks an error of the database as one from before anything was written. */
export function notApplied(error: unknown): unknown {
  if (!(error instanceof RocksDBError)) return error
  const { message, code, severity, retryable, cause } = error
  return new RocksDBError(message, { code, severity, retryable, cause, outcome: 'notApplied' })
}

function plainRun(flags: number): RunRequest {
  return {
    isolation: 'serializable',
    flags,
    maxRetries: MAX_RETRIES,
    deadlineMs: 0,
    signal: undefined,
  }
}

/** A callable function. The constructor of a class is refused, since it cannot be called. */
export function functionOf(name: string, given: unknown): (tx: unknown) => unknown {
  if (typeof given !== 'function' || isClass(given)) {
    throw invalidType(name, 'a function', given)
  }
  return given as (tx: unknown) => unknown
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function'
}

/** Throws if the function of the method `name` and `Sync` returned a promise: its end would be missed. */
export function refusePromise(result: unknown, name: string): void {
  if (!isThenable(result)) return
  // Nobody waits for it.
  Promise.resolve(result).catch(() => {})
  const message = `The function of ${name}Sync must not return a promise: use ${name}`
  throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_RETURN_VALUE' })
}

/** Only the `prototype` of a class is read-only. */
function isClass(given: object): boolean {
  try {
    return Object.getOwnPropertyDescriptor(given, 'prototype')?.writable === false
  } catch {
    return false // a Proxy that does not tell
  }
}

/** Separates the options of a lock from those of the read. */
export function lockOptions(
  given: unknown,
  known: readonly string[],
): [LockOptions, Record<string, unknown>] {
  const options = readOptions('options', given, [...known, ...LOCK])
  const { forUpdate, lockTimeoutMs, ...rest } = options
  if (forUpdate !== undefined && typeof forUpdate !== 'boolean') {
    throw invalidType('options.forUpdate', 'a boolean', forUpdate)
  }
  const timeoutMs = optionalInteger('options.lockTimeoutMs', lockTimeoutMs, {
    min: 1,
    max: LONGEST_MS,
    default: LOCK_TIMEOUT_MS,
  })
  return [{ forUpdate: forUpdate === true, timeoutMs }, rest]
}
