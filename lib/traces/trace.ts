/** Traces a call: its events, by the protocol of Node's tracing channels, and what native measures of it. */
import { addon } from '../native/addon'
import { ids, nextId } from '../native/lane'
import { awaitsTimings, awaitTimings, forgetTimings } from '../native/timings'
import { Operation, operations, type TracedOperation } from './operations'

/** Runs what an operation does inside of something: its span. */
export type Around = <T>(operation: Operation, run: () => T) => T

let around: Around | undefined

/** @internal Runs every operation that is traced inside of `by`; undefined ends it. */
export function runAround(by: Around | undefined): void {
  around = by
}

/** How many operations are being measured, one inside of the other. */
let depth = 0

/** Runs the part of an operation that is done at once. Returns the id of its call if native answers it later. */
function measured<T>(operation: Operation, run: () => T): [result: T, id: number | undefined] {
  const id = nextId()
  const before = addon.measure(true)
  depth++
  try {
    const result = run()
    const taken = ids.next !== id && !awaitsTimings(id)
    if (taken) awaitTimings(id, operation)
    return [result, taken ? id : undefined]
  } finally {
    depth--
    const spent = addon.measure(false) - before
    if (spent > 0) operation.walMs = spent
  }
}

function inside<T>(operation: Operation, run: () => T): T {
  return around === undefined ? run() : around(operation, run)
}

/** Traces a call that returns a promise. */
export function tracePromise<T>(operation: Operation, run: () => Promise<T>): Promise<T> {
  const start = () => {
    const [promise, id] = measured(operation, run)
    if (isRead(operation)) operation.cacheHit = id === undefined
    if (id === undefined) return promise
    const forget = () => forgetTimings(id, operation)
    promise.then(forget, forget)
    return promise
  }
  return operations.tracePromise(() => inside(operation, start), operation)
}

/** Traces a call on this thread. */
export function traceSync<T>(operation: Operation, run: () => T): T {
  return operations.traceSync(() => inside(operation, () => measured(operation, run)[0]), operation)
}

/** Reads that memory is asked for first. */
const READS: readonly TracedOperation[] = ['get', 'getInto', 'has', 'getMany']

function isRead({ operation, cacheHit }: Operation): boolean {
  return cacheHit === undefined && READS.includes(operation)
}

/** Traces a call if anybody listens: for what is not done often. */
export function traced<T>(
  operation: TracedOperation,
  { path }: { readonly path: string },
  run: () => Promise<T>,
  columnFamily?: string,
): Promise<T> {
  if (!operations.hasSubscribers) return run()
  return tracePromise(new Operation(operation, path, columnFamily), run)
}

/** `traced` of a call on this thread. */
export function tracedSync<T>(
  operation: TracedOperation,
  { path }: { readonly path: string },
  run: () => T,
): T {
  if (!operations.hasSubscribers) return run()
  return traceSync(new Operation(operation, path), run)
}
