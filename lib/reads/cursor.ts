/** The low-level cursor: seeks, and takes a number of rows. */

import { invalidType, optionalInteger } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { checkInside, guardReceivers, INSIDE, isObject } from '../base/receiver'
import type { FamilyHandle } from '../connection/handle'
import { unwatch, watch } from '../native/abandoned'
import { CHUNK_ROWS, giveChunk, takeChunk } from '../native/buffers'
import { explain } from '../native/lane'
import { NONE, ReadFlag } from '../native/reads'
import { countRows } from '../traces/counting'
import { operations } from '../traces/operations'
import { ScanTrace } from '../traces/scans'
import { putPlace, SYNC_SCAN_OPTIONS, scanRequest } from './range'
import { RowDecoder } from './rows'
import { Scan } from './scan'

/** @internal A cursor over a range of a family. */
// biome-ignore lint/suspicious/noExplicitAny: of whatever the family is
export let makeCursor: (family: FamilyHandle, options: unknown) => Cursor<any, any, any>

/**
 * A place in a range of a family, on this thread. It stands before the first row, or where `seek`
 * put it; rows are as the database held them when the cursor was made, or at its snapshot. Close it:
 * it keeps old data.
 *
 * @example
 * ```ts
 * using cursor = users.cursor({ gte: 'a' })
 * cursor.seek('m')
 * for (let rows = cursor.next(500); rows.length > 0; rows = cursor.next(500)) {
 *   for (const [key, user] of rows) console.log(key, user)
 * }
 * ```
 */
export class Cursor<K = Buffer, V = Buffer, Bound = K> {
  readonly #family: FamilyHandle
  readonly #scan: Scan
  /** Where somebody traces it. */
  readonly #trace: ScanTrace | undefined
  /** Rows that `limit` still allows. */
  #left: number
  #closed = false

  static {
    guardReceivers(Cursor, (receiver) => isObject(receiver) && #family in receiver)
    makeCursor = (family, options) => new Cursor(INSIDE, family, options)
  }

  private constructor(inside: unknown, family: FamilyHandle, options: unknown) {
    checkInside(inside, 'Cursor', 'cursor() of a column family')
    const counted = operations.hasSubscribers ? countRows('scan', family, 'entries') : undefined
    this.#family = counted?.family ?? family
    if (counted !== undefined) this.#trace = new ScanTrace(counted.operation, false)
    this.#trace?.endWith(this)
    try {
      const request = scanRequest(family, options, SYNC_SCAN_OPTIONS)
      this.#left = request.limit === -1 ? Number.POSITIVE_INFINITY : request.limit
      request.limit = -1
      this.#scan = new Scan(family, request)
      family.connection.assertOpen('cursor', family)
      if (this.#trace === undefined) this.#open()
      else this.#trace.step(() => this.#open())
    } catch (error) {
      this.#trace?.fail(error)
      throw explain(error, 'cursor', family)
    }
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#closed
  }

  /**
   * Moves to the first key that is not before `key` (`reverse`: not behind it), within the range. After the
   * last row it goes back to a new view of the database, unless there is a snapshot. Fails with
   * `ERR_CLOSED` once the cursor is closed.
   */
  seek(key: Bound): void {
    try {
      this.#assertOpen()
      const { session } = this.#family.connection
      if (this.#scan.request.empty) return
      if (this.#scan.cursor === NONE) this.#open()
      const backwards = (this.#scan.request.flags & ReadFlag.reverse) !== 0
      session.seek(this.#scan.cursor, putPlace(this.#family, key, backwards))
    } catch (error) {
      throw explain(error, 'seek', this.#family)
    }
  }

  /**
   * Returns the next rows, at most `count`; none at the end. Hundreds at a time are fastest. Fails with
   * `ERR_CLOSED` once the cursor is closed.
   */
  next(count: number): [K, V][] {
    if (count === undefined) throw invalidType('count', 'an integer', count)
    const wanted = optionalInteger('count', count, { min: 1, default: 1 })
    try {
      this.#assertOpen()
      return this.#take(wanted) as [K, V][]
    } catch (error) {
      throw explain(error, 'read', this.#family)
    }
  }

  /** Frees what it holds. Closing again is no error. */
  close(): void {
    this.#closed = true
    unwatch(this)
    this.#scan.close()
    this.#trace?.forget(this)
    this.#trace?.end()
  }

  /** `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close()
  }

  #assertOpen(): void {
    if (this.#closed) throw new RocksDBError('the cursor is closed', { code: 'ERR_CLOSED' })
    this.#family.connection.assertOpen('read', this.#family)
  }

  #open(): void {
    const scan = this.#scan
    if (scan.request.empty) return
    const chunk = takeChunk(CHUNK_ROWS)
    try {
      scan.open(chunk, 0, 0)
    } finally {
      giveChunk(chunk)
    }
    unwatch(this)
    watch(this, scan.family.connection.session, scan.cursor)
  }

  /** A codec may come back here: what is taken is counted, and decoded apart from all else. */
  #take(wanted: number): unknown[] {
    const rows: unknown[] = []
    if (this.#left === 0 || this.#scan.cursor === NONE) return rows
    const decoder = new RowDecoder(this.#family, 'entries')
    const chunk = takeChunk(CHUNK_ROWS)
    try {
      while (rows.length < wanted && this.#left > 0) {
        const most = Math.min(wanted - rows.length, this.#left, CHUNK_ROWS)
        const count = this.#scan.next(chunk, most)
        if (count === 0) break
        this.#left -= count
        decoder.take(chunk, count)
        for (let row = 0; row < count; row++) rows.push(decoder.row(row))
      }
    } finally {
      giveChunk(chunk)
    }
    return rows
  }
}
