/** The directory of a node: how it is opened, set aside, and made of a snapshot. */
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readManifest, type SnapshotEntry } from '../backup/manifest'
import { restore } from '../backup/restore'
import type { BackupTarget } from '../backup/target'
import { RocksDBError } from '../base/errors'
import { openAsReplica } from '../database'
import { isOfReplica, onPath } from '../open/open'
import { partsOf } from '../open-database'
import { gap } from './errors'
import type { LogBounds } from './log'
import type { ReplicaRequest } from './options'
import type { AnyDatabase } from './state'
import { orAborted } from './waiting'

/** Whether there is a database. */
export function hasDatabase(path: string): boolean {
  return existsSync(join(path, 'CURRENT'))
}

/** Whether there is a database that no replica has made. */
export async function hasPlainDatabase(path: string): Promise<boolean> {
  return hasDatabase(path) && !(await isOfReplica(path))
}

/** Opens the directory's database as a node's; makes it where there is none. */
export async function openNode(path: string, request: ReplicaRequest): Promise<AnyDatabase> {
  const db: AnyDatabase = await openAsReplica(path, request.database)
  const { connection } = partsOf(db)
  if (connection.tuning.walEnabled && connection.tuning.db['wal_dir'] === undefined) return db
  await db.close()
  const what = connection.tuning.walEnabled ? 'a WAL directory of its own' : 'no WAL'
  throw new RocksDBError(
    `a replica keeps its rows and its place in the log together: ${path} cannot have ${what}`,
    { code: 'ERR_NOT_SUPPORTED' },
  )
}

/** The name by which the snapshots of a log stand in a target. */
export function snapshotsOf(logId: string): string {
  return `replica-${logId}`
}

/** A snapshot that a node can begin with. */
export type UsableSnapshot = SnapshotEntry & { place: NonNullable<SnapshotEntry['place']> }

/** All snapshots of this log, the oldest first. */
export async function snapshotsIn(
  target: BackupTarget,
  logId: string,
  signal?: AbortSignal,
): Promise<UsableSnapshot[]> {
  const read = await readManifest(target, signal)
  if (read === undefined || read.manifest.database !== snapshotsOf(logId)) return []
  return read.manifest.snapshots.filter((each): each is UsableSnapshot => each.place !== undefined)
}

/**
 * The newest snapshot from which the log goes on, and which has all records before `missing`, with that one; undefined where
 * there is none: one that leads to the same gap would be fetched again and again.
 */
export async function findSnapshot(
  target: BackupTarget,
  logId: string,
  { first, last }: LogBounds,
  missing: number,
  signal: AbortSignal,
): Promise<UsableSnapshot | undefined> {
  const all = await orAborted(snapshotsIn(target, logId, signal), signal)
  const from = Math.max(first, missing)
  return all.findLast(({ place }) => place.sequence >= from && place.sequence <= last)
}

/** Fetches a snapshot into a directory beside this one. Resolves to it. */
export async function fetchBeside(
  path: string,
  target: BackupTarget,
  { id }: UsableSnapshot,
  signal: AbortSignal,
): Promise<string> {
  const beside = `${path}.snapshot`
  await rm(beside, { recursive: true, force: true })
  await orAborted(restore(target, beside, { at: id, signal }), signal)
  return beside
}

/** Fails with `ERR_LOCKED` where anybody has it open: what it is must not change under them. */
export async function checkClosed(path: string): Promise<void> {
  if (!hasDatabase(path)) return
  await onPath('checkClosed', path).catch((error) => {
    throw new RocksDBError(
      `${path} is to be replaced by a snapshot, and somebody else has it open: other threads of the process must close it`,
      { code: 'ERR_LOCKED', retryable: true, cause: error },
    )
  })
}

/** Puts that directory in the place of this one, which is removed. */
export async function replaceBy(path: string, beside: string): Promise<void> {
  const old = `${path}.replaced`
  await rm(old, { recursive: true, force: true })
  if (existsSync(path)) await rename(path, old)
  await rename(beside, path)
  await rm(old, { recursive: true, force: true })
}

/** Moves the directory away, for whoever wants to look at it. Resolves to where it is. */
export async function setAside(path: string, epoch: number, ordinal: number): Promise<string> {
  for (let turn = 0; ; turn++) {
    const aside = `${path}.aside-${epoch}-${ordinal}${turn === 0 ? '' : `-${turn}`}`
    if (existsSync(aside)) continue
    await rename(path, aside)
    return aside
  }
}

/** There is nothing to begin with. */
export function noSnapshot(target: BackupTarget | undefined, cause: Error): RocksDBError {
  const where =
    target === undefined
      ? 'there are no snapshots (option snapshots)'
      : `no snapshot in ${target.name} leads to where the log begins`
  return gap(`${cause.message}, and ${where}`, cause)
}
