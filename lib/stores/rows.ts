/** The rows of a store: a family of a database that somebody has open, or of one that the store opens and closes. */
import { invalidType, invalidValue, ownProperties } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { type MemoryDatabase, memoryPathOf } from '../base/memory'
import { pathOf } from '../base/paths'
import { handleOf } from '../column-family'
import { Database } from '../database'
import type { FamilyFrom } from '../families'
import { isDatabase } from '../open-database'
import type { FamilyCodecs, FamilySpecs, OpenOptions } from '../types/options'

/** A database of whatever families. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyDatabase = Database<any>

/** Where a store has its rows. */
export type StorePlace = string | URL | MemoryDatabase

/** What a store is of. */
export interface StoreKind<C extends FamilyCodecs> {
  /** The class, for errors. */
  name: string
  /** The family where none is named. */
  family: string
  codecs: C
}

/** The name that was given for the family. */
function nameOf(given: unknown, fallback: string): string {
  if (given === undefined) return fallback
  if (typeof given === 'string') return given
  if (typeof given === 'object' && given !== null) return handleOf(given).name
  throw invalidType('options.family', 'a ColumnFamily or its name', given)
}

/** The family of a database, with the codecs of the store. Fails where its rows do not expire. */
function familyIn<C extends FamilyCodecs>(db: AnyDatabase, name: string, codecs: C): FamilyFrom<C> {
  const family = db.columnFamily(name, codecs)
  if (handleOf(family).envelope === undefined) {
    const reason = 'must be a column family that was opened with "expires: true"'
    throw invalidValue('options.family', name, reason)
  }
  return family
}

/** A database, and the family in it. */
export interface Place<C extends FamilyCodecs> {
  db: AnyDatabase
  family: FamilyFrom<C>
}

async function openAt<C extends FamilyCodecs>(
  place: StorePlace,
  name: string,
  codecs: C,
  given: Record<string, unknown>,
): Promise<Place<C>> {
  const families = given['columnFamilies'] as FamilySpecs | undefined
  const db: AnyDatabase = await Database.open(place, {
    ...(given as OpenOptions),
    columnFamilies: { ...families, [name]: { expires: true, ...families?.[name], ...codecs } },
  })
  try {
    return { db, family: familyIn(db, name, codecs) }
  } catch (error) {
    await db.close()
    throw error
  }
}

/** The rows of one store. */
export class StoreRows<C extends FamilyCodecs> {
  readonly #name: string
  readonly #place: Promise<Place<C>>
  /** Whether the database is somebody else's to close. */
  readonly #borrowed: boolean
  #closing: Promise<void> | undefined

  private constructor(name: string, place: Promise<Place<C>>, borrowed: boolean) {
    this.#name = name
    this.#place = place
    this.#borrowed = borrowed
    // Each call has the error; there may be none.
    place.catch(() => {})
  }

  /** Begins to open the database at a path. Throws for wrong arguments alone. */
  static at<C extends FamilyCodecs>(
    kind: StoreKind<C>,
    place: StorePlace,
    family: unknown,
    database: unknown,
  ): StoreRows<C> {
    if (memoryPathOf(place) === undefined) pathOf('path', place)
    const name = nameOf(family, kind.family)
    const given = ownProperties('options.database', database)
    return new StoreRows(kind.name, openAt(place, name, kind.codecs, given), false)
  }

  /** Takes the family of an open database. Throws where it does not fit. */
  static over<C extends FamilyCodecs>(
    kind: StoreKind<C>,
    db: unknown,
    given: unknown,
  ): StoreRows<C> {
    if (!isDatabase(db)) throw invalidType('db', 'a Database', db)
    const open = db as AnyDatabase
    const family = familyIn(open, nameOf(given, kind.family), kind.codecs)
    return new StoreRows(kind.name, Promise.resolve({ db: open, family }), true)
  }

  /** Resolves once the database is open. Fails with `ERR_CLOSED`, and as the open has failed. */
  async place(): Promise<Place<C>> {
    this.#assertOpen()
    const place = await this.#place
    this.#assertOpen()
    return place
  }

  /** Calls the listener where the open has failed. */
  onFailedOpen(listener: (error: unknown) => void): void {
    this.#place.catch(listener)
  }

  /** Closes what the store has opened. Again is no error. */
  close(): Promise<void> {
    this.#closing ??= this.#place.then(
      ({ db }) => (this.#borrowed ? undefined : db.close()),
      () => {},
    )
    return this.#closing
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return
    throw new RocksDBError(`The ${this.#name} was closed`, { code: 'ERR_CLOSED' })
  }
}
