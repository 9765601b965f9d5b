/** Decoded rows, one at a time: what `entries`, `keys` and `values` give. */
import type { Chunk } from './buffers'
import type { FamilyHandle } from './handle'
import { explain } from './lane'
import { ReadFlag } from './native'
import { copyOf, PIECE, pieceEnd } from './pieces'
import { AsyncChunks, Chunks } from './scan'

/** What of each row is given. */
export type RowKind = 'entries' | 'keys' | 'values'

const NO_BYTES: Buffer = Buffer.alloc(0)
const NO_OFFSETS: Uint32Array = new Uint32Array(0)

/** Decodes the rows of a chunk, in their order. */
export class RowDecoder {
  readonly #family: FamilyHandle
  readonly #kind: RowKind
  /** Whether what is decoded refers to its bytes, which then must be the caller's for good. */
  readonly #views: boolean
  #chunk = NO_BYTES
  #offsets = NO_OFFSETS
  #count = 0
  /** The bytes that rows are read from, up to row `#end`, and where in the chunk they begin. */
  #bytes = NO_BYTES
  #base = 0
  #end = 0

  constructor(family: FamilyHandle, kind: RowKind) {
    this.#family = family
    this.#kind = kind
    this.#views =
      (kind !== 'values' && !family.key.copies) || (kind !== 'keys' && !family.value.copies)
  }

  /** Takes over the rows of a chunk, which must stay until they are decoded. */
  take(chunk: Chunk, count: number): void {
    this.#offsets = chunk.offsets
    this.#count = count
    this.#chunk = chunk.bytes
    this.#bytes = chunk.bytes
    this.#base = 0
    this.#end = this.#views ? 0 : count
  }

  row(row: number): unknown {
    if (row >= this.#end) this.#copy(row)
    const { key, value } = this.#family
    // A codec of the user's may go on with this very iteration.
    const bytes = this.#bytes
    const base = this.#base
    const offsets = this.#offsets
    const start = (offsets[2 * row] as number) - base
    const middle = (offsets[2 * row + 1] as number) - base
    if (this.#kind === 'keys') return key.read(bytes, start, middle)
    const end = (offsets[2 * row + 2] as number) - base
    if (this.#kind === 'values') return value.read(bytes, middle, end)
    if (end - start > PIECE && this.#views) return this.#largeRow(bytes, start, middle, end)
    return [key.read(bytes, start, middle), value.read(bytes, middle, end)]
  }

  /** Whoever keeps its key shall not keep its value. */
  #largeRow(bytes: Buffer, start: number, middle: number, end: number): unknown {
    const { key, value } = this.#family
    const keyBytes = copyOf(bytes, start, middle)
    return [key.read(keyBytes, 0, middle - start), value.read(bytes, middle, end)]
  }

  /** Copies the next piece. */
  #copy(row: number): void {
    const offsets = this.#offsets
    const end = pieceEnd(offsets, row, this.#count)
    const base = offsets[2 * row] as number
    this.#bytes = copyOf(this.#chunk, base, offsets[2 * end] as number)
    this.#base = base
    this.#end = end
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

  constructor(family: FamilyHandle, kind: RowKind, options: unknown) {
    this.#family = family
    this.#chunks = new Chunks(family, options, flagsOf(kind), 0)
    this.#decoder = new RowDecoder(family, kind)
  }

  [Symbol.iterator](): this {
    return this
  }

  next(): IteratorResult<T, undefined> {
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

/** The rows of a range; those in memory are given at once. */
export class AsyncRows<T> implements AsyncIterableIterator<T> {
  readonly #family: FamilyHandle
  readonly #chunks: AsyncChunks
  readonly #decoder: RowDecoder
  readonly #limited: boolean
  #row = 0
  /** The rows that are being waited for, where they are. */
  #filling: Promise<boolean> | undefined

  constructor(family: FamilyHandle, kind: RowKind, options: unknown) {
    this.#family = family
    this.#chunks = new AsyncChunks(family, options, flagsOf(kind), 0)
    this.#decoder = new RowDecoder(family, kind)
    this.#limited = this.#chunks.hasLimits
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<T, undefined>> {
    try {
      if (this.#row < this.#chunks.count) return Promise.resolve(this.#take())
      return this.#advance()
    } catch (error) {
      return Promise.reject(error)
    }
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#close()
    return Promise.resolve({ done: true, value: undefined })
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

  /** Brings the next rows, for every `next` that waits for them. */
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
