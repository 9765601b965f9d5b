/**
 * Iterators over what happens from now on. `Pull` is the state behind one, and knows its iterator only
 * while somebody waits: so an iterator that was left without a word is collected, and ends what it had open.
 */
import { inTurn } from '../base/turns'
import type { Connection } from '../connection/connection'
import type { FamilyHandle } from '../connection/handle'
import { aborted } from '../connection/requests'
import { explain } from '../native/lane'

/** What items come from. It must not refer to the iterator. */
export interface Source<T> {
  /** The next item, if there is one. */
  take(): T | undefined
  /** Settles once there may be one. Called if there is none; one call at a time. */
  fill(): Promise<void>
  /** What to give if there was nothing for long; undefined for nothing. */
  beat(): T | undefined
  /** Nobody waits for what `fill` waits for: it may settle. */
  pause(): void
  /** Ends everything that is open. Called once. */
  close(): void
}

/** Where and how items are asked for. */
export interface PullRequest {
  readonly connection: Connection
  readonly operation: string
  /** For messages of errors. */
  readonly place: Connection | FamilyHandle
  readonly signal: AbortSignal | undefined
  /** 0 for none. */
  readonly heartbeatMs: number
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void
  reject(error: unknown): void
}

/** What an item counts for the fairness to the event loop. */
const BYTES_PER_ITEM = 4096

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined })

export class Pull<T> {
  readonly #request: PullRequest
  readonly #source: Source<T>
  readonly #waiting: Waiter<T>[] = []
  /** The iterator, while somebody waits. */
  #keeper: object | undefined
  #ended = false
  /** Whether an item is being made. A codec of the user's may ask for the next one meanwhile. */
  #taking = false
  #filling = false
  /** Why filling failed while nobody waited. */
  #failure: { error: unknown } | undefined
  #given = 0
  #timer: NodeJS.Timeout | undefined
  #unhook: (() => void) | undefined
  readonly #onAbort = () => this.#fail(aborted(this.#request.signal as AbortSignal))

  constructor(request: PullRequest, source: Source<T>) {
    this.#request = request
    this.#source = source
  }

  /** The next item. `keeper` is not collected while this waits. */
  next(keeper: object): Promise<IteratorResult<T, undefined>> {
    if (this.#ended) return Promise.resolve(DONE)
    if (this.#taking) return Promise.resolve().then(() => this.next(keeper))
    try {
      this.#check()
      const value = this.#waiting.length === 0 ? this.#take() : undefined
      if (value !== undefined) {
        this.#given = performance.now()
        return Promise.resolve(inTurn({ done: false, value }, BYTES_PER_ITEM))
      }
      if (this.#failure !== undefined) throw this.#failure.error
    } catch (error) {
      this.end()
      return Promise.reject(this.#explained(error))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      if (this.#keeper === undefined) this.#await(keeper)
    })
  }

  /** Ends it: all that wait are answered `done`. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#rest()
    this.#source.close()
    for (const { resolve } of this.#waiting.splice(0)) resolve(DONE)
  }

  #take(): T | undefined {
    this.#taking = true
    try {
      return this.#source.take()
    } finally {
      this.#taking = false
    }
  }

  #check(): void {
    const { connection, operation, place, signal } = this.#request
    connection.assertOpen(operation, place)
    if (signal?.aborted === true) throw aborted(signal)
  }

  #explained(error: unknown): unknown {
    return explain(error, this.#request.operation, this.#request.place)
  }

  /** Begins to wait. */
  #await(keeper: object): void {
    const { connection, signal, heartbeatMs } = this.#request
    this.#keeper = keeper
    if (this.#given === 0) this.#given = performance.now()
    signal?.addEventListener('abort', this.#onAbort)
    this.#unhook = connection.onClose(() => this.#failAsClosed())
    if (heartbeatMs > 0) this.#arm(this.#given + heartbeatMs - performance.now())
    this.#fill()
  }

  /** Ends waiting. */
  #rest(): void {
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
    this.#unhook?.()
    this.#unhook = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#keeper = undefined
    if (this.#filling && !this.#ended) this.#source.pause()
  }

  #fill(): void {
    if (this.#filling) return
    this.#filling = true
    this.#source.fill().then(
      () => {
        this.#filling = false
        this.#serve()
      },
      (error) => {
        this.#filling = false
        this.#fail(error)
      },
    )
  }

  #serve(): void {
    try {
      while (this.#waiting.length > 0) {
        const value = this.#take()
        if (value === undefined) {
          this.#fill()
          return
        }
        this.#give(value)
      }
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#rest()
  }

  #give(value: T): void {
    this.#given = performance.now()
    this.#waiting.shift()?.resolve({ done: false, value })
    if (this.#timer !== undefined) this.#arm(this.#request.heartbeatMs)
  }

  #fail(error: unknown): void {
    if (this.#ended) return
    const first = this.#waiting.shift()
    // What is still there is given first.
    if (first === undefined) this.#failure = { error }
    else {
      this.end()
      first.reject(this.#explained(error))
    }
  }

  #failAsClosed(): void {
    try {
      this.#check()
    } catch (error) {
      this.#fail(error)
    }
  }

  #arm(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#beat(), Math.max(0, milliseconds))
  }

  #beat(): void {
    try {
      const value = this.#source.beat()
      if (value === undefined) this.#arm(this.#request.heartbeatMs)
      else this.#give(value)
    } catch (error) {
      this.#fail(error)
      return
    }
    if (this.#waiting.length === 0) this.#rest()
  }
}
