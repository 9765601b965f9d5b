/** The reads of a family as users call them: traced where somebody listens. */
import type { FamilyHandle } from '../connection/handle'
import {
  countNothing,
  countReads,
  countRows,
  noteFound,
  noteSize,
  traceOn,
  traceSyncOn,
} from '../traces/counting'
import { operations } from '../traces/operations'
import { AsyncTracedRows, type ScanTrace, TracedRows } from '../traces/scans'
import type { Page } from '../types/ranges'
import * as ends from './ends'
import { AsyncPages, Pages } from './pages'
import * as range from './range'
import * as reads from './reads'
import { AsyncRows, type RowKind, Rows } from './rows'
import * as stored from './stored'

type Family = FamilyHandle

export function getSync(family: Family, key: unknown, options: unknown): unknown {
  if (!operations.hasSubscribers) return reads.getSync(family, key, options)
  return traceSyncOn('get', family, countReads, (on) => reads.getSync(on, key, options))
}

export function get(family: Family, key: unknown, options: unknown): Promise<unknown> {
  if (!operations.hasSubscribers) return reads.get(family, key, options)
  return traceOn('get', family, countReads, (on) => reads.get(on, key, options))
}

export function getManySync(family: Family, keys: unknown, options: unknown): unknown[] {
  if (!operations.hasSubscribers) return reads.getManySync(family, keys, options)
  return traceSyncOn('getMany', family, countReads, (on, operation) => {
    noteSize(operation, keys)
    return reads.getManySync(on, keys, options)
  })
}

export function getMany(family: Family, keys: unknown, options: unknown): Promise<unknown[]> {
  if (!operations.hasSubscribers) return reads.getMany(family, keys, options)
  return traceOn('getMany', family, countReads, (on, operation) => {
    noteSize(operation, keys)
    return reads.getMany(on, keys, options)
  })
}

export function hasSync(family: Family, key: unknown, options: unknown): boolean {
  if (!operations.hasSubscribers) return reads.hasSync(family, key, options)
  return traceSyncOn('has', family, countNothing, (on, operation) =>
    noteFound(operation, reads.hasSync(on, key, options)),
  )
}

export function has(family: Family, key: unknown, options: unknown): Promise<boolean> {
  if (!operations.hasSubscribers) return reads.has(family, key, options)
  return traceOn('has', family, countNothing, (on, operation) =>
    reads.has(on, key, options).then((found) => noteFound(operation, found)),
  )
}

export function getIntoSync(
  family: Family,
  key: unknown,
  target: unknown,
  options: unknown,
): number {
  if (!operations.hasSubscribers) return reads.getIntoSync(family, key, target, options)
  return traceSyncOn('getInto', family, countNothing, (on, operation) => {
    const length = reads.getIntoSync(on, key, target, options)
    return Object.assign(operation, copied(length)) && length
  })
}

export function getInto(
  family: Family,
  key: unknown,
  target: unknown,
  options: unknown,
): Promise<number> {
  if (!operations.hasSubscribers) return reads.getInto(family, key, target, options)
  return traceOn('getInto', family, countNothing, async (on, operation) => {
    const length = await reads.getInto(on, key, target, options)
    if (operation !== undefined) Object.assign(operation, copied(length))
    return length
  })
}

/** What `getInto` has read; its length is -1 where there was no row. */
function copied(length: number): { rows: number; bytes: number } {
  return { rows: length < 0 ? 0 : 1, bytes: Math.max(length, 0) }
}

export function endOf(family: Family, options: unknown, reverse: boolean): Promise<unknown> {
  if (!operations.hasSubscribers) return ends.endOf(family, options, reverse)
  return traceOn(reverse ? 'last' : 'first', family, countEntries, (on) =>
    ends.endOf(on, options, reverse),
  )
}

export function endOfSync(family: Family, options: unknown, reverse: boolean): unknown {
  if (!operations.hasSubscribers) return ends.endOfSync(family, options, reverse)
  return traceSyncOn(reverse ? 'last' : 'first', family, countEntries, (on) =>
    ends.endOfSync(on, options, reverse),
  )
}

const countEntries = (name: Parameters<typeof countRows>[0], family: Family) =>
  countRows(name, family, 'entries')

export function getStored(
  family: Family,
  key: unknown,
  options: unknown,
): Promise<stored.Stored | undefined> {
  if (!operations.hasSubscribers) return stored.getStored(family, key, options, 'expiresAt')
  return traceOn('expiresAt', family, countNothing, async (on, operation) =>
    noteFound(operation, await stored.getStored(on, key, options, 'expiresAt')),
  )
}

export function getStoredSync(
  family: Family,
  key: unknown,
  options: unknown,
): stored.Stored | undefined {
  if (!operations.hasSubscribers) return stored.getStoredSync(family, key, options, 'expiresAt')
  return traceSyncOn('expiresAt', family, countNothing, (on, operation) =>
    noteFound(operation, stored.getStoredSync(on, key, options, 'expiresAt')),
  )
}

export function count(family: Family, options: unknown): Promise<number> {
  if (!operations.hasSubscribers) return range.count(family, options)
  return traceOn('count', family, countNothing, (on) => range.count(on, options))
}

export function clear(family: Family, bounds: unknown, options: unknown): Promise<void> {
  if (!operations.hasSubscribers) return range.clear(family, bounds, options)
  return traceOn('clear', family, countNothing, (on) => range.clear(on, bounds, options))
}

/** The rows of a range. */
export function rows<T>(
  family: Family,
  kind: RowKind,
  options: unknown,
): AsyncIterableIterator<T, undefined> {
  if (!operations.hasSubscribers) return new AsyncRows<T>(family, kind, options)
  const { family: on, operation } = countRows('scan', family, kind)
  return new AsyncTracedRows<T>(new AsyncRows(on, kind, options), operation)
}

/** `rows` on this thread. */
export function rowsSync<T>(
  family: Family,
  kind: RowKind,
  options: unknown,
): IterableIterator<T, undefined> {
  if (!operations.hasSubscribers) return new Rows<T>(family, kind, options)
  const { family: on, operation } = countRows('scan', family, kind)
  return new TracedRows<T>(new Rows(on, kind, options), operation)
}

/** The rows of a range undecoded. */
export function pages(family: Family, options: unknown): AsyncIterableIterator<Page, undefined> {
  const all = new AsyncPages(family, options)
  if (!operations.hasSubscribers) return all
  return new AsyncTracedRows(all, countNothing('scan', family).operation, notePage)
}

/** `pages` on this thread. */
export function pagesSync(family: Family, options: unknown): IterableIterator<Page, undefined> {
  const all = new Pages(family, options)
  if (!operations.hasSubscribers) return all
  return new TracedRows(all, countNothing('scan', family).operation, notePage)
}

function notePage(trace: ScanTrace, { bytes, count: rowCount }: Page): void {
  trace.note(rowCount, bytes.length)
}
