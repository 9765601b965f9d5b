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

/** Operations of which each part is an operation of its own: only those are measured. */
const OF_PARTS: readonly TracedOperation[] = ['transaction', 'backup', 'open']

/** Runs the part of an operation that is done on this thread, and notes what its WAL takes. */
function measured<T>(operation: Operation, run: () => T): T {
  if (OF_PARTS.includes(operation.operation)) return run()
  const before = addon.measure(true)
  try {
    return run()
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

/** Begins an operation, and notes what native measures of it until it has its outcome. */
function begin<T>(operation: Operation, run: () => Promise<T>): Promise<T> {
  const id = nextId()
  const promise = measured(operation, run)
  // Unless an operation inside of it has.
  const taken = ids.next !== id && !awaitsTimings(id)
  if (taken) awaitTimings(id, operation)
  if (READS.includes(operation.operation)) operation.cacheHit = !taken
  const ended = () => {
    if (taken) forgetTimings(id, operation)
  }
  const failed = () => {
    ended()
    operation.cacheHit = undefined
  }
  promise.then(ended, failed)
  return promise
}

/** Traces a call that returns a promise. */
export function tracePromise<T>(operation: Operation, run: () => Promise<T>): Promise<T> {
  return operations.tracePromise(() => inside(operation, () => begin(operation, run)), operation)
}

/** Traces a call on this thread. */
export function traceSync<T>(operation: Operation, run: () => T): T {
  operation.sync = true
  return operations.traceSync(() => inside(operation, () => measured(operation, run)), operation)
}

/** Reads that memory is asked for first. */
const READS: readonly TracedOperation[] = ['get', 'getInto', 'has', 'getMany']

/** Traces a call if anybody listens: for what is not done often. */
export function traced<T>(
  operation: TracedOperation,
  { path }: { readonly path: string },
  run: (context?: Operation) => Promise<T>,
  columnFamily?: string,
): Promise<T> {
  if (!operations.hasSubscribers) return run()
  const context = new Operation(operation, path, columnFamily)
  return tracePromise(context, () => run(context))
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
