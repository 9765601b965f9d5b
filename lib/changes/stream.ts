/** The iterators of `Database.changes` and `ColumnFamily.watch`. */
import { invalidThis, isObject } from '../base/receiver'
import type { ChangeStream } from '../types/changes'
import { Pull, type PullRequest, type Source } from './pull'

/** Ends what iterators had open that were collected. */
const lost = new FinalizationRegistry<{ end(): void }>((pull) => pull.end())

type Result<T> = Promise<IteratorResult<T, undefined>>

export class Stream<T> implements ChangeStream<T> {
  readonly #pull: Pull<T>

  static #check(receiver: unknown): void {
    if (!isObject(receiver) || !(#pull in receiver)) throw invalidThis('ChangeStream', receiver)
  }

  constructor(request: PullRequest, source: Source<T>) {
    this.#pull = new Pull(request, source)
    lost.register(this, this.#pull, this)
  }

  [Symbol.asyncIterator](): this {
    Stream.#check(this)
    return this
  }

  next(): Result<T> {
    try {
      Stream.#check(this)
      return this.#pull.next(this)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async return(): Result<T> {
    Stream.#check(this)
    this.#end()
    return { done: true, value: undefined }
  }

  async throw(error?: unknown): Result<T> {
    Stream.#check(this)
    this.#end()
    throw error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Stream.#check(this)
    this.#end()
  }

  #end(): void {
    this.#pull.end()
    lost.unregister(this)
  }
}
