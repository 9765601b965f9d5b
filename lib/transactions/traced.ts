/** What users call of a transaction, and `touch`: traced where somebody listens. */
import type { FamilyHandle } from '../connection/handle'
import type { RowKind } from '../reads/rows'
import {
  countNothing,
  countReads,
  countRows,
  noteFound,
  noteSize,
  traceOn,
  traceSyncOn,
} from '../traces/counting'
import { Operation, operations } from '../traces/operations'
import { AsyncTracedRows, TracedRows } from '../traces/scans'
import { tracePromise, traceSync } from '../traces/trace'
import { HEADER } from '../writes/records'
import * as reads from './reads'
import type { TransactionState } from './state'
import * as touches from './touch'

type Family = FamilyHandle
type State = TransactionState

/** Whether memory had it is unknown where the read had to wait for the transaction, or for a lock. */
function hiding<T>(known: boolean, operation: Operation | undefined, read: Promise<T>): Promise<T> {
  if (known || operation === undefined) return read
  return read.then((value) => {
    operation.cacheHit = undefined
    return value
  })
}

export function get<V>(state: State, family: Family, key: unknown, options: unknown): Promise<V> {
  if (!operations.hasSubscribers) return reads.get(state, family, key, options)
  const known = options === undefined && state.begun === undefined
  return traceOn('get', family, countReads, (on, operation) =>
    hiding(known, operation, reads.get<V>(state, on, key, options)),
  )
}

export function getSync<V>(state: State, family: Family, key: unknown, options: unknown): V {
  if (!operations.hasSubscribers) return reads.getSync(state, family, key, options)
  return traceSyncOn('get', family, countReads, (on) => reads.getSync<V>(state, on, key, options))
}

export function getMany<V>(
  state: State,
  family: Family,
  keys: unknown,
  options: unknown,
): Promise<V[]> {
  if (!operations.hasSubscribers) return reads.getMany(state, family, keys, options)
  return traceOn('getMany', family, countReads, (on, operation) => {
    noteSize(operation, keys)
    const known = state.begun === undefined
    return hiding(known, operation, reads.getMany<V>(state, on, keys, options))
  })
}

export function getManySync<V>(state: State, family: Family, keys: unknown, options: unknown): V[] {
  if (!operations.hasSubscribers) return reads.getManySync(state, family, keys, options)
  return traceSyncOn('getMany', family, countReads, (on, operation) => {
    noteSize(operation, keys)
    return reads.getManySync<V>(state, on, keys, options)
  })
}

export function has(
  state: State,
  family: Family,
  key: unknown,
  options: unknown,
): Promise<boolean> {
  if (!operations.hasSubscribers) return reads.has(state, family, key, options)
  return traceOn('has', family, countNothing, (on, operation) =>
    hiding(state.begun === undefined, operation, reads.has(state, on, key, options)).then((found) =>
      noteFound(operation, found),
    ),
  )
}

export function hasSync(state: State, family: Family, key: unknown, options: unknown): boolean {
  if (!operations.hasSubscribers) return reads.hasSync(state, family, key, options)
  return traceSyncOn('has', family, countNothing, (on, operation) =>
    noteFound(operation, reads.hasSync(state, on, key, options)),
  )
}

export function scan<T>(
  state: State,
  family: Family,
  kind: RowKind,
  options: unknown,
): AsyncIterableIterator<T> {
  if (!operations.hasSubscribers) return reads.scan(state, family, kind, options)
  const { family: on, operation } = countRows('scan', family, kind)
  return new AsyncTracedRows<T>(reads.scan(state, on, kind, options), operation)
}

export function scanSync<T>(
  state: State,
  family: Family,
  kind: RowKind,
  options: unknown,
): IterableIterator<T> {
  if (!operations.hasSubscribers) return reads.scanSync(state, family, kind, options)
  const { family: on, operation } = countRows('scan', family, kind)
  return new TracedRows<T>(reads.scanSync(state, on, kind, options), operation)
}

export function count(state: State, family: Family, options: unknown): Promise<number> {
  if (!operations.hasSubscribers) return reads.count(state, family, options)
  return traceOn('count', family, countNothing, (on) => reads.count(state, on, options))
}

const countEntries = (name: Parameters<typeof countRows>[0], family: Family) =>
  countRows(name, family, 'entries')

export function end<T>(
  state: State,
  family: Family,
  options: unknown,
  reverse: boolean,
): Promise<T | undefined> {
  if (!operations.hasSubscribers) return reads.end(state, family, options, reverse)
  return traceOn(reverse ? 'last' : 'first', family, countEntries, (on) =>
    reads.end<T>(state, on, options, reverse),
  )
}

export function endSync<T>(
  state: State,
  family: Family,
  options: unknown,
  reverse: boolean,
): T | undefined {
  if (!operations.hasSubscribers) return reads.endSync(state, family, options, reverse)
  return traceSyncOn(reverse ? 'last' : 'first', family, countEntries, (on) =>
    reads.endSync<T>(state, on, options, reverse),
  )
}

function commitOf(state: State): Operation {
  const { byteLength, count: size } = state.mark()
  const operation = new Operation('commit', state.connection.path, undefined, size)
  operation.bytes = byteLength - HEADER
  return operation
}

/** `tryCommit` of a transaction. */
export function commit(state: State): Promise<void> | undefined {
  if (!operations.hasSubscribers) return state.tryCommit()
  return tracePromise(commitOf(state), async () => state.tryCommit())
}

/** `commit` on this thread. */
export function commitSync(state: State): void {
  if (!operations.hasSubscribers) state.tryCommitSync()
  else traceSync(commitOf(state), () => state.tryCommitSync())
}

export function touch(family: Family, key: unknown, options: unknown): Promise<boolean> {
  if (!operations.hasSubscribers) return touches.touch(family, key, options)
  return traceOn('touch', family, countNothing, (on, operation) =>
    touches.touch(on, key, options).then((found) => noteFound(operation, found)),
  )
}

export function touchSync(family: Family, key: unknown, options: unknown): boolean {
  if (!operations.hasSubscribers) return touches.touchSync(family, key, options)
  return traceSyncOn('touch', family, countNothing, (on, operation) =>
    noteFound(operation, touches.touchSync(on, key, options)),
  )
}
