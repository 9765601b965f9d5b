/** Traces a call: its events, by the protocol of Node's tracing channels, and what native measures of it. */
import { addon } from '../native/addon'
import { ids, nextId } from '../native/lane'
import { awaitsTimings, awaitTimings, forgetTimings } from '../native/timings'
import { Operation, operations, type TracedOperation } from './operations'

/** Runs what an operation does inside of something: its span. */
export type Around = <T>(operation: Operation, run: () => T) => T

const arounds = new Set<Around>()

/** Runs every operation inside of `around`, from now on. Returns a function that ends it. */
export function runAround(around: Around): () => void {
  arounds.add(around)
  return () => void arounds.delete(around)
}

/** Runs the part of an operation that is done at once. Returns the id of its call if native answers it later. */
function measured<T>(operation: Operation, run: () => T): [result: T, id: number | undefined] {
  const id = nextId()
  const before = addon.measure(true)
  try {
    const result = run()
    const taken = ids.next !== id && !awaitsTimings(id)
    if (taken) awaitTimings(id, operation)
    return [result, taken ? id : undefined]
  } finally {
    const spent = addon.measure(false) - before
    if (spent > 0) operation.walMs = spent
  }
}

function inside<T>(operation: Operation, run: () => T): T {
  let all = run
  for (const around of arounds) {
    const inner = all
    all = () => around(operation, inner)
  }
  return all()
}

/** Traces a call that returns a promise. */
export function tracePromise<T>(operation: Operation, run: () => Promise<T>): Promise<T> {
  const start = () => {
    const [promise, id] = measured(operation, run)
    if (READS.includes(operation.operation)) operation.cacheHit = id === undefined
    const ended = () => {
      if (id !== undefined) forgetTimings(id, operation)
    }
    const failed = () => {
      ended()
      operation.cacheHit = undefined
    }
    promise.then(ended, failed)
    return promise
  }
  return operations.tracePromise(() => inside(operation, start), operation)
}

/** Traces a call on this thread. */
export function traceSync<T>(operation: Operation, run: () => T): T {
  operation.sync = true
  return operations.traceSync(() => inside(operation, () => measured(operation, run)[0]), operation)
}

/** Reads that memory is asked for first. */
const READS: readonly TracedOperation[] = ['get', 'getInto', 'has', 'getMany']

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
