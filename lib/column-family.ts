/** One column family of an open database: the methods; the work is in `reads`, `writes`, `rows`. */
import { invalidType } from './base/arguments'
import { checkInside, INSIDE, invalidThis, isObject } from './base/receiver'
import { watch } from './changes/watch'
import { counterCodec } from './codecs/counter'
import { type FamilyHandle, failingHandle } from './connection/handle'
import type {
  EndOptions,
  ReadOptions,
  ScanOptions,
  SyncEndOptions,
  SyncReadOptions,
  SyncScanOptions,
} from './connection/read-options'
import { familyPointers } from './guidance'
import { type Cursor, makeCursor } from './reads/cursor'
import * as reads from './reads/traced'
import { touch, touchSync } from './transactions/traced'
import type { ChangeStream, WatchEvent, WatchOptions } from './types/changes'
import type { PutOptions, WriteOptions } from './types/options'
import type { Bounds, Page, Range } from './types/ranges'
import type { FamilyWritable, WritableOptions } from './types/streams'
import { createWritable } from './writes/streams'
import * as writes from './writes/traced'

/** @internal The family of a handle. */
// biome-ignore lint/suspicious/noExplicitAny: of whatever its codecs are
export let makeFamily: (handle: FamilyHandle) => ColumnFamily<any, any, any, any>

/** @internal The handle behind a family. Throws a TypeError for anything else. */
export let handleOf: (family: unknown) => FamilyHandle

/** The handle behind `this`. Throws `ERR_INVALID_THIS`. */
let own: (receiver: unknown) => FamilyHandle

/** The same for methods that never throw: where it is no family, a handle that fails once it is used. */
function promised(receiver: unknown): FamilyHandle {
  try {
    return own(receiver)
  } catch (error) {
    return failingHandle(error)
  }
}

/**
 * A column family: its own ordered map from keys to values. `K` and `V` are what reads return,
 * `KeyInput` and `ValueInput` what is taken; they differ for the `'buffer'` codec, which takes text too.
 * `Bound` is what ranges take: the first parts of a `tuple` as well.
 *
 * Methods without `Sync` never throw, they reject; those with `Sync` do their work on this thread. Every
 * method fails with `ERR_CLOSED` once the database is closed, with `ERR_DROPPED` once the family is
 * dropped, and with `ERR_CORRUPTION` where what is stored is damaged or not of the family's codec. Keys
 * have up to 8 MiB, an empty one among them; longer ones fail with `ERR_OUT_OF_RANGE`.
 *
 * @example
 * ```ts
 * const events = db.columnFamily('events') // { key: 'uint64', value: 'utf8' }
 * await events.put(1n, 'signed up')
 * console.log(await events.get(1n)) // signed up
 * for await (const [id, text] of events.entries({ gte: 1n, limit: 10 })) console.log(id, text)
 * ```
 */
export class ColumnFamily<K = Buffer, V = Buffer, KeyInput = K, ValueInput = V, Bound = KeyInput> {
  readonly #handle: FamilyHandle

  private constructor(inside: unknown, handle: FamilyHandle) {
    checkInside(inside, 'ColumnFamily', "db.columnFamily('users') or db.default")
    this.#handle = handle
  }

  static {
    own = (receiver) => {
      if (isObject(receiver) && #handle in receiver) return receiver.#handle
      throw invalidThis('ColumnFamily', receiver)
    }
    Object.setPrototypeOf(ColumnFamily.prototype, familyPointers)
    const Counters = class CounterFamily extends ColumnFamily<unknown, bigint> {
      increment(key: unknown, by: unknown = 1n, options?: WriteOptions): Promise<void> {
        return writes.increment(promised(this), key, by, options)
      }

      incrementSync(key: unknown, by: unknown = 1n, options?: WriteOptions): void {
        writes.incrementSync(own(this), key, by, options)
      }
    }
    makeFamily = (handle) =>
      new (handle.value === counterCodec ? Counters : ColumnFamily)(INSIDE, handle)
    handleOf = (family) => {
      if (isObject(family) && #handle in family) return family.#handle
      throw invalidType('columnFamily', 'a ColumnFamily', family)
    }
  }

  /** The name of the family. */
  get name(): string {
    return own(this).name
  }

  /**
   * Resolves to the value of a key, or to undefined where there is none. Small values share buffers of
   * 64 KiB: copy one that is to be kept for long.
   *
   * Fails with `ERR_ABORTED` and `ERR_TIMED_OUT` as its options ask for.
   *
   * @example
   * ```ts
   * const user = await users.get('ada', { deadlineMs: 50 })
   * const [ada, bob] = await users.getMany(['ada', 'bob'])
   * if (await users.has('eve')) console.log(users.getSync('eve'))
   * ```
   */
  get(key: KeyInput, options?: ReadOptions): Promise<V | undefined> {
    return reads.get(promised(this), key, options) as Promise<V | undefined>
  }

  /** `get` on this thread, disk reads included. */
  getSync(key: KeyInput, options?: SyncReadOptions): V | undefined {
    return reads.getSync(own(this), key, options) as V | undefined
  }

  /**
   * Resolves to the values of many keys, in their order, read by one MultiGet of RocksDB; undefined for
   * each that is missing.
   */
  getMany(keys: readonly KeyInput[], options?: ReadOptions): Promise<(V | undefined)[]> {
    return reads.getMany(promised(this), keys, options) as Promise<(V | undefined)[]>
  }

  /** `getMany` on this thread. */
  getManySync(keys: readonly KeyInput[], options?: SyncReadOptions): (V | undefined)[] {
    return reads.getManySync(own(this), keys, options) as (V | undefined)[]
  }

  /**
   * Copies the bytes of a value, undecoded, to the start of `target`, and resolves to their number, or to
   * -1 where the key is missing. The cheapest way to read large values.
   *
   * Fails with `ERR_OUT_OF_RANGE`, and copies nothing, where `target` is too small.
   */
  getInto(key: KeyInput, target: Uint8Array, options?: ReadOptions): Promise<number> {
    return reads.getInto(promised(this), key, target, options)
  }

  /** `getInto` on this thread. */
  getIntoSync(key: KeyInput, target: Uint8Array, options?: SyncReadOptions): number {
    return reads.getIntoSync(own(this), key, target, options)
  }

  /** Resolves to whether the key is there. Moves no value. */
  has(key: KeyInput, options?: ReadOptions): Promise<boolean> {
    return reads.has(promised(this), key, options)
  }

  /** `has` on this thread. */
  hasSync(key: KeyInput, options?: SyncReadOptions): boolean {
    return reads.hasSync(own(this), key, options)
  }

  /**
   * Sets the value of a key. Writes of one database commit in the order they were called. Where the rows of the
   * family expire, `ttlMs` or `expiresAt` says when; what a value had before does not count.
   *
   * As every write, fails with `ERR_NO_SPACE` on a full disk, with `ERR_READ_ONLY` on a reader, and with
   * `ERR_TRY_AGAIN` or `ERR_BUSY` where `noSlowdown` forbids to wait; `error.outcome` says whether the
   * write may be there.
   *
   * @example
   * ```ts
   * await users.put('ada', { name: 'Ada' }, { sync: true })
   * await users.delete('bob')
   * await events.deleteRange(0n, 1000n)
   * await counts.merge('visits', one) // a family with mergeOperator: 'uint64add'
   * ```
   */
  put(key: KeyInput, value: ValueInput, options?: PutOptions): Promise<void> {
    return writes.put(promised(this), key, value, options)
  }

  /** `put` on this thread. Waits for the writes before it. */
  putSync(key: KeyInput, value: ValueInput, options?: PutOptions): void {
    writes.putSync(own(this), key, value, options)
  }

  /**
   * Gives a row another lifetime, as the options of `put` say or, without any, as `expires.afterMs` does. Resolves
   * to whether it was there. Its value stays, whatever is written meanwhile.
   *
   * Fails as `put` does, and with `ERR_INVALID_ARG_VALUE` where the rows of the family do not expire.
   *
   * @example
   * ```ts
   * await sessions.put('s1', { user: 'ada' }, { ttlMs: 60_000 })
   * if (await sessions.touch('s1', { ttlMs: 3_600_000 })) console.log(await sessions.expiresAt('s1'))
   * ```
   */
  touch(key: KeyInput, options?: PutOptions): Promise<boolean> {
    return touch(promised(this), key, options)
  }

  /** `touch` on this thread. */
  touchSync(key: KeyInput, options?: PutOptions): boolean {
    return touchSync(own(this), key, options)
  }

  /**
   * Resolves to the moment when a row expires; to null where it never does, and to undefined where there is no
   * such row, or no longer. Fails as `get` does, and with `ERR_INVALID_ARG_VALUE` where the rows of the family do
   * not expire.
   */
  async expiresAt(key: KeyInput, options?: ReadOptions): Promise<Date | null | undefined> {
    return (await reads.getStored(promised(this), key, options))?.expiresAt
  }

  /** `expiresAt` on this thread. */
  expiresAtSync(key: KeyInput, options?: SyncReadOptions): Date | null | undefined {
    return reads.getStoredSync(own(this), key, options)?.expiresAt
  }

  /** Removes a key. A missing one is no error. */
  delete(key: KeyInput, options?: WriteOptions): Promise<void> {
    return writes.remove(promised(this), key, options)
  }

  /** `delete` on this thread. */
  deleteSync(key: KeyInput, options?: WriteOptions): void {
    writes.removeSync(own(this), key, options)
  }

  /**
   * Removes the keys from `begin` up to, not including, `end`, by one tombstone. Nothing happens where
   * they are equal. Fails with `ERR_INVALID_ARG_VALUE` where `begin` is behind `end`.
   */
  deleteRange(begin: Bound, end: Bound, options?: WriteOptions): Promise<void> {
    return writes.removeRange(promised(this), begin, end, options)
  }

  /** `deleteRange` on this thread. */
  deleteRangeSync(begin: Bound, end: Bound, options?: WriteOptions): void {
    writes.removeRangeSync(own(this), begin, end, options)
  }

  /**
   * Merges an operand into a value with the family's `mergeOperator`. Fails with `ERR_NOT_SUPPORTED` where
   * it has none, and with `ERR_INVALID_ARGUMENT` where the operator cannot read the operand.
   */
  merge(key: KeyInput, operand: ValueInput, options?: WriteOptions): Promise<void> {
    return writes.merge(promised(this), key, operand, options)
  }

  /** `merge` on this thread. */
  mergeSync(key: KeyInput, operand: ValueInput, options?: WriteOptions): void {
    writes.mergeSync(own(this), key, operand, options)
  }

  /**
   * Iterates over the rows of a range, as the database held them at the first step. The next rows are read
   * while these are used. Leaving the loop early frees what it holds.
   *
   * @example
   * ```ts
   * for await (const [key, user] of users.entries({ prefix: 'a', reverse: true })) console.log(key, user)
   * for (const id of events.keysSync({ gt: 10n, limit: 100 })) console.log(id)
   * for await (const { bytes, offsets, count } of users.pages({ fillCache: false })) {
   *   for (let i = 0; i < count; i++) bytes.subarray(offsets[2 * i], offsets[2 * i + 1]) // a key
   * }
   * console.log(await events.count({ lt: 1000n }))
   * ```
   */
  entries(options?: ScanOptions<Bound>): AsyncIterableIterator<[K, V]> {
    return reads.rows<[K, V]>(own(this), 'entries', options)
  }

  /** `entries` on this thread. */
  entriesSync(options?: SyncScanOptions<Bound>): IterableIterator<[K, V]> {
    return reads.rowsSync<[K, V]>(own(this), 'entries', options)
  }

  /** Iterates over the keys of a range. Moves no value. */
  keys(options?: ScanOptions<Bound>): AsyncIterableIterator<K> {
    return reads.rows<K>(own(this), 'keys', options)
  }

  /** `keys` on this thread. */
  keysSync(options?: SyncScanOptions<Bound>): IterableIterator<K> {
    return reads.rowsSync<K>(own(this), 'keys', options)
  }

  /** Iterates over the values of a range. */
  values(options?: ScanOptions<Bound>): AsyncIterableIterator<V> {
    return reads.rows<V>(own(this), 'values', options)
  }

  /** `values` on this thread. */
  valuesSync(options?: SyncScanOptions<Bound>): IterableIterator<V> {
    return reads.rowsSync<V>(own(this), 'values', options)
  }

  /**
   * Iterates over the rows of a range undecoded, many at a time: the fastest scan. A page is valid until the
   * next one is asked for.
   */
  pages(options?: ScanOptions<Bound>): AsyncIterableIterator<Page> {
    return reads.pages(own(this), options)
  }

  /** `pages` on this thread. */
  pagesSync(options?: SyncScanOptions<Bound>): IterableIterator<Page> {
    return reads.pagesSync(own(this), options)
  }

  /**
   * Returns a cursor over a range, to seek in and to take rows from by the hundred, on this thread.
   */
  cursor(options?: SyncScanOptions<Bound>): Cursor<K, V, Bound> {
    return makeCursor(own(this), options)
  }

  /**
   * Resolves to the first row of a range, in the order of the keys, or to undefined where there is none.
   *
   * @example
   * ```ts
   * const oldest = await events.first()
   * const [id] = (await events.last({ lt: 100n })) ?? []
   * ```
   */
  first(options?: EndOptions<Bound>): Promise<[K, V] | undefined> {
    return reads.endOf(promised(this), options, false) as Promise<[K, V] | undefined>
  }

  /** `first` on this thread. */
  firstSync(options?: SyncEndOptions<Bound>): [K, V] | undefined {
    return reads.endOfSync(own(this), options, false) as [K, V] | undefined
  }

  /** Resolves to the last row of a range, in the order of the keys, or to undefined where there is none. */
  last(options?: EndOptions<Bound>): Promise<[K, V] | undefined> {
    return reads.endOf(promised(this), options, true) as Promise<[K, V] | undefined>
  }

  /** `last` on this thread. */
  lastSync(options?: SyncEndOptions<Bound>): [K, V] | undefined {
    return reads.endOfSync(own(this), options, true) as [K, V] | undefined
  }

  /** Resolves to the number of rows in a range, at most `limit`, by going through it. */
  count(options?: Range<Bound> & ReadOptions): Promise<number> {
    return reads.count(promised(this), options)
  }

  /**
   * Removes the rows of a range, or the first `limit` of them, in the order of the other writes.
   */
  clear(
    range?: Bounds<Bound> & { limit?: number | undefined },
    options?: WriteOptions,
  ): Promise<void> {
    return reads.clear(promised(this), range, options)
  }

  /**
   * Iterates over what happens to the rows of a range, from the first call of `next` on; with `initial`, over the
   * rows that are there first. No change is left out without a `reset` that says so.
   *
   * Fails with `ERR_DROPPED` once the family is dropped, and as `Database.changes` does.
   *
   * @example
   * ```ts
   * const cache = new Map<string, unknown>()
   * for await (const event of users.watch({ prefix: 'u:7:', initial: true })) {
   *   if (event.type === 'put') cache.set(event.key, event.value)
   *   else if (event.type === 'delete') cache.delete(event.key)
   *   else if (event.type === 'reset') cache.clear()
   * }
   * ```
   */
  watch(options?: WatchOptions<Bound>): ChangeStream<WatchEvent<K, V>> {
    return watch(own(this), options) as ChangeStream<WatchEvent<K, V>>
  }

  /**
   * Returns a stream in object mode that writes what it is given in batches of `batchBytes`, with
   * back-pressure: at most one batch is being written while the next one fills. Batches before one that
   * fails are written. Destroyed, it writes nothing more, and is closed once the batch that was being
   * written is done.
   *
   * @example
   * ```ts
   * await pipeline(Readable.from(rows), users.writable({ batchBytes: 4 << 20 }))
   * ```
   */
  writable(options?: WritableOptions): FamilyWritable<KeyInput, ValueInput> {
    return createWritable(own(this), options)
  }
}
