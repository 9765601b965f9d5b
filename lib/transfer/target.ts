/** The database that rows are imported into: its families, and whether they may be written. */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { quote } from '../base/arguments'
import { handleOf } from '../column-family'
import { Database } from '../database'
import type { BytesFamily } from '../families'
import type { FamilyOptions } from '../types/options'
import { failure } from './errors'
import { type ImportState, PLACE_FAMILY } from './place'
import type { FamilyShape, Source } from './rows'

/** A family of the target. */
export interface TargetFamily {
  family: BytesFamily
  expires: boolean
}

function optionsOf({ expires, mergeOperator }: FamilyShape): FamilyOptions {
  return {
    ...(expires === undefined ? {} : { expires }),
    ...(mergeOperator === undefined ? {} : { mergeOperator }),
  }
}

/** Fails where the target is the source, or in it. */
export function checkApart(target: string, source: Source): void {
  if (source.identity['path'] !== source.where) return
  const path = resolve(target)
  const real = existsSync(path) ? realpathSync(path) : path
  const isFolder = source.kind === 'lmdb' && dirname(source.where) === real
  if (real !== source.where && !isFolder) return
  const message = `${target} is the source itself: name a directory of its own for the new database`
  throw failure('ERR_INVALID_ARGUMENT', message)
}

/** Opens the target, with the default family as the source has it. Makes it where there is none. */
export async function openTarget(path: string, source: Source): Promise<Database> {
  const shape = source.families.find(({ name }) => name === 'default')
  const columnFamilies = shape === undefined ? {} : { default: optionsOf(shape) }
  return Database.open(path, { env: false, columnFamilies }) as unknown as Promise<Database>
}

/** The families that an import writes. */
export class TargetFamilies {
  readonly #db: Database
  readonly #source: Source
  readonly #state: ImportState
  readonly #known = new Map<string, TargetFamily>()

  constructor(db: Database, source: Source, state: ImportState) {
    this.#db = db
    this.#source = source
    this.#state = state
  }

  /** A family that was asked for before. */
  known(name: string): TargetFamily | undefined {
    return this.#known.get(name)
  }

  /** Makes all families that the source has named until now. */
  async makeNamed(): Promise<void> {
    const names = this.#source.families
      .map(({ name }) => name)
      .filter((name) => !this.#known.has(name))
    if (names.length === 0) return
    // Those that are there first: where one is refused, none is made.
    const there = this.#db.columnFamilies()
    const isThere = (name: string) => there.includes(name)
    for (const name of names.filter(isThere)) await this.of(name)
    for (const name of names.filter((each) => !isThere(each))) await this.of(name)
  }

  /**
   * The family of a name, which is made where it is not there. Fails with `ERR_INVALID_ARGUMENT` where it has rows
   * that this import has not written.
   */
  async of(name: string): Promise<TargetFamily> {
    if (name === PLACE_FAMILY) {
      const message = `${this.#source.where} has rows of the column family ${quote(name)}, which imports keep for themselves`
      throw failure('ERR_INVALID_ARGUMENT', message)
    }
    const shape = this.#source.families.find((each) => each.name === name) ?? { name }
    const there = this.#db.columnFamilies().includes(name)
    const family = there
      ? this.#db.columnFamily(name, { key: 'buffer', value: 'buffer' })
      : await this.#db.createColumnFamily(name, optionsOf(shape))
    const expires = handleOf(family).envelope !== undefined
    if (shape.expires !== undefined && !expires) {
      const message = `rows of ${quote(name)} expire in ${this.#source.where}, and do not in ${this.#db.path}: import it into another family, or another directory`
      throw failure('ERR_OPTIONS_MISMATCH', message)
    }
    await this.#take(name, family as BytesFamily, !there)
    const found = { family: family as BytesFamily, expires }
    this.#known.set(name, found)
    return found
  }

  async #take(name: string, family: BytesFamily, created: boolean): Promise<void> {
    const { families, intoExisting } = this.#state
    if (Object.hasOwn(families, name)) return
    if (!intoExisting && (await family.first()) !== undefined) {
      const message = `the column family ${quote(name)} of ${this.#db.path} has rows already: name an empty one, or write among them with --into-existing`
      throw failure('ERR_INVALID_ARGUMENT', message)
    }
    families[name] = { created, rows: 0 }
  }
}

/** Removes what an import has written, and has not where others' rows were there before. */
export async function clearTarget(db: Database, state: ImportState): Promise<void> {
  if (state.intoExisting) return
  for (const [name, { created }] of Object.entries(state.families)) {
    if (!db.columnFamilies().includes(name)) continue
    if (created) await db.dropColumnFamily(name)
    else await db.columnFamily(name, { key: 'buffer', value: 'buffer' }).clear()
  }
}
