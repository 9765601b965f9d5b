/** The replica's node of each open database, for those who tell of it. */
import type { Connection } from '../connection/connection'
import type { Replica } from './types'

const nodes = new Set<WeakRef<{ replica: Replica; connection: () => Connection }>>()
const kept = new WeakMap<Replica, { replica: Replica; connection: () => Connection }>()

/** A node was opened. */
export function noteReplica(replica: Replica, connection: () => Connection): void {
  const entry = { replica, connection }
  kept.set(replica, entry)
  nodes.add(new WeakRef(entry))
}

/** The node whose database this is; undefined where it is none, or is closed. */
export function replicaOf(connection: Connection): Replica | undefined {
  for (const node of nodes) {
    const entry = node.deref()
    if (entry === undefined) nodes.delete(node)
    else if (entry.replica.role !== 'closed' && entry.connection() === connection)
      return entry.replica
  }
  return undefined
}
