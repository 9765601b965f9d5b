/** Decoded rows, one at a time: the results of `entries`, `keys` and `values`. */

import { invalidThis, isObject } from '../base/receiver'
import type { FamilyHandle } from '../connection/handle'
import { type Chunk, copyOf, TOGETHER } from '../native/buffers'
import { explain } from '../native/lane'
import { ReadFlag } from '../native/reads'
import { AsyncChunks, Chunks } from './scan'

/** Which part of each row to return. */
export type RowKind = 'entries' | 'keys' | 'values'

const NO_BYTES: Buffer = Buffer.alloc(0)
const NO_OFFSETS: Uint32Array = new Uint32Array(0)

/** Decodes the rows of a chunk. */
export class RowDecoder {
  readonly #family: FamilyHandle
  readonly #kind: RowKind
  /** Whether decoded values refer to their bytes, which must then belong to the caller. */
  readonly #views: boolean
  #chunk = NO_BYTES
  #offsets = NO_OFFSETS
  #count = 0
  /** The bytes of the rows before `#end`, which start at `#base` of the chunk. */
  #bytes = NO_BYTES
  #base = 0
  #end = 0

  constructor(family: FamilyHandle, kind: RowKind) {
    this.#family = family
    this.#kind = kind
    this.#views =
      (kind !== 'values' && !family.key.copies) || (kind !== 'keys' && !family.value.copies)
  }

  /** Takes over the rows of a chunk. */
  take(chunk: Chunk, count: number): void {
    this.#offsets = chunk.offsets
    this.#chunk = chunk.bytes
    this.#count = count
    this.#bytes = chunk.bytes
    this.#base = 0
    this.#end = this.#views ? 0 : count
  }

  row(row: number): unknown {
    const { key, value } = this.#family
    const offsets = this.#offsets
    if (row >= this.#end && !this.#copyFrom(row)) return this.#large(row)
    // Locals, since a user's codec may advance this same iteration.
    const bytes = this.#bytes
    const base = this.#base
    const start = (offsets[2 * row] as number) - base
    const middle = (offsets[2 * row + 1] as number) - base
    if (this.#kind === 'keys') return key.read(bytes, start, middle)
    const end = (offsets[2 * row + 2] as number) - base
    if (this.#kind === 'values') return value.read(bytes, middle, end)
    return [key.read(bytes, start, middle), value.read(bytes, middle, end)]
  }

  /** Copies this row and those after it. Returns false if it is too large to share a copy. */
  #copyFrom(row: number): boolean {
    const offsets = this.#offsets
    const base = offsets[2 * row] as number
    let end = row
    while (end < this.#count && (offsets[2 * end + 2] as number) - base <= TOGETHER) end++
    if (end === row) return false
    this.#bytes = copyOf(this.#chunk, base, offsets[2 * end] as number)
    this.#base = base
    this.#end = end
    return true
  }

  /** The bytes of a row's key, inside the chunk. */
  protected keyAt(row: number): Buffer {
    const offsets = this.#offsets
    return this.#chunk.subarray(offsets[2 * row] as number, offsets[2 * row + 1] as number)
  }

  #large(row: number): unknown {
    const { key, value } = this.#family
    const offsets = this.#offsets
    const middle = offsets[2 * row + 1] as number
    const ownKey = copyOf(this.#chunk, offsets[2 * row] as number, middle)
    if (this.#kind === 'keys') return key.read(ownKey, 0, ownKey.length)
    const ownValue = copyOf(this.#chunk, middle, offsets[2 * row + 2] as number)
    if (this.#kind === 'values') return value.read(ownValue, 0, ownValue.length)
    return [key.read(ownKey, 0, ownKey.length), value.read(ownValue, 0, ownValue.length)]
  }
}

function flagsOf(kind: RowKind): number {
  return kind === 'keys' ? ReadFlag.keysOnly : 0
}

/** The rows of a range, on this thread. */
export class Rows<T> implements IterableIterator<T> {
  readonly #family: FamilyHandle
  readonly #chunks: Chunks
  readonly #decoder: RowDecoder
  #row = 0

  static #check(receiver: unknown): void {
    if (!isObject(receiver) || !(#chunks in receiver)) throw invalidThis('Rows', receiver)
  }

  constructor(
    family: FamilyHandle,
    kind: RowKind,
    options: unknown,
    decoder = new RowDecoder(family, kind),
  ) {
    this.#family = family
    this.#chunks = new Chunks(family, options, flagsOf(kind), 0)
    this.#decoder = decoder
  }

  [Symbol.iterator](): this {
    Rows.#check(this)
    return this
  }

  next(): IteratorResult<T, undefined> {
    Rows.#check(this)
    if (this.#row === this.#chunks.count && !this.#advance()) {
      return { done: true, value: undefined }
    }
    try {
      return { done: false, value: this.#decoder.row(this.#row++) as T }
    } catch (error) {
      this.return()
      throw explain(error, 'read', this.#family)
    }
  }

  return(): IteratorResult<T, undefined> {
    Rows.#check(this)
    this.#row = 0
    this.#chunks.close()
    return { done: true, value: undefined }
  }

  #advance(): boolean {
    this.#row = 0
    const chunks = this.#chunks
    if (!chunks.advance()) return false
    this.#decoder.take(chunks.chunk as Chunk, chunks.count)
    return true
  }
}

/** The rows of a range; those in memory are returned at once. */
export class AsyncRows<T> implements AsyncIterableIterator<T> {
  readonly #family: FamilyHandle
  readonly #chunks: AsyncChunks
  readonly #decoder: RowDecoder
  readonly #limited: boolean
  #row = 0
  /** The rows that are being waited for, if any. */
  #filling: Promise<boolean> | undefined

  static #check(receiver: unknown): void {
    if (!isObject(receiver) || !(#chunks in receiver)) throw invalidThis('AsyncRows', receiver)
  }

  constructor(
    family: FamilyHandle,
    kind: RowKind,
    options: unknown,
    decoder = new RowDecoder(family, kind),
  ) {
    this.#family = family
    this.#chunks = new AsyncChunks(family, options, flagsOf(kind), 0)
    this.#decoder = decoder
    this.#limited = this.#chunks.hasLimits
  }

  [Symbol.asyncIterator](): this {
    AsyncRows.#check(this)
    return this
  }

  next(): Promise<IteratorResult<T, undefined>> {
    try {
      AsyncRows.#check(this)
      if (this.#row < this.#chunks.count) return Promise.resolve(this.#take())
      return this.#advance()
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    AsyncRows.#check(this)
    this.#close()
    return { done: true, value: undefined }
  }

  #take(): IteratorResult<T, undefined> {
    try {
      if (this.#limited) this.#chunks.checkLimits()
      return { done: false, value: this.#decoder.row(this.#row++) as T }
    } catch (error) {
      this.#close()
      throw explain(error, 'read', this.#family)
    }
  }

  #close(): void {
    this.#row = 0
    this.#chunks.close()
  }

  /** Fetches the next rows, for every `next` that waits for them. */
  #advance(): Promise<IteratorResult<T, undefined>> {
    let filling = this.#filling
    if (filling === undefined) {
      const advanced = this.#chunks.advance()
      if (typeof advanced === 'boolean') return Promise.resolve(this.#begin(advanced))
      filling = advanced.then((more) => this.#filled(more))
      filling.catch(() => {
        this.#filling = undefined
      })
      this.#filling = filling
    }
    return filling.then((more) =>
      more ? this.next() : Promise.resolve({ done: true as const, value: undefined }),
    )
  }

  #filled(more: boolean): boolean {
    this.#filling = undefined
    this.#row = 0
    if (more) this.#decoder.take(this.#chunks.chunk as Chunk, this.#chunks.count)
    return more
  }

  #begin(more: boolean): IteratorResult<T, undefined> {
    return this.#filled(more) ? this.#take() : { done: true, value: undefined }
  }
}
