/** Gathers the figures of a database, for whoever exports or shows them. Needs no prom-client. */
import { statfs } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { runningOf } from '../backup/running'
import { packageVersion } from '../base/package'
import type { Connection } from '../connection/connection'
import type { NativeFigures } from '../native/metrics'
import type { ReplicaStatus } from '../replica/types'
import { versions } from '../versions'
import { statusesOf } from './backups'
import type { Gathered } from './samples'

/** What native knows, and what it does not. */
export async function gatheredOf(
  connection: Connection,
  replica: ReplicaStatus | undefined,
): Promise<Gathered> {
  const { path, counts, openSeconds } = connection
  const [native, free] = await Promise.all([
    connection.call<NativeFigures>('metrics', (session, id) => session.gather(id)),
    freeBytes(path),
  ])
  const figures: Record<string, number> = { ...native.figures, open_seconds: openSeconds }
  if (free !== undefined) figures['disk_free_bytes'] = free
  const backups = statusesOf(runningOf(connection))
  return { ...native, figures, operations: counts, backups, replica, versions: VERSIONS }
}

/** The labels of `build_info`. */
const VERSIONS = Object.freeze({
  rocksdb_live_version: packageVersion(),
  rocksdb_version: versions.rocksdb,
  node_version: process.versions.node,
})

/** What a user who is not root may still write; undefined where the system does not tell. */
async function freeBytes(path: string): Promise<number | undefined> {
  // A database in memory has no path.
  if (!isAbsolute(path)) return undefined
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch {
    return undefined
  }
}
