/** Whether a database takes writes, and how fresh a replica is, for `/health`. */
import { invalidType } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import type { Database } from '../database'
import { runningReplica } from '../replica/running'
import type { Replica, ReplicaRole, ReplicaWriter } from '../replica/types'
import type { Health } from '../types/statistics'
import { isWatched, subjectOf, type Watched } from './subject'

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
  /** Where the database is that of a replica's node. */
  replica?: ReplicaHealth
}

/** What `/health` says of a replica's node: of `status()`. */
export interface ReplicaHealth {
  /** What it does. */
  role: ReplicaRole
  /** The sequence of the record by which the newest writer began. */
  epoch: number
  /** For how long, at most, something may have been written that is not applied here; null where it is not known. */
  stalenessMs: number | null
  /** Who writes; null where it is not known. */
  writer: ReplicaWriter | null
  /** What went wrong last, if it has not gone well since; null otherwise. */
  error: string | null
}

/** @internal What `/health` reports about a database or a node. */
export function healthOf(watched: Watched): DatabaseHealth {
  const replica = subjectOf('db', watched).replica()
  const database = runningReplica(watched)?.replica.db ?? (watched as Database)
  const health = healthOfDatabase(database)
  return replica === undefined ? health : { ...health, replica: healthOfReplica(replica) }
}

function healthOfDatabase(db: Database): DatabaseHealth {
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

function healthOfReplica(replica: Replica): ReplicaHealth {
  const { role, epoch, stalenessMs, writer, error } = replica.status()
  return {
    role,
    epoch,
    stalenessMs: Number.isFinite(stalenessMs) ? Math.round(stalenessMs) : null,
    writer: writer ?? null,
    error: error?.message ?? null,
  }
}

/** @internal Whether a load balancer should send requests there. */
export function isWell(
  { health, writesStopped, replica }: DatabaseHealth,
  maxStalenessMs: number | undefined,
): boolean {
  if (health !== 'ok' || writesStopped) return false
  // It fetches a snapshot, since it cannot go on with what it has.
  if (replica?.role === 'bootstrapping') return false
  if (replica === undefined || maxStalenessMs === undefined) return true
  return replica.stalenessMs !== null && replica.stalenessMs <= maxStalenessMs
}

/** @internal A list of databases and nodes; undefined if none is given. */
export function readDatabases(name: string, value: unknown): readonly Watched[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw invalidType(name, 'an array of Databases', value)
  const databases: unknown[] = [...value]
  for (const [index, db] of databases.entries()) {
    if (!isWatched(db)) throw invalidType(`${name}[${index}]`, 'a Database or a Replica', db)
  }
  return databases as Watched[]
}
