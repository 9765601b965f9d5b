/** Whether a database takes writes, for `/health`. */
import { invalidType } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { Database } from '../database'
import type { Health } from '../types/statistics'

/** What `/health` says of one database. */
export interface DatabaseHealth {
  /** The real, absolute path of its directory. */
  path: string
  /** `db.health`, or `'closed'`. */
  health: Health | 'closed'
  /** `db.healthCause`; null where it is well. */
  cause: string | null
  /** Whether RocksDB holds all writes up until compactions have caught up. */
  writesStopped: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
type AnyDatabase = Database<any>

/** @internal What `/health` reports about a database. */
export function healthOf(db: AnyDatabase): DatabaseHealth {
  const { path } = db
  const closed: DatabaseHealth = { path, health: 'closed', cause: null, writesStopped: false }
  if (db.closed) return closed
  try {
    const writesStopped = (db.intProperty('rocksdb.is-write-stopped') ?? 0) !== 0
    return { path, health: db.health, cause: db.healthCause ?? null, writesStopped }
  } catch (error) {
    // Another thread may have closed it meanwhile.
    if (error instanceof RocksDBError && error.code === 'ERR_CLOSED') return closed
    throw error
  }
}

/** @internal A list of databases; undefined if none is given. */
export function readDatabases(name: string, value: unknown): readonly AnyDatabase[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw invalidType(name, 'an array of Databases', value)
  const databases: unknown[] = [...value]
  for (const [index, db] of databases.entries()) {
    if (!(db instanceof Database)) throw invalidType(`${name}[${index}]`, 'a Database', db)
  }
  return databases as AnyDatabase[]
}
