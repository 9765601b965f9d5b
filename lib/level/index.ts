/**
 * The interface of level (abstract-level 3) over a database of this package: for whatever takes a `ClassicLevel`.
 * Needs the package `abstract-level`.
 *
 * @module rocksdb-live/level
 */
import {
  type AbstractBatchOperation,
  type AbstractChainedBatch,
  type AbstractIterator,
  type AbstractKeyIterator,
  AbstractLevel,
  type AbstractValueIterator,
} from 'abstract-level'
import { makeDirectories } from '../backup/files'
import { type MemoryDatabase, memoryPathOf } from '../base/memory'
import { handleOf } from '../column-family'
import type { ReadOptions } from '../connection/read-options'
import { Database } from '../database'
import type { BytesFamily } from '../families'
import type { WriteOptions } from '../types/options'
import { type Format, inFormat, inLevelsWords, stored } from './formats'
import { boundsOf, type IteratorGiven, type RangeGiven, RocksIterator } from './iterator'
import type {
  RocksLevelBatchOptions,
  RocksLevelDelOptions,
  RocksLevelGetOptions,
  RocksLevelGetManyOptions,
  RocksLevelHasOptions,
  RocksLevelHasManyOptions,
  RocksLevelIteratorOptions,
  RocksLevelKeyIteratorOptions,
  RocksLevelOptions,
  RocksLevelOverOptions,
  RocksLevelPutOptions,
  RocksLevelValueIteratorOptions,
} from './options'
import { LevelBatch, LevelSnapshot, syncOf } from './resources'
import { RocksSublevel, takeWrapped } from './sublevel'

export type * from './options'

// biome-ignore lint/suspicious/noExplicitAny: of any families
type AnyDatabase = Database<any>

interface OperationGiven {
  type: 'put' | 'del'
  key: Format
  value: Format
}

/** Keys that one batch of a `clear` with a snapshot, or from the end, removes. */
const CLEARED_AT_ONCE = 10_000

interface Encodings {
  keyEncoding: string
  valueEncoding: string
  snapshot?: LevelSnapshot
  fillCache?: boolean
}

/** The database that `over` passes to the constructor. */
let over: { db: AnyDatabase } | undefined

/**
 * A database with the interface of level: `put`, `get`, `del`, `batch`, `iterator`, `sublevel` and all others of
 * abstract-level, with its events, hooks, encodings, snapshots and deferred open. Keys are in the order of their bytes;
 * sublevels are prefixes. Rows are those of one column family, so all else of this package goes on working beside it.
 *
 * @example
 * ```ts
 * const level = new RocksLevel<string, { name: string }>('./level-data', { valueEncoding: 'json' })
 * await level.put('ada', { name: 'Ada' })
 * for await (const [key, value] of level.iterator({ gte: 'a' })) console.log(key, value.name)
 * await level.close()
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: abstract-level has all methods of the interface
export class RocksLevel<K = string, V = string> extends AbstractLevel<Format, K, V> {
  /** Where the database is. */
  readonly location: string
  readonly #place: string | MemoryDatabase
  readonly #given: RocksLevelOptions<K, V>
  /** Whether the database is somebody else's to close. */
  readonly #borrowed: boolean
  #db: AnyDatabase | undefined
  #family: BytesFamily | undefined

  static {
    takeWrapped(RocksLevel.prototype)
  }

  /**
   * Opens the database at a path, in the next turn; calls until then wait. Where it cannot be opened they fail with
   * `LEVEL_DATABASE_NOT_OPEN`, iterators with `LEVEL_ITERATOR_NOT_OPEN`. `open()` says why, in the `cause` of its error:
   * `LEVEL_LOCKED`, `LEVEL_CORRUPTION`, `LEVEL_IO_ERROR`, a code of the system or of this package.
   */
  constructor(location: string | MemoryDatabase, options: RocksLevelOptions<K, V> = {}) {
    const inMemory = memoryPathOf(location)
    if (inMemory === undefined && (typeof location !== 'string' || location === '')) {
      throw new TypeError("The first argument 'location' must be a non-empty string")
    }
    const encodings = { buffer: true, utf8: true, view: true } as never
    const additionalMethods = { approximateSize: true, compactRange: true } as never
    super(
      {
        encodings,
        has: true,
        createIfMissing: true,
        errorIfExists: true,
        explicitSnapshots: true,
        getSync: true,
        additionalMethods,
        signals: { iterators: true },
      } as never,
      options,
    )
    this.location = inMemory ?? (location as string)
    this.#place = location
    this.#given = options
    this.#borrowed = over !== undefined
    this.#db = over?.db
  }

  /**
   * The same over a database that is open already, and stays open when this is closed.
   *
   * @example
   * ```ts
   * const level = RocksLevel.over(db, { family: 'documents', valueEncoding: 'json' })
   * ```
   */
  static over<K = string, V = string>(
    db: AnyDatabase,
    { family, ...encodings }: RocksLevelOverOptions<K, V> = {},
  ): RocksLevel<K, V> {
    const name = typeof family === 'object' ? family.name : family
    over = { db }
    try {
      return new RocksLevel<K, V>(db.path, { ...encodings, family: name })
    } finally {
      over = undefined
    }
  }

  /** The database that it works on; undefined before it is opened. */
  get db(): AnyDatabase | undefined {
    return this.#db
  }

  /** @internal */
  async _open(options: { createIfMissing: boolean; errorIfExists: boolean }): Promise<void> {
    const name = this.#given.family ?? 'default'
    if (!this.#borrowed) {
      const { createIfMissing, errorIfExists } = options
      const { columnFamilies, ...given } = this.#given.database ?? {}
      try {
        const path = this.#place
        if (createIfMissing && typeof path === 'string') await makeDirectories(path)
        this.#db = await Database.open(path, {
          ...given,
          createIfMissing,
          errorIfExists,
          columnFamilies: { ...columnFamilies, [name]: columnFamilies?.[name] ?? {} },
        })
      } catch (error) {
        throw inLevelsWords(error)
      }
    }
    this.#family = this.#db?.columnFamily(name, { key: 'buffer', value: 'buffer' }) as BytesFamily
  }

  /** @internal */
  async _close(): Promise<void> {
    if (!this.#borrowed) await this.#db?.close()
  }

  /** @internal */
  async _put(key: Format, value: Format, options: WriteOptions): Promise<void> {
    await this.#rows.put(stored(key), stored(value), syncOf(options))
  }

  /** @internal */
  async _del(key: Format, options: WriteOptions): Promise<void> {
    await this.#rows.delete(stored(key), syncOf(options))
  }

  /** @internal */
  async _batch(operations: OperationGiven[], options: WriteOptions): Promise<void> {
    const batch = (this.#db as AnyDatabase).batch()
    for (const { type, key, value } of operations) {
      if (type === 'put') batch.put(this.#rows, stored(key), stored(value))
      else batch.delete(this.#rows, stored(key))
    }
    await batch.write(syncOf(options))
  }

  /** @internal */
  _sublevel(name: unknown, options: unknown): RocksSublevel {
    return new RocksSublevel(this, name, options)
  }

  /** @internal */
  _chainedBatch(): LevelBatch {
    return new LevelBatch(this, (this.#db as AnyDatabase).batch(), this.#rows)
  }

  /** @internal */
  async _get(key: Format, options: Encodings): Promise<Format | undefined> {
    const value = await this.#rows.get(stored(key), readOf(options))
    return value && inFormat(value, options.valueEncoding)
  }

  /** @internal */
  _getSync(key: Format, options: Encodings): Format | undefined {
    const value = this.#rows.getSync(stored(key), readOf(options))
    return value && inFormat(value, options.valueEncoding)
  }

  /** @internal */
  async _getMany(keys: Format[], options: Encodings): Promise<(Format | undefined)[]> {
    const values = await this.#rows.getMany(keys.map(stored), readOf(options))
    return values.map((value) => value && inFormat(value, options.valueEncoding))
  }

  /** @internal */
  _has(key: Format, options: Encodings): Promise<boolean> {
    return this.#rows.has(stored(key), readOf(options))
  }

  /** @internal */
  async _hasMany(keys: Format[], options: Encodings): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this._has(key, options)))
  }

  /** @internal */
  async _clear(options: RangeGiven & Encodings): Promise<void> {
    const { reverse = false, limit = -1, snapshot } = options
    const bounds = boundsOf(options)
    if (snapshot === undefined && (limit < 0 || !reverse)) {
      await this.#rows.clear(limit < 0 ? bounds : { ...bounds, limit })
      return
    }
    const range = { ...bounds, reverse, limit: limit < 0 ? Number.POSITIVE_INFINITY : limit }
    let batch = (this.#db as AnyDatabase).batch()
    for await (const key of this.#rows.keys({ ...range, snapshot: snapshot?.inner })) {
      batch.delete(this.#rows, key)
      if (batch.count < CLEARED_AT_ONCE) continue
      await batch.write()
      batch = (this.#db as AnyDatabase).batch()
    }
    await batch.write()
  }

  /** @internal */
  _iterator(options: IteratorGiven & Encodings): RocksIterator {
    const given = options.snapshot?.inner
    const snapshot = given ?? (this.#db as AnyDatabase).snapshot()
    return new RocksIterator(this, options, handleOf(this.#rows), snapshot, given === undefined)
  }

  /** @internal */
  _snapshot(options: object): LevelSnapshot {
    return new LevelSnapshot(options, (this.#db as AnyDatabase).snapshot())
  }

  /** Resolves to about how many bytes of disk the rows from `start` up to `end` take. */
  async approximateSize(start: K, end: K, options?: { keyEncoding?: string }): Promise<number> {
    if (this.status === 'opening') {
      return this.deferAsync(() => this.approximateSize(start, end, options))
    }
    const [gte, lt] = this.#encoded([start, end], options)
    const { name } = this.#rows
    return (this.#db as AnyDatabase).approximateSize(name, { gte, lt })
  }

  /** Compacts the rows from `start` to `end`. */
  async compactRange(start: K, end: K, options?: { keyEncoding?: string }): Promise<void> {
    if (this.status === 'opening') {
      return this.deferAsync(() => this.compactRange(start, end, options))
    }
    const [gte, lte] = this.#encoded([start, end], options)
    const rows = this.#rows
    await (this.#db as AnyDatabase).compactRange(rows, { gte, lte })
  }

  #encoded(keys: K[], options: { keyEncoding?: string } | undefined): (Buffer | Uint8Array)[] {
    const encoding = this.keyEncoding(options?.keyEncoding as 'utf8')
    return keys.map((key) => stored(encoding.encode(key as never) as Format))
  }

  /** The family, once the database is open. */
  get #rows(): BytesFamily {
    if (this.status === 'open' && this.#family !== undefined) return this.#family
    throw Object.assign(new Error('Database is not open'), { code: 'LEVEL_DATABASE_NOT_OPEN' })
  }
}

/** Calls that take more options than those of abstract-level: `sync` for writes, `fillCache` for reads. */
export interface RocksLevel<K, V> {
  /** Resolves to the value of a key, or to undefined. */
  get(key: K): Promise<V | undefined>
  /** Resolves to the value of a key, or to undefined, with options. */
  get<A = K, B = V>(key: A, options: RocksLevelGetOptions<A, B>): Promise<B | undefined>
  /** The value of a key, or undefined, on this thread; the level is open. */
  getSync(key: K): V | undefined
  /** The value of a key, or undefined, on this thread; the level is open, with options. */
  getSync<A = K, B = V>(key: A, options: RocksLevelGetOptions<A, B>): B | undefined
  /** Resolves to the values of keys, in their order. */
  getMany(keys: K[]): Promise<(V | undefined)[]>
  /** Resolves to the values of keys, in their order, with options. */
  getMany<A = K, B = V>(
    keys: A[],
    options: RocksLevelGetManyOptions<A, B>,
  ): Promise<(B | undefined)[]>
  /** Resolves to whether a key is there. */
  has(key: K): Promise<boolean>
  /** Resolves to whether a key is there, with options. */
  has<A = K>(key: A, options: RocksLevelHasOptions<A>): Promise<boolean>
  /** Resolves to whether keys are there, in their order. */
  hasMany(keys: K[]): Promise<boolean[]>
  /** Resolves to whether keys are there, in their order, with options. */
  hasMany<A = K>(keys: A[], options: RocksLevelHasManyOptions<A>): Promise<boolean[]>
  /** Writes a row. */
  put(key: K, value: V): Promise<void>
  /** Writes a row, with options. */
  put<A = K, B = V>(key: A, value: B, options: RocksLevelPutOptions<A, B>): Promise<void>
  /** Deletes a row; one that is not there is no error. */
  del(key: K): Promise<void>
  /** Deletes a row; one that is not there is no error, with options. */
  del<A = K>(key: A, options: RocksLevelDelOptions<A>): Promise<void>
  /** Writes all operations, or none. */
  batch(operations: AbstractBatchOperation<this, K, V>[]): Promise<void>
  /** Writes all operations, or none, with options. */
  batch<A = K, B = V>(
    operations: AbstractBatchOperation<this, A, B>[],
    options: RocksLevelBatchOptions<A, B>,
  ): Promise<void>
  /** Collects operations, to be written at once: the level is open. */
  batch(): AbstractChainedBatch<this, K, V>
  /** Iterates over the rows of a range, as they are now. */
  iterator(): AbstractIterator<this, K, V>
  /** Iterates over the rows of a range, as they are now, with options. */
  iterator<A = K, B = V>(options: RocksLevelIteratorOptions<A, B>): AbstractIterator<this, A, B>
  /** Iterates over the keys of a range, as they are now. */
  keys(): AbstractKeyIterator<this, K>
  /** Iterates over the keys of a range, as they are now, with options. */
  keys<A = K>(options: RocksLevelKeyIteratorOptions<A>): AbstractKeyIterator<this, A>
  /** Iterates over the values of a range, as they are now. */
  values(): AbstractValueIterator<this, K, V>
  /** Iterates over the values of a range, as they are now, with options. */
  values<A = K, B = V>(
    options: RocksLevelValueIteratorOptions<A, B>,
  ): AbstractValueIterator<this, A, B>
}

function readOf({ snapshot, fillCache }: Encodings): ReadOptions | undefined {
  if (snapshot === undefined && fillCache !== false) return undefined
  return { snapshot: snapshot?.inner, fillCache: fillCache !== false }
}
