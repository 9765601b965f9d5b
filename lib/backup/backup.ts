/** One whole backup: a moment, its files, their list, and the manifest's word that it is there. */

import { stat } from 'node:fs/promises'
import type { Connection } from '../connection/connection'
import type { Database } from '../database'
import { partsOf } from '../open-database'
import { traced } from '../traces/trace'
import { Capture } from './capture'
import { type Chain, closeChain } from './chain'
import { checkConditions } from './conditions'
import { Copier } from './copy'
import { codeOf } from './errors'
import { snapshotKey } from './keys'
import {
  isCurrent,
  type Manifest,
  type ReadManifest,
  type ReplicaPlace,
  readOrEmpty,
  type SnapshotEntry,
  trySwap,
} from './manifest'
import { listObjects, nonce, sumOf } from './objects'
import { type Copying, checkTargetArgument, copyOptions } from './options'
import { type BackupFile, readSnapshot, writeSnapshot } from './snapshots'
import type { BackupTarget } from './target'
import { lifecycleOf } from './tokens'
import type { BackupOptions, BackupResult } from './types'

/** @internal What continuous backups say of a backup of theirs. */
export interface InStream {
  /** The first segment that may have what comes after it. */
  segment: number
  generation: string
  chain: Chain
}

/** @internal What a replica says of a snapshot: all of its nodes share one history, the log's. */
export interface OfReplica {
  /** Stands for the database. */
  database: string
  /** Stands for the history. */
  epoch: string
  /** A place in the log that was applied when this was called. */
  place: ReplicaPlace
  /** Resolves when everything that was applied until now is in the log: before that nobody may begin with it. */
  logged: () => Promise<void>
}

/**
 * Copies a database to a target while it goes on: everything that was written before this was called, and
 * nothing in half. Only files that are not in the target yet are copied. Writers wait for some milliseconds while
 * the files are listed (`lockedMs`). A reader (`mode: 'read-only'` or a secondary) copies what the writer has written to the
 * disk, or fails with `ERR_BUSY`.
 *
 * Fails with `ERR_BACKUP_TARGET` where the target fails, with `ERR_BACKUP_MISMATCH` where it has backups of another
 * database, with `ERR_BACKUP_FENCED` where a database that was restored from this one writes there now, with
 * `ERR_NOT_SUPPORTED` for a database in memory, with `ERR_ABORTED` and `ERR_CLOSED`. A backup that fails, or whose
 * process is killed, leaves nothing in the target that counts.
 *
 * @example
 * ```ts
 * const { id, bytesCopied, bytesShared } = await backup(db, directory('/mnt/backup/shop'))
 * console.log(id, bytesCopied, bytesShared)
 * ```
 */
export async function backup(
  // biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
  db: Database<any>,
  target: BackupTarget,
  options?: BackupOptions,
): Promise<BackupResult> {
  const { connection } = partsOf(db)
  const checked = checkTargetArgument(target)
  const { copying } = copyOptions(options)
  connection.assertOpen('backup')
  return traced('backup', connection, async () => {
    await checkConditions(checked, copying.signal)
    return makeBackup(connection, checked, copying)
  })
}

/** @internal Makes a backup. */
export async function makeBackup(
  connection: Connection,
  target: BackupTarget,
  copying: Copying,
  by: { inStream?: InStream; replica?: OfReplica } = {},
): Promise<BackupResult> {
  const capture = await Capture.open(connection)
  try {
    const { replica } = by
    const epoch = replica?.epoch ?? (capture.native.epoch || (await epochOf(connection.path)))
    return await new Making(target, capture, epoch, copying, by).run()
  } finally {
    await capture.end()
  }
}

/** Stands for the history of a directory that has none: another one for each copy and restore. */
async function epochOf(path: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(path, { bigint: true })
  return `without-${sumOf(Buffer.from(`${ino}-${birthtimeNs}`)).slice(0, 32)}`
}

class Making {
  readonly #target: BackupTarget
  readonly #capture: Capture
  readonly #copying: Copying
  readonly #inStream: InStream | undefined
  readonly #replica: OfReplica | undefined
  /** Which database it is of. */
  readonly #database: string
  readonly #timeMs = Date.now()
  readonly #epoch: string
  readonly #id: string
  /** The list has a name of its own: two backups of the same state may be made of other files. */
  readonly #key: string

  constructor(
    target: BackupTarget,
    capture: Capture,
    epoch: string,
    copying: Copying,
    { inStream, replica }: { inStream?: InStream; replica?: OfReplica },
  ) {
    this.#target = target
    this.#capture = capture
    this.#copying = copying
    this.#inStream = inStream
    this.#replica = replica
    this.#database = replica?.database ?? capture.native.database
    const { sequence } = capture.native
    this.#epoch = epoch
    this.#id = `${this.#epoch}-${sequence}`
    this.#key = snapshotKey(`${this.#id}.${nonce().slice(0, 8)}`)
  }

  async run(): Promise<BackupResult> {
    const { signal } = this.#copying
    let read = await readOrEmpty(this.#target, this.#database, signal)
    isCurrent(this.#target, read.manifest, this.#epoch)
    const copier = await this.#copier(read.manifest)
    let seen = read.manifest
    await copier.run()
    for (;;) {
      const sum = await writeSnapshot(this.#target, this.#key, this.#files(copier), signal)
      read = await readOrEmpty(this.#target, this.#database, signal)
      if (await this.#hasLost(copier, seen, read.manifest)) {
        seen = read.manifest
        await copier.run()
        continue
      }
      await this.#replica?.logged()
      const entry = this.#entry(copier, sum)
      const committed = await this.#commit(read, entry)
      if (committed !== undefined) return this.#result(committed, copier)
    }
  }

  async #copier(manifest: Manifest): Promise<Copier> {
    const newest = manifest.snapshots.at(-1)
    // A damaged list is no reason to make no backup: everything is copied.
    const files: BackupFile[] =
      newest === undefined
        ? []
        : await readSnapshot(this.#target, newest, this.#copying.signal).catch(unlessDamaged)
    // Without a history a directory may have been replaced by another one.
    const directory = this.#replica?.epoch ?? this.#capture.native.epoch
    const sameDirectory = newest?.epoch === directory
    const there = await this.#there(files)
    const known = { files: there, sameDirectory, deleting: manifest.deleting }
    return new Copier(this.#target, this.#capture, this.#copying, known)
  }

  /** Files whose objects are there, whole: what somebody has removed is copied again. */
  async #there(files: readonly BackupFile[]): Promise<BackupFile[]> {
    const sizes = new Map<string, number>()
    const folders = new Set(files.map(({ key = '' }) => key.slice(0, key.indexOf('/') + 1)))
    for (const folder of folders) {
      if (folder === '') continue
      const listed = await listObjects(this.#target, folder, this.#copying.signal)
      for (const { key, size } of listed) sizes.set(key, size)
    }
    return files.filter(({ key, size }) => key !== undefined && sizes.get(key) === size)
  }

  #files(copier: Copier): BackupFile[] {
    return copier.files as BackupFile[]
  }

  /** Whether something of it may have been deleted since it was looked for. */
  async #hasLost(copier: Copier, seen: Manifest, now: Manifest): Promise<boolean> {
    const keys = new Set(now.deleting)
    const named = this.#files(copier).some(({ key }) => key !== undefined && keys.has(key))
    if (now.collections === seen.collections && !named) return false
    return copier.recheck(now.deleting)
  }

  #entry(copier: Copier, sum: string): SnapshotEntry {
    const files = this.#files(copier)
    return {
      id: this.#id,
      epoch: this.#epoch,
      sequence: this.#capture.native.sequence,
      token: this.#capture.native.token || undefined,
      timeMs: this.#timeMs,
      untilMs: this.#timeMs,
      bytes: files.reduce((all, { size }) => all + size, 0),
      files: files.length,
      key: this.#key,
      sum,
      segment: this.#inStream?.segment,
      generation: this.#inStream?.generation,
      place: this.#replica?.place,
    }
  }

  /** The entry as the manifest has it; undefined if somebody else was first. */
  async #commit(read: ReadManifest, entry: SnapshotEntry): Promise<SnapshotEntry | undefined> {
    const { signal } = this.#copying
    const { manifest } = read
    const change: Partial<Manifest> = { snapshots: withEntry(manifest.snapshots, entry) }
    if (!isCurrent(this.#target, manifest, this.#epoch)) {
      const before = manifest.epochs.at(-1)
      if (before !== undefined) await closeChain(this.#target, manifest, before, signal)
      change.epochs = [...manifest.epochs, this.#epoch]
    }
    // Who takes over later has to swap the manifest, and sees this backup then.
    await this.#inStream?.chain.assertOwn(signal)
    const swapped = await trySwap(this.#target, read, change, signal)
    return swapped?.manifest.snapshots.find(({ id }) => id === entry.id)
  }

  #result(entry: SnapshotEntry, { counts }: Copier): BackupResult {
    const { id, epoch, sequence, token, timeMs, untilMs, bytes, files } = entry
    const { lockedMs } = this.#capture.native
    return { id, epoch, sequence, token, timeMs, untilMs, bytes, files, ...counts, lockedMs }
  }
}

/**
 * With another backup, in the order of their moments: a slow one may end after one that was begun later. One of the same
 * number is replaced, and its moments go on.
 */
function withEntry(all: readonly SnapshotEntry[], entry: SnapshotEntry): SnapshotEntry[] {
  const same = all.find(({ id }) => id === entry.id)
  if (same !== undefined && lifecycleOf(same.token) > lifecycleOf(entry.token)) return [...all]
  const others = all.filter(({ id }) => id !== entry.id)
  const later = others.findIndex(
    ({ epoch, sequence }) => epoch === entry.epoch && sequence > entry.sequence,
  )
  const merged = same === undefined ? entry : merge(same, entry)
  return others.toSpliced(later < 0 ? others.length : later, 0, merged)
}

function merge(same: SnapshotEntry, entry: SnapshotEntry): SnapshotEntry {
  const { segment = same.segment, generation = same.generation } = entry
  return { ...entry, timeMs: Math.min(same.timeMs, entry.timeMs), segment, generation }
}

function unlessDamaged(error: unknown): BackupFile[] {
  if (codeOf(error) === 'ERR_BACKUP_DAMAGED') return []
  throw error
}
