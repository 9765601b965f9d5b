/** Makes a plain database of a replica's directory. */
import { openRaw } from '../database'
import { REPLICA_FAMILY } from '../native/replica'
import { partsOf } from '../open-database'

/**
 * Makes a plain database of the directory of a replica that is closed: it forgets its place in the log, keeps all rows, and
 * can be opened with `Database.open` and written. It is no replica any more: to be one again it begins anew, from a snapshot or
 * with `newLog`. Resolves to whether it was a replica's.
 *
 * Fails with `ERR_LOCKED` or `ERR_OPTIONS_MISMATCH` where it is open, and with `ERR_INVALID_ARGUMENT` where there is no
 * database.
 *
 * @example
 * ```ts
 * await detachReplica('data/shop-copy')
 * await using plain = await Database.open('data/shop-copy')
 * ```
 */
export async function detachReplica(path: string | URL): Promise<boolean> {
  await using db = await openRaw(path as string, { createIfMissing: false, env: false })
  const { families } = partsOf(db)
  const hidden = families.raw(REPLICA_FAMILY)
  if (hidden === undefined) return false
  await db.dropColumnFamily(hidden as never)
  return true
}
