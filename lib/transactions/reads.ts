/**
 * A transaction's reads: reads of families at its view, once native has all that it has written.
 */
import { readOptions } from '../base/arguments'
import type { FamilyHandle } from '../connection/handle'
import { ASYNC_READ_OPTIONS, READ_OPTIONS, readRequestOf } from '../connection/requests'
import { explain } from '../native/lane'
import { BOUNDS, byteRange, count as countRange, putRange } from '../reads/range'
import * as reads from '../reads/reads'
import type { RowKind } from '../reads/rows'
import { lock, lockSync } from './locks'
import { lockOptions } from './options'
import { AsyncTransactionRows, type ScanGiven, TransactionRows } from './scans'
import type { TransactionState } from './state'

const withoutSnapshot = (names: readonly string[]) => names.filter((name) => name !== 'snapshot')
const SYNC_READ = withoutSnapshot(READ_OPTIONS)
const ASYNC_READ = withoutSnapshot(ASYNC_READ_OPTIONS)
const SCAN = [...BOUNDS, 'reverse', 'limit', 'readaheadBytes']
const SYNC_SCAN = [...SCAN, ...SYNC_READ]
const ASYNC_SCAN = [...SCAN, ...ASYNC_READ]
const COUNT = [...BOUNDS, 'reverse', 'limit', ...ASYNC_READ]
const SYNC_END = [...BOUNDS, ...SYNC_READ]
const ASYNC_END = [...BOUNDS, ...ASYNC_READ]

type State = TransactionState

/** The options of a family's read, with the transaction's view. */
function seen(state: State, given: ScanGiven): ScanGiven {
  return { ...given, snapshot: state.view }
}

function enter(state: State, family: FamilyHandle, operation: string): void {
  try {
    state.enter(operation)
  } catch (error) {
    throw explain(error, operation, family)
  }
}

/** Prepares a read on another thread. Returns a promise if the transaction has not begun yet. */
function begin(state: State, family: FamilyHandle, operation: string): Promise<void> | undefined {
  enter(state, family, operation)
  return state.begun?.then(() => enter(state, family, operation))
}

function beginSync(state: State, family: FamilyHandle, operation: string): void {
  try {
    state.enterSync(operation)
  } catch (error) {
    throw explain(error, operation, family)
  }
}

export function get<V>(
  state: State,
  family: FamilyHandle,
  key: unknown,
  options: unknown,
): Promise<V> {
  if (options !== undefined || state.begun !== undefined)
    return getWith(state, family, key, options)
  try {
    enter(state, family, 'get')
  } catch (error) {
    return Promise.reject(error)
  }
  return reads.get(family, key, state.view) as Promise<V>
}

/** Milliseconds until then, at least one. */
function rest(ends: number): number {
  return Math.max(1, Math.ceil(ends - performance.now()))
}

async function getWith<V>(
  state: State,
  family: FamilyHandle,
  key: unknown,
  options: unknown,
): Promise<V> {
  const [{ forUpdate, timeoutMs }, given] = lockOptions(options, ASYNC_READ)
  // All of them, before anything is locked.
  const { signal, deadlineMs } = readRequestOf(state.connection, given)
  const ends = deadlineMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + deadlineMs
  const begun = begin(state, family, 'get')
  if (begun !== undefined) await begun
  if (!forUpdate) return reads.get(family, key, seen(state, given)) as Promise<V>
  try {
    const locked = await lock(state, family, key, { timeoutMs, deadlineMs: rest(ends), signal })
    const left = deadlineMs === 0 ? given : { ...given, deadlineMs: rest(ends) }
    return (await reads.get(locked.family, locked.key, seen(state, left))) as V
  } catch (error) {
    throw explain(error, 'get', family)
  }
}

export function getSync<V>(state: State, family: FamilyHandle, key: unknown, options: unknown): V {
  if (options === undefined) {
    beginSync(state, family, 'get')
    return reads.getSync(family, key, state.view) as V
  }
  const [{ forUpdate }, given] = lockOptions(options, SYNC_READ)
  readRequestOf(state.connection, given)
  beginSync(state, family, 'get')
  try {
    if (forUpdate) lockSync(state, family, key)
  } catch (error) {
    throw explain(error, 'get', family)
  }
  return reads.getSync(family, key, seen(state, given)) as V
}

export async function getMany<V>(
  state: State,
  family: FamilyHandle,
  keys: unknown,
  options: unknown,
): Promise<V[]> {
  const given = readOptions('options', options, ASYNC_READ)
  const begun = begin(state, family, 'getMany')
  if (begun !== undefined) await begun
  return reads.getMany(family, keys, seen(state, given)) as Promise<V[]>
}

export function getManySync<V>(
  state: State,
  family: FamilyHandle,
  keys: unknown,
  options: unknown,
): V[] {
  const given = readOptions('options', options, SYNC_READ)
  beginSync(state, family, 'getMany')
  return reads.getManySync(family, keys, seen(state, given)) as V[]
}

export async function has(
  state: State,
  family: FamilyHandle,
  key: unknown,
  options: unknown,
): Promise<boolean> {
  const given = readOptions('options', options, ASYNC_READ)
  const begun = begin(state, family, 'has')
  if (begun !== undefined) await begun
  return reads.has(family, key, seen(state, given))
}

export function hasSync(
  state: State,
  family: FamilyHandle,
  key: unknown,
  options: unknown,
): boolean {
  const given = readOptions('options', options, SYNC_READ)
  beginSync(state, family, 'has')
  return reads.hasSync(family, key, seen(state, given))
}

export function scan<T>(
  state: State,
  family: FamilyHandle,
  kind: RowKind,
  options: unknown,
): AsyncIterableIterator<T> {
  const given = readOptions('options', options, ASYNC_SCAN)
  const begun = begin(state, family, 'read')
  return new AsyncTransactionRows<T>(state, family, kind, seen(state, given), begun)
}

export function scanSync<T>(
  state: State,
  family: FamilyHandle,
  kind: RowKind,
  options: unknown,
): IterableIterator<T> {
  const given = readOptions('options', options, SYNC_SCAN)
  beginSync(state, family, 'read')
  return new TransactionRows<T>(state, family, kind, seen(state, given))
}

/** Counts the rows of a range, which counts as read as a whole. */
export async function count(state: State, family: FamilyHandle, options: unknown): Promise<number> {
  const given = readOptions('options', options, COUNT)
  const begun = begin(state, family, 'count')
  if (begun !== undefined) await begun
  const range = byteRange(family, given, 'options')
  if (!range.empty) {
    putRange(family, range)
    state.noteRange()
  }
  return countRange(family, seen(state, given))
}

/** The row at one end of a range. */
export async function end<T>(
  state: State,
  family: FamilyHandle,
  options: unknown,
  reverse: boolean,
): Promise<T | undefined> {
  const given = readOptions('options', options, ASYNC_END)
  const rows = scan<T>(state, family, 'entries', { ...given, reverse, limit: 1 })
  const { value } = await rows.next()
  await rows.return?.()
  return value
}

/** `end` on this thread. */
export function endSync<T>(
  state: State,
  family: FamilyHandle,
  options: unknown,
  reverse: boolean,
): T | undefined {
  const given = readOptions('options', options, SYNC_END)
  const rows = scanSync<T>(state, family, 'entries', { ...given, reverse, limit: 1 })
  const { value } = rows.next()
  rows.return?.()
  return value
}
