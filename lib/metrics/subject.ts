/** What metrics and health are of: a database, or a replica's node, which replaces its database at times. */
import { invalidType } from '../base/arguments'
import type { Connection } from '../connection/connection'
import type { Database } from '../database'
import { isDatabase, partsOf } from '../open-database'
import { replicaOf, runningReplica } from '../replica/running'
import type { Replica } from '../replica/types'

// biome-ignore lint/suspicious/noExplicitAny: databases of any families are meant
export type Watched = Database<any> | Replica<any>

export interface Subject {
  /** Of the database of this moment. */
  connection(): Connection
  /** Its node, where it is a replica's. */
  replica(): Replica | undefined
  /** Whether it is closed for good. */
  ended(): boolean
  /** Calls back when it is. Returns a function that ends that. */
  onEnd(end: () => void): () => void
  /** Calls back when it has another database. Returns a function that ends that. */
  onReplaced(listener: () => void): () => void
}

/** Whether a value can be watched. */
export function isWatched(value: unknown): value is Watched {
  return runningReplica(value) !== undefined || isDatabase(value)
}

/** What a value stands for. Throws a TypeError where it is neither a database nor a node. */
export function subjectOf(name: string, value: unknown): Subject {
  const running = runningReplica(value)
  if (running !== undefined) return ofNode(running.replica, running.connection)
  if (!isDatabase(value)) throw invalidType(name, 'a Database or a Replica', value)
  const { connection } = partsOf(value)
  return {
    connection: () => connection,
    replica: () => replicaOf(connection),
    ended: () => connection.closed,
    onEnd: (end) => connection.onClose(end),
    onReplaced: () => () => {},
  }
}

function ofNode(replica: Replica, connection: () => Connection): Subject {
  return {
    connection,
    replica: () => replica,
    ended: () => replica.role === 'closed',
    onEnd(end) {
      const listener = ({ role }: { role: string }) => {
        if (role === 'closed') end()
      }
      replica.on('role', listener)
      return () => void replica.off('role', listener)
    },
    onReplaced(listener) {
      replica.on('database', listener)
      return () => void replica.off('database', listener)
    },
  }
}
