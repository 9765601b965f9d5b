/** The adapter: Keyv's rows in a column family whose rows expire. */
import { EventEmitter } from 'node:events'
import type { KeyvStoreAdapter } from 'keyv'
import { invalidType, optionalBoolean, readOptions } from '../base/arguments'
import { LAST_MS } from '../codecs/envelope'
import { tuple } from '../codecs/tuple'
import type { AnyFamily } from '../families'
import { type AnyDatabase, type Place, type StorePlace, StoreRows } from '../stores/rows'
import type { FamilySpecs, OpenOptions, PutOptions } from '../types/options'

/** Options of `RocksKeyv.over`. */
export interface RocksKeyvOverOptions {
  /** The column family that has the rows, or its name; it has `expires: true`. `'keyv'` by default. */
  family?: string | AnyFamily | undefined
  /** Whether a write resolves only once it has reached the disk (fsync). False by default. */
  sync?: boolean | undefined
}

/** Options of `RocksKeyv`. */
export interface RocksKeyvOptions extends RocksKeyvOverOptions {
  /** Options of `Database.open`: preset, tuning, `waitForLockMs`, other families. */
  database?: OpenOptions<FamilySpecs> | undefined
}

/** A namespace and a key, both as Keyv gives them. */
const codecs = { key: tuple('utf8', 'utf8'), value: 'utf8' } as const

const kind = { name: 'RocksKeyv', family: 'keyv', codecs }
const OPTIONS = ['family', 'sync']

/** What `over` passes to the constructor. */
let borrowed: StoreRows<typeof codecs> | undefined

/** The moment at which a row expires, of Keyv's ttl; as there, 0 and what is not finite is never. */
function momentOf(ttl: unknown): PutOptions {
  if (ttl === undefined || ttl === null || ttl === 0) return { expiresAt: null }
  if (typeof ttl !== 'number') throw invalidType('ttl', 'a number of milliseconds', ttl)
  if (!Number.isFinite(ttl)) return { expiresAt: null }
  return { expiresAt: Math.min(Math.max(Math.ceil(Date.now() + ttl), 1), LAST_MS) }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  throw invalidType('value', 'a string, as the "serialize" of Keyv makes it', value)
}

function listOf<T>(name: string, value: T[]): T[] {
  if (Array.isArray(value)) return value
  throw invalidType(name, 'an Array', value)
}

/**
 * The adapter. Rows expire by themselves, at the moment that their ttl gives, and are hidden from then on. Each Keyv has
 * one of its own, since Keyv writes its namespace into it; several may be over one database.
 *
 * Methods reject with this package's errors: `ERR_CLOSED` after `disconnect`, whatever the open has failed with,
 * `ERR_INVALID_ARG_VALUE` for a key with a lone surrogate. Keyv makes them `'error'` events, and gives
 * undefined or false, or rejects with `throwOnErrors`. `has`, `getMany` and the iterator reject in any case.
 *
 * @example
 * ```ts
 * const cache = new Keyv(new RocksKeyv('data/cache'), { namespace: 'pages' })
 * await cache.set('/', '<html>', 60_000)
 * ```
 */
export class RocksKeyv extends EventEmitter implements KeyvStoreAdapter {
  /** What Keyv looks at: it iterates over stores of a dialect that it knows, and over no others. */
  // biome-ignore lint/suspicious/noExplicitAny: as in Keyv
  readonly opts: any
  readonly #rows: StoreRows<typeof codecs>
  readonly #sync: boolean
  /** Those that were set. */
  readonly #namespaces = new Set<string>()
  #namespace = ''

  /**
   * Opens the database at a path, and makes it where there is none. Calls wait until it is open; where it cannot be
   * opened they fail as `Database.open` does.
   */
  constructor(place: StorePlace, options: RocksKeyvOptions = {}) {
    super()
    const given = readOptions('options', options, [...OPTIONS, 'database'])
    const { family, sync, database } = given
    this.#sync = optionalBoolean('options.sync', sync, false)
    this.#rows = borrowed ?? StoreRows.at(kind, place, family, database)
    this.opts = { ...options, dialect: 'redis', url: '' }
    this.#rows.onFailedOpen((error) => this.#report(error))
  }

  /**
   * The same over a family of a database that is open already, and stays open after `disconnect`. The family holds
   * nothing else. Fails with `ERR_INVALID_ARG_VALUE` where its rows do not expire.
   *
   * @example
   * ```ts
   * const keyv = new Keyv(RocksKeyv.over(db, { family: 'cache' }), { namespace: 'users', useKeyPrefix: false })
   * ```
   */
  static over(db: AnyDatabase, options: RocksKeyvOverOptions = {}): RocksKeyv {
    const { family, sync } = readOptions('options', options, OPTIONS)
    borrowed = StoreRows.over(kind, db, family)
    try {
      return new RocksKeyv(db.path, { sync: sync as boolean | undefined })
    } finally {
      borrowed = undefined
    }
  }

  /** The namespace that Keyv has set. Rows of other ones are not cleared, and not iterated over. */
  get namespace(): string | undefined {
    return this.#namespace === '' ? undefined : this.#namespace
  }

  /** What Keyv sets it with. */
  set namespace(namespace: string | undefined) {
    this.#namespace = namespace ?? ''
    if (this.#namespace !== '') this.#namespaces.add(this.#namespace)
  }

  /** Resolves to the value of a key, or to undefined. */
  // biome-ignore lint/suspicious/noExplicitAny: Keyv says what its value is
  get(key: string): Promise<any> {
    const value = this.#run(({ family }) => family.get(this.#keyOf(key)))
    // The one failure that Keyv keeps to itself.
    value.catch((error) => this.#report(error))
    return value
  }

  /** Resolves to the values of keys, in their order, by one MultiGet. */
  // biome-ignore lint/suspicious/noExplicitAny: see above
  getMany(keys: string[]): Promise<any[]> {
    return this.#run(({ family }) => family.getMany(this.#keysOf(keys)))
  }

  /** Sets a value, for `ttl` milliseconds or, without, for good. */
  // biome-ignore lint/suspicious/noExplicitAny: as in Keyv
  set(key: string, value: any, ttl?: number): Promise<void> {
    return this.#run(({ family }) => {
      const options = { ...momentOf(ttl), sync: this.#sync }
      return family.put(this.#keyOf(key), textOf(value), options)
    })
  }

  /** Sets many values at once: all of them, or none. */
  // biome-ignore lint/suspicious/noExplicitAny: as in Keyv
  setMany(entries: Array<{ key: string; value: any; ttl?: number }>): Promise<void> {
    const written = this.#run(async ({ db, family }) => {
      const batch = db.batch()
      for (const { key, value, ttl } of listOf('entries', entries)) {
        batch.put(family, this.#keyOf(key), textOf(value), momentOf(ttl))
      }
      await batch.write({ sync: this.#sync })
      return entries.map(() => true)
    })
    // Keyv declares that it wants nothing, and gives its caller what it gets: a boolean for each.
    return written as Promise<unknown> as Promise<void>
  }

  /** Removes a row; resolves to whether it was there. */
  delete(key: string): Promise<boolean> {
    return this.deleteMany([key])
  }

  /** Removes rows at once; resolves to whether any of them was there. */
  deleteMany(keys: string[]): Promise<boolean> {
    return this.#run(async ({ db, family }) => {
      const stored = this.#keysOf(keys)
      const there = await Promise.all(stored.map((key) => family.has(key)))
      const batch = db.batch()
      for (const key of stored) batch.delete(family, key)
      await batch.write({ sync: this.#sync })
      return there.includes(true)
    })
  }

  /** Removes the rows of the namespace; without one, those that have none. */
  clear(): Promise<void> {
    return this.#run(({ family }) =>
      family.clear({ prefix: [this.#namespace] }, { sync: this.#sync }),
    )
  }

  /** Resolves to whether a key is there. Moves no value. */
  has(key: string): Promise<boolean> {
    return this.#run(({ family }) => family.has(this.#keyOf(key)))
  }

  /** Resolves to whether keys are there, in their order. */
  hasMany(keys: string[]): Promise<boolean[]> {
    return this.#run(({ family }) => Promise.all(this.#keysOf(keys).map((key) => family.has(key))))
  }

  /**
   * Iterates over the rows of a namespace, in the order of their keys, as they were at the first step; without a
   * namespace, over those that have none.
   */
  // biome-ignore lint/suspicious/noExplicitAny: as in Keyv
  async *iterator(namespace?: string): AsyncGenerator<any, void> {
    const { family } = await this.#rows.place()
    const prefix = [namespace ?? ''] as const
    for await (const [[, key], value] of family.entries({ prefix })) yield [key, value]
  }

  /** Closes the database, where this has opened it. Calls from then on fail with `ERR_CLOSED`. */
  disconnect(): Promise<void> {
    return this.#rows.close()
  }

  async #run<T>(work: (place: Place<typeof codecs>) => Promise<T>): Promise<T> {
    return work(await this.#rows.place())
  }

  /**
   * The key that Keyv has given, and its namespace: that of now, unless the key begins with another one that was set. Keyvs
   * that share an adapter keep their rows so, whichever of them was made last.
   */
  #keyOf(key: string): [string, string] {
    const own = this.#namespace
    if (typeof key !== 'string' || own === '' || key.startsWith(`${own}:`)) return [own, key]
    let found: string | undefined
    for (const other of this.#namespaces) {
      if (key.startsWith(`${other}:`) && other.length > (found ?? '').length) found = other
    }
    return [found ?? own, key]
  }

  #keysOf(keys: unknown): [string, string][] {
    return listOf<string>('keys', keys as string[]).map((key) => this.#keyOf(key))
  }

  #report(error: unknown): void {
    if (this.listenerCount('error') > 0) this.emit('error', error)
  }
}
