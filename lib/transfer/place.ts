/** How far an import has come: a row in a family of the target, written with the rows it speaks of. */
import type { Batch } from '../batch'
import type { Database } from '../database'
import type { BytesFamily } from '../families'
import { failure } from './errors'
import type { Json, SourceKind } from './rows'

/** The family that a target has until the import has ended. */
export const PLACE_FAMILY = 'rocksdb-live.import'
const KEY = 'place'
const VERSION = 1

/** What an import knows of a family that it writes. */
export interface FamilyState {
  /** Whether the import has made it. */
  created: boolean
  /** Rows that were written into it. */
  rows: number
}

/** How far an import has come. */
export interface ImportState {
  version: number
  kind: SourceKind
  identity: { [name: string]: Json }
  families: Record<string, FamilyState>
  intoExisting: boolean
  /** Rows that were read, those that were written, and their bytes. */
  rows: number
  written: number
  bytes: number
  /** What the source's `chunks` takes; undefined before the first row. */
  place?: Json
  /** Processes that worked on it. */
  runs: number
  /** Rows of an earlier import are being removed: nothing else of this counts. */
  clearing?: true
}

/** A state before the first row. */
export function freshState(
  kind: SourceKind,
  identity: ImportState['identity'],
  intoExisting: boolean,
): ImportState {
  return {
    version: VERSION,
    kind,
    identity,
    families: {},
    intoExisting,
    rows: 0,
    written: 0,
    bytes: 0,
    runs: 0,
  }
}

/** The row that says how far an import has come. */
export class PlaceRow {
  readonly #family: BytesFamily

  private constructor(family: BytesFamily) {
    this.#family = family
  }

  /** The row of a database that has the family; undefined where it has not. */
  static find(db: Database): PlaceRow | undefined {
    if (!db.columnFamilies().includes(PLACE_FAMILY)) return undefined
    return new PlaceRow(db.columnFamily(PLACE_FAMILY, { key: 'buffer', value: 'buffer' }))
  }

  /** Makes the family where it is not there. */
  static async make(db: Database): Promise<PlaceRow> {
    const found = PlaceRow.find(db)
    if (found !== undefined) return found
    return new PlaceRow(await db.createColumnFamily(PLACE_FAMILY))
  }

  /** Resolves to what an import has left; undefined where none has begun. */
  async read(): Promise<ImportState | undefined> {
    const bytes = await this.#family.get(KEY)
    if (bytes === undefined) return undefined
    const state = JSON.parse(bytes.toString('utf8')) as ImportState
    if (state.version === VERSION) return state
    throw failure(
      'ERR_NOT_SUPPORTED',
      `the import into this database was begun by another version of rocksdb-live (form ${state.version}): go on with that one, or import into another directory`,
    )
  }

  /** Adds the state to a batch. */
  put(batch: Batch, state: ImportState): void {
    batch.put(this.#family, KEY, JSON.stringify(state))
  }

  /** Writes the state alone, to the disk. */
  async save(state: ImportState): Promise<void> {
    await this.#family.put(KEY, JSON.stringify(state), { sync: true })
  }
}
