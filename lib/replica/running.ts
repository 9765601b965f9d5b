/** The replica's node of each open database, for those who tell of it. */
import type { Connection } from '../connection/connection'
import type { Replica } from './types'

/** A node that is open in this thread, and the database that it has at this moment. */
export interface RunningReplica {
  readonly replica: Replica
  readonly connection: () => Connection
}

const nodes = new Set<WeakRef<RunningReplica>>()
const kept = new WeakMap<object, RunningReplica>()

/** A node was opened. */
export function noteReplica(replica: Replica, connection: () => Connection): void {
  const entry = { replica, connection }
  kept.set(replica, entry)
  nodes.add(new WeakRef(entry))
}

/** The node that this value is; undefined where it is none. */
export function runningReplica(value: unknown): RunningReplica | undefined {
  return typeof value === 'object' && value !== null ? kept.get(value) : undefined
}

/** The nodes that are not closed. */
function* running(): Generator<RunningReplica> {
  for (const node of nodes) {
    const entry = node.deref()
    if (entry === undefined) nodes.delete(node)
    else if (entry.replica.role !== 'closed') yield entry
  }
}

/** The node whose database this is; undefined where it is none, or is closed. */
export function replicaOf(connection: Connection): Replica | undefined {
  for (const entry of running()) if (entry.connection() === connection) return entry.replica
  return undefined
}
