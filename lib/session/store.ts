/** The store: sessions in a column family whose rows expire. */
import { types } from 'node:util'
import { type SessionData, Store } from 'express-session'
import {
  invalidType,
  invalidValue,
  optionalBoolean,
  optionalInteger,
  readOptions,
} from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { LAST_MS } from '../codecs/envelope'
import { handleOf } from '../column-family'
import type { AnyFamily } from '../families'
import { AsyncRows } from '../reads/rows'
import { asStored, getStored, type Stored } from '../reads/stored'
import { type AnyDatabase, type Place, type StorePlace, StoreRows } from '../stores/rows'
import type { FamilySpecs, OpenOptions } from '../types/options'

/** Options of `RocksSessionStore.over`. */
export interface RocksSessionOverOptions {
  /** The column family that has the sessions, or its name; it has `expires: true`. `'sessions'` by default. */
  family?: string | AnyFamily | undefined
  /** Milliseconds that a session lives whose cookie does not say, from 1 on. A day by default. */
  ttlMs?: number | undefined
  /** Whether a save is answered only once it has reached the disk (fsync). False by default. */
  sync?: boolean | undefined
}

/** Options of `RocksSessionStore`. */
export interface RocksSessionOptions extends RocksSessionOverOptions {
  /** Options of `Database.open`: preset, tuning, `waitForLockMs`, other families. */
  database?: OpenOptions<FamilySpecs> | undefined
}

/** A session as `all` gives it. */
export type StoredSession = SessionData & {
  /** Its id. */
  id: string
}

type Callback<T> = ((error: unknown, value?: T) => void) | undefined

const codecs = { key: 'utf8', value: 'utf8' } as const
const kind = { name: 'RocksSessionStore', family: 'sessions', codecs }
const OPTIONS = ['family', 'ttlMs', 'sync']
const DAY_MS = 86_400_000

/** What `over` passes to the constructor. */
let borrowed: StoreRows<typeof codecs> | undefined

/** A session as it went in, with the moment that its row has now: `touch` moves it, and writes no session. */
function sessionOf({ payload, expiresAt }: Stored): SessionData {
  let session: SessionData | undefined
  try {
    session = JSON.parse(payload.toString())
  } catch {}
  if (typeof session !== 'object' || session === null) {
    throw new RocksDBError('What is stored is no session in JSON', { code: 'ERR_CORRUPTION' })
  }
  const { cookie } = session
  if (cookie?.expires && expiresAt !== null) cookie.expires = expiresAt
  return session
}

/** A session in JSON, which begins as `sessionOf` wants it. */
function textOf(session: SessionData): string {
  let text: string | undefined
  try {
    text = JSON.stringify(session)
  } catch (cause) {
    throw Object.assign(invalidValue('session', session, 'cannot be written as JSON'), { cause })
  }
  if (text?.startsWith('{')) return text
  throw invalidType('session', 'an object', session)
}

/** Milliseconds since 1970 of a Date or of what JSON makes of one; undefined where it is none. */
function timeOf(value: unknown): number | undefined {
  if (!types.isDate(value) && typeof value !== 'string') return undefined
  const ms = new Date(value).getTime()
  return Number.isNaN(ms) ? undefined : ms
}

/**
 * The store. A session is gone at the moment of its cookie's `expires`; without one, after `originalMaxAge`, and without
 * that, `ttlMs` after it was last saved or touched. Nobody has to sweep.
 *
 * Methods call back with this package's errors: `ERR_CLOSED` after `close`, and whatever the open has failed with.
 * Without a callback they return a promise.
 *
 * @example
 * ```ts
 * app.use(session({ store: new RocksSessionStore('data/sessions'), secret, resave: false, saveUninitialized: false }))
 * ```
 */
export class RocksSessionStore extends Store {
  readonly #rows: StoreRows<typeof codecs>
  readonly #ttlMs: number
  readonly #sync: boolean

  /**
   * Opens the database at a path, and makes it where there is none. Calls wait until it is open; where it cannot be
   * opened they fail as `Database.open` does.
   */
  constructor(place: StorePlace, options: RocksSessionOptions = {}) {
    super()
    const given = readOptions('options', options, [...OPTIONS, 'database'])
    const { family, ttlMs, sync, database } = given
    const range = { min: 1, max: LAST_MS, default: DAY_MS }
    this.#ttlMs = optionalInteger('options.ttlMs', ttlMs, range)
    this.#sync = optionalBoolean('options.sync', sync, false)
    this.#rows = borrowed ?? StoreRows.at(kind, place, family, database)
  }

  /**
   * The same over a family of a database that is open already, and stays open after `close`. The family holds nothing
   * else. Fails with `ERR_INVALID_ARG_VALUE` where its rows do not expire.
   *
   * @example
   * ```ts
   * const store = RocksSessionStore.over(db, { family: 'sessions', ttlMs: 3_600_000 })
   * ```
   */
  static over(db: AnyDatabase, options: RocksSessionOverOptions = {}): RocksSessionStore {
    const { family, ...given } = readOptions('options', options, OPTIONS)
    borrowed = StoreRows.over(kind, db, family)
    try {
      return new RocksSessionStore(db.path, given)
    } finally {
      borrowed = undefined
    }
  }

  /** Gives the session of an id, or null where there is none. */
  override get(id: string, callback?: Callback<SessionData | null>): Promise<SessionData | null> {
    return this.#run(callback, async ({ family }) => {
      const row = await getStored(handleOf(family), id, undefined, 'get')
      return row === undefined ? null : sessionOf(row)
    })
  }

  /** Saves a session. One whose moment has passed is gone. Of concurrent saves the one that was called last stays. */
  override set(id: string, session: SessionData, callback?: Callback<void>): Promise<void> {
    return this.#run(callback, ({ family }) => {
      const expiresAt = this.#momentOf(session)
      return family.put(id, textOf(session), { expiresAt, sync: this.#sync })
    })
  }

  /** Gives a session another lifetime, and writes nothing else of it: what others save meanwhile stays. */
  override touch(id: string, session: SessionData, callback?: Callback<void>): Promise<void> {
    return this.#run(callback, async ({ family }) => {
      const expiresAt = this.#momentOf(session)
      await family.touch(id, { expiresAt, sync: this.#sync })
    })
  }

  /** Removes a session. One that is not there is no error. */
  override destroy(id: string, callback?: Callback<void>): Promise<void> {
    return this.#run(callback, ({ family }) => family.delete(id, { sync: this.#sync }))
  }

  /** Gives all sessions, in the order of their ids, each with its `id`. */
  override all(callback?: Callback<StoredSession[]>): Promise<StoredSession[]> {
    return this.#run(callback, async ({ family }) => {
      const handle = handleOf(family)
      const found: StoredSession[] = []
      if (handle.envelope === undefined) return found
      const rows = asStored(handle, handle.envelope)
      for await (const [id, row] of new AsyncRows<[string, Stored]>(rows, 'entries', undefined)) {
        found.push(Object.assign(sessionOf(row), { id }))
      }
      return found
    })
  }

  /** Gives the number of sessions, by going through them. */
  override length(callback?: Callback<number>): Promise<number> {
    return this.#run(callback, ({ family }) => family.count())
  }

  /** Removes all sessions. */
  override clear(callback?: Callback<void>): Promise<void> {
    return this.#run(callback, ({ family }) => family.clear({}, { sync: this.#sync }))
  }

  /** Closes the database, where this has opened it. Calls from then on fail with `ERR_CLOSED`. */
  close(): Promise<void> {
    return this.#rows.close()
  }

  /** The moment from which on a session is gone. */
  #momentOf(session: SessionData): number {
    if (typeof session !== 'object' || session === null) {
      throw invalidType('session', 'an object', session)
    }
    const { expires, originalMaxAge } = session.cookie ?? {}
    const age = typeof originalMaxAge === 'number' ? originalMaxAge : this.#ttlMs
    const moment = timeOf(expires) ?? Math.ceil(Date.now() + age)
    return Math.min(Math.max(moment, 1), LAST_MS)
  }

  /** Does the work, and calls back in a turn of its own: what the callback throws is none of the work's failures. */
  #run<T>(callback: Callback<T>, work: (place: Place<typeof codecs>) => Promise<T>): Promise<T> {
    const done = this.#rows.place().then(work)
    if (typeof callback === 'function') {
      done.then(
        (value) => process.nextTick(callback, null, value),
        (error) => process.nextTick(callback, error),
      )
    } else {
      // express-session calls some without a callback; a failure must not end the process.
      done.catch(() => {})
    }
    return done
  }
}
