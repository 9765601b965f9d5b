/** Traces what is taken in steps: iterators and cursors, of which each is one operation. */
import { guardReceivers, isObject } from '../base/receiver'
import { type Operation, operations } from './operations'

/** Ends the operations of iterators and cursors that were left and collected. */
const lost = new FinalizationRegistry<ScanTrace>((trace) => trace.end())

/** The events of one scan: it begins with the first step, and ends with the last row, an error, or whoever leaves it. */
export class ScanTrace {
  readonly operation: Operation
  /** Whether its end is told as a promise's is. */
  readonly #promised: boolean
  #begun = false
  #ended = false

  constructor(operation: Operation, promised: boolean) {
    this.operation = operation
    this.#promised = promised
    operation.sync = !promised
  }

  /** Does a step. */
  step<T>(run: () => T): T {
    if (this.#begun || this.#ended) return run()
    this.#begun = true
    return operations.start.runStores(this.operation, () => {
      try {
        return run()
      } finally {
        if (this.#promised) operations.end.publish(this.operation)
      }
    })
  }

  /** Tells that it is over, once. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    if (!this.#begun) return
    if (this.#promised) {
      operations.asyncStart.publish(this.operation)
      operations.asyncEnd.publish(this.operation)
    } else {
      operations.end.publish(this.operation)
    }
  }

  /** Tells that it has failed. Returns the error. */
  fail(error: unknown): unknown {
    if (this.#begun && !this.#ended) {
      Object.assign(this.operation, { error })
      operations.error.publish(this.operation)
    }
    this.end()
    return error
  }

  /** Notes rows that no codec has counted. */
  note(rows: number, bytes: number): void {
    const { operation } = this
    operation.rows = (operation.rows ?? 0) + rows
    operation.bytes = (operation.bytes ?? 0) + bytes
  }

  /** Ends it when `owner` is collected. */
  endWith(owner: object): void {
    lost.register(owner, this, owner)
  }

  /** The owner has ended it. */
  forget(owner: object): void {
    lost.unregister(owner)
  }
}

/** Notes rows that an iterator gives where its codecs do not count them. */
type Note<T> = (trace: ScanTrace, value: T) => void

/** An iterator on this thread that is traced. */
export class TracedRows<T> implements IterableIterator<T> {
  readonly #inner: IterableIterator<T, undefined>
  readonly #trace: ScanTrace
  readonly #note: Note<T> | undefined

  static {
    guardReceivers(
      { prototype: TracedRows.prototype, name: 'Rows' },
      (receiver) => isObject(receiver) && #inner in receiver,
    )
  }

  constructor(inner: IterableIterator<T, undefined>, operation: Operation, note?: Note<T>) {
    this.#inner = inner
    this.#trace = new ScanTrace(operation, false)
    this.#note = note
    this.#trace.endWith(this)
  }

  [Symbol.iterator](): this {
    return this
  }

  next(): IteratorResult<T, undefined> {
    const trace = this.#trace
    try {
      const step = trace.step(() => this.#inner.next())
      if (step.done === true) this.#end()
      else this.#note?.(trace, step.value)
      return step
    } catch (error) {
      trace.forget(this)
      throw trace.fail(error)
    }
  }

  return(): IteratorResult<T, undefined> {
    this.#end()
    this.#inner.return?.()
    return { done: true, value: undefined }
  }

  #end(): void {
    this.#trace.forget(this)
    this.#trace.end()
  }
}

/** An iterator that is traced. */
export class AsyncTracedRows<T> implements AsyncIterableIterator<T> {
  readonly #inner: AsyncIterableIterator<T, undefined>
  readonly #trace: ScanTrace
  readonly #note: Note<T> | undefined

  static {
    guardReceivers(
      { prototype: AsyncTracedRows.prototype, name: 'AsyncRows' },
      (receiver) => isObject(receiver) && #inner in receiver,
      ['next'],
    )
  }

  constructor(inner: AsyncIterableIterator<T, undefined>, operation: Operation, note?: Note<T>) {
    this.#inner = inner
    this.#trace = new ScanTrace(operation, true)
    this.#note = note
    this.#trace.endWith(this)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const trace = this.#trace
    return trace
      .step(() => this.#inner.next())
      .then(
        (step) => {
          if (step.done === true) this.#end()
          else this.#note?.(trace, step.value)
          return step
        },
        (error) => {
          trace.forget(this)
          throw trace.fail(error)
        },
      )
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#end()
    await this.#inner.return?.()
    return { done: true, value: undefined }
  }

  #end(): void {
    this.#trace.forget(this)
    this.#trace.end()
  }
}
