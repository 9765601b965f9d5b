/** Scans of a transaction. Each remembers how far it came: that part of the range was read. */
import { optionalInteger } from '../base/arguments'
import { invalidThis, isObject } from '../base/receiver'
import type { FamilyHandle } from '../connection/handle'
import type { Chunk } from '../native/buffers'
import { type ByteRange, byteRange, putRange } from '../reads/range'
import { AsyncRows, RowDecoder, type RowKind, Rows } from '../reads/rows'

/** Receives the ranges that were read. */
export interface ScanOwner {
  readonly scans: Progress[]
  /**
   * Throws if the transaction has ended, and passes its writes to native, so that reads see them.
   */
  enter(operation: string): void
  /** Notes that the range in the request record was read. */
  noteRange(): void
}

const ZERO = Buffer.alloc(1)

/** Decodes rows and remembers the last one. */
class WatchedDecoder extends RowDecoder {
  /** The key of the last row; copied once its chunk is released. */
  last: Buffer | undefined
  given = 0

  override take(chunk: Chunk, count: number): void {
    if (this.last !== undefined) this.last = Buffer.from(this.last)
    super.take(chunk, count)
  }

  override row(row: number): unknown {
    this.last = this.keyAt(row)
    this.given++
    return super.row(row)
  }
}

/** What a scan has read of its range so far. */
export class Progress {
  readonly decoder: WatchedDecoder
  readonly #owner: ScanOwner
  readonly #family: FamilyHandle
  readonly #range: ByteRange
  readonly #reverse: boolean
  readonly #limit: number

  constructor(owner: ScanOwner, family: FamilyHandle, kind: RowKind, options: ScanGiven) {
    this.#owner = owner
    this.#family = family
    this.#range = byteRange(family, options, 'options')
    this.#reverse = options.reverse === true
    const limit = options.limit === Number.POSITIVE_INFINITY ? undefined : options.limit
    this.#limit = optionalInteger('options.limit', limit, { default: Number.POSITIVE_INFINITY })
    this.decoder = new WatchedDecoder(family, kind)
    owner.scans.push(this)
  }

  /** Called before each row. */
  step(): void {
    this.#owner.enter('read')
  }

  /** Whether the limit is reached, so that nothing after the last row was read. */
  get full(): boolean {
    return this.decoder.given >= this.#limit
  }

  /** Notes the range up to the last row, whose chunk must still be held. */
  note(): void {
    const { last } = this.decoder
    if (last === undefined) return
    const { lower, upper } = this.#range
    const part = this.#reverse
      ? { lower: last, upper, empty: false }
      : { lower, upper: Buffer.concat([last, ZERO]), empty: false }
    putRange(this.#family, part)
    this.#owner.noteRange()
  }

  /** Notes the whole range, and ends. */
  noteAll(): void {
    if (!this.#leave() || this.#range.empty) return
    putRange(this.#family, this.#range)
    this.#owner.noteRange()
  }

  /** Notes what was read, and ends. */
  end(): void {
    if (this.#leave()) this.note()
  }

  /** Returns false if it has already ended. */
  #leave(): boolean {
    const { scans } = this.#owner
    const at = scans.indexOf(this)
    if (at !== -1) scans.splice(at, 1)
    return at !== -1
  }
}

/** A scan's options, read once. */
export type ScanGiven = Record<string, unknown>

/** The rows of a range in a transaction, on this thread. */
export class TransactionRows<T> implements IterableIterator<T> {
  readonly #rows: Rows<T>
  readonly #progress: Progress

  static #check(receiver: unknown): void {
    if (!isObject(receiver) || !(#rows in receiver)) throw invalidThis('Rows', receiver)
  }

  constructor(owner: ScanOwner, family: FamilyHandle, kind: RowKind, options: ScanGiven) {
    this.#progress = new Progress(owner, family, kind, options)
    this.#rows = new Rows(family, kind, options, this.#progress.decoder)
  }

  [Symbol.iterator](): this {
    TransactionRows.#check(this)
    return this
  }

  next(): IteratorResult<T, undefined> {
    TransactionRows.#check(this)
    const progress = this.#progress
    progress.step()
    try {
      const step = this.#rows.next()
      if (step.done === true && !progress.full) progress.noteAll()
      else if (progress.full) progress.end()
      return step
    } catch (error) {
      progress.noteAll()
      throw error
    }
  }

  return(): IteratorResult<T, undefined> {
    TransactionRows.#check(this)
    this.#progress.end()
    return this.#rows.return()
  }
}

/** The rows of a range in a transaction. */
export class AsyncTransactionRows<T> implements AsyncIterableIterator<T> {
  /** A promise until the transaction has begun. */
  readonly #rows: AsyncRows<T> | Promise<AsyncRows<T>>
  readonly #progress: Progress

  static #check(receiver: unknown): void {
    if (!isObject(receiver) || !(#rows in receiver)) throw invalidThis('AsyncRows', receiver)
  }

  constructor(
    owner: ScanOwner,
    family: FamilyHandle,
    kind: RowKind,
    options: ScanGiven,
    begun: Promise<unknown> | undefined,
  ) {
    const progress = new Progress(owner, family, kind, options)
    const make = () => new AsyncRows<T>(family, kind, options, progress.decoder)
    this.#progress = progress
    this.#rows = begun === undefined ? make() : begun.then(make)
    if (begun !== undefined) (this.#rows as Promise<unknown>).catch(() => {})
  }

  [Symbol.asyncIterator](): this {
    AsyncTransactionRows.#check(this)
    return this
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    AsyncTransactionRows.#check(this)
    const progress = this.#progress
    progress.step()
    try {
      const rows = this.#rows instanceof AsyncRows ? this.#rows : await this.#rows
      const step = await rows.next()
      if (step.done === true && !progress.full) progress.noteAll()
      else if (progress.full) progress.end()
      return step
    } catch (error) {
      progress.noteAll()
      throw error
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    AsyncTransactionRows.#check(this)
    this.#progress.end()
    return (await this.#rows).return()
  }
}
