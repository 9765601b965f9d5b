/** Undecoded rows, many at a time: the results of `pages`. */

import { invalidThis, isObject } from '../base/receiver'
import type { FamilyHandle } from '../connection/handle'
import type { Chunk } from '../native/buffers'
import type { Page } from '../types/ranges'
import { AsyncChunks, Chunks } from './scan'

/** Pages start with this index of the growing sizes. */
const FIRST = 2

function pageOf(chunk: Chunk, count: number): Page {
  chunk.shown = true
  const offsets = chunk.offsets.subarray(0, 2 * count + 1)
  return { bytes: chunk.bytes.subarray(0, offsets[2 * count]), offsets, count }
}

/** The pages of a range, on this thread. */
export class Pages implements IterableIterator<Page> {
  readonly #chunks: Chunks

  static #check(receiver: unknown): void {
    if (!isObject(receiver) || !(#chunks in receiver)) throw invalidThis('Pages', receiver)
  }

  constructor(family: FamilyHandle, options: unknown) {
    this.#chunks = new Chunks(family, options, 0, FIRST)
  }

  [Symbol.iterator](): this {
    Pages.#check(this)
    return this
  }

  next(): IteratorResult<Page, undefined> {
    Pages.#check(this)
    const chunks = this.#chunks
    if (!chunks.advance()) return { done: true, value: undefined }
    return { done: false, value: pageOf(chunks.chunk as Chunk, chunks.count) }
  }

  return(): IteratorResult<Page, undefined> {
    Pages.#check(this)
    this.#chunks.close()
    return { done: true, value: undefined }
  }
}

/** The pages of a range; the next one is read while the current one is used. */
export class AsyncPages implements AsyncIterableIterator<Page> {
  readonly #chunks: AsyncChunks
  /** The previous call of `next`. */
  #last: Promise<unknown> = Promise.resolve()

  static #check(receiver: unknown): void {
    if (!isObject(receiver) || !(#chunks in receiver)) throw invalidThis('AsyncPages', receiver)
  }

  constructor(family: FamilyHandle, options: unknown) {
    this.#chunks = new AsyncChunks(family, options, 0, FIRST)
  }

  [Symbol.asyncIterator](): this {
    AsyncPages.#check(this)
    return this
  }

  async next(): Promise<IteratorResult<Page, undefined>> {
    AsyncPages.#check(this)
    const page = this.#last.then(() => this.#next())
    this.#last = page.catch(() => {})
    return page
  }

  async return(): Promise<IteratorResult<Page, undefined>> {
    AsyncPages.#check(this)
    this.#chunks.close()
    return { done: true, value: undefined }
  }

  async #next(): Promise<IteratorResult<Page, undefined>> {
    const chunks = this.#chunks
    if (!(await chunks.advance())) return { done: true, value: undefined }
    return { done: false, value: pageOf(chunks.chunk as Chunk, chunks.count) }
  }
}
