/** Families whose rows are counted on their way through the codecs. */
import type { BoundForms, CodecImplementation, Prepared } from '../codecs/codec'
import { counterCodec } from '../codecs/counter'
import type { FamilyHandle } from '../connection/handle'
import type { Sink } from '../native/buffers'
import { Operation, type TracedOperation } from './operations'
import { tracePromise, traceSync } from './trace'

/** What a codec counts. */
interface Counting {
  /** Whether each value that it reads is a row. */
  rows: boolean
  reads: boolean
  appends: boolean
}

/** Counts bytes, and otherwise does what the codec inside of it does. */
class CountingCodec implements CodecImplementation {
  readonly #inner: CodecImplementation
  readonly #operation: Operation
  readonly #counts: Counting
  readonly copies: boolean
  readonly prefixes: boolean
  readonly ordered: boolean
  readonly width: number
  readonly bounds: BoundForms | undefined

  constructor(inner: CodecImplementation, operation: Operation, counts: Counting) {
    this.#inner = inner
    this.#operation = operation
    this.#counts = counts
    this.copies = inner.copies
    this.prefixes = inner.prefixes
    this.ordered = inner.ordered ?? false
    this.width = inner.width ?? 0
    this.bounds = inner.bounds
  }

  prepare(value: unknown, name: string): Prepared {
    return this.#inner.prepare(value, name)
  }

  guess(prepared: Prepared, name: string): number {
    return this.#inner.guess(prepared, name)
  }

  append(sink: Sink, prepared: Prepared, guess: number): void {
    const start = sink.length
    this.#inner.append(sink, prepared, guess)
    const operation = this.#operation
    if (this.#counts.appends) operation.bytes = (operation.bytes ?? 0) + sink.length - start
  }

  read(bytes: Buffer, start: number, end: number): unknown {
    const operation = this.#operation
    if (this.#counts.reads) operation.bytes = (operation.bytes ?? 0) + end - start
    if (this.#counts.rows) operation.rows = (operation.rows ?? 0) + 1
    return this.#inner.read(bytes, start, end)
  }
}

/** A family and the operation on it. */
export interface Counted {
  readonly family: CountedFamily
  readonly operation: Operation
}

/** A family that knows the operation on it. */
export interface CountedFamily extends FamilyHandle {
  readonly operation: Operation
}

function operationOn(name: TracedOperation, { connection, name: family }: FamilyHandle): Operation {
  return new Operation(name, connection.path, family)
}

/** Counts the values that a point read finds. */
export function countReads(name: TracedOperation, family: FamilyHandle): Counted {
  const operation = operationOn(name, family)
  operation.rows = 0
  operation.bytes = 0
  const value = new CountingCodec(family.value, operation, READS)
  return { family: { ...family, value, operation }, operation }
}

const READS: Counting = { rows: true, reads: true, appends: false }
const PARTS: Counting = { rows: false, reads: true, appends: false }
const WRITES: Counting = { rows: false, reads: false, appends: true }

/** Which part of each row is decoded. */
type RowKind = 'entries' | 'keys' | 'values'

/** Counts the rows that a scan gives; `kind` says which parts of them it decodes. */
export function countRows(name: TracedOperation, family: FamilyHandle, kind: RowKind): Counted {
  const operation = operationOn(name, family)
  operation.rows = 0
  operation.bytes = 0
  const key = new CountingCodec(family.key, operation, kind === 'keys' ? READS : PARTS)
  const value = new CountingCodec(family.value, operation, READS)
  return { family: { ...family, key, value, operation }, operation }
}

/** Counts the bytes that a write encodes. */
export function countWrites(name: TracedOperation, family: FamilyHandle): Counted {
  const operation = operationOn(name, family)
  operation.bytes = 0
  const key = new CountingCodec(family.key, operation, WRITES)
  // Counters are known by their codec.
  const value =
    family.value === counterCodec
      ? family.value
      : new CountingCodec(family.value, operation, WRITES)
  return { family: { ...family, key, value, operation }, operation }
}

/** The operation on a family, counted nowhere else. */
export function countNothing(name: TracedOperation, family: FamilyHandle): Counted {
  const operation = operationOn(name, family)
  return { family: { ...family, operation }, operation }
}

/** Notes how long an operation has waited for the lock of a key. */
export function noteLock(family: FamilyHandle, ms: number): void {
  const { operation } = family as Partial<CountedFamily>
  if (operation !== undefined) operation.lockMs = (operation.lockMs ?? 0) + ms
}

/** Makes the operation on a family, and the family that counts for it. */
type Count = (name: TracedOperation, family: FamilyHandle) => Counted

/** undefined where it is no family: the call itself says so. */
function tryCount(name: TracedOperation, family: FamilyHandle, count: Count): Counted | undefined {
  try {
    return count(name, family)
  } catch {
    return undefined
  }
}

/** Traces a call on a family that returns a promise. */
export function traceOn<T>(
  name: TracedOperation,
  family: FamilyHandle,
  count: Count,
  run: (family: FamilyHandle, operation?: Operation) => Promise<T>,
): Promise<T> {
  const counted = tryCount(name, family, count)
  if (counted === undefined) return run(family)
  const { operation } = counted
  return tracePromise(operation, () => run(counted.family, operation))
}

/** `traceOn` of a call on this thread. */
export function traceSyncOn<T>(
  name: TracedOperation,
  family: FamilyHandle,
  count: Count,
  run: (family: FamilyHandle, operation: Operation) => T,
): T {
  const { family: counting, operation } = count(name, family)
  return traceSync(operation, () => run(counting, operation))
}

/** Notes whether something was found, and returns it. */
export function noteFound<T>(operation: Operation | undefined, found: T): T {
  if (operation !== undefined) operation.rows = found === undefined || found === false ? 0 : 1
  return found
}

/** Notes how many keys are asked for. */
export function noteSize(operation: Operation | undefined, list: unknown): void {
  if (operation !== undefined && Array.isArray(list)) operation.batchSize = list.length
}
