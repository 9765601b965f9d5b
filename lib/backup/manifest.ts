/** The one object of a target that changes: which backups there are, and who may write. */
import { damaged, fenced, otherDatabase } from './errors'
import { isKey, MANIFEST } from './keys'
import { nonce, readObject, writeObject } from './objects'
import type { BackupTarget } from './target'
import type { BackupInfo } from './types'

const FORMAT = 1

/** A backup, as the manifest has it. */
export interface SnapshotEntry extends BackupInfo {
  /** The list of its files, and the sum of that. */
  key: string
  sum: string
  /** The first segment of its epoch that may have what came after it; undefined if there is none. */
  segment?: number | undefined
  /** Of those segments: see segments.ts. */
  generation?: string | undefined
  /** Of a replica: the place in its log that it has come to at least. */
  place?: ReplicaPlace | undefined
}

/** A place in the log of a replica: see lib/replica/place.ts. */
export interface ReplicaPlace {
  epoch: number
  sequence: number
  ordinal: number
}

/** Where the segments of an epoch begin that are still there. */
export interface SegmentFloor {
  epoch: string
  first: number
}

export interface Manifest {
  /** Random, of the swap that wrote it: tells one's own from somebody else's. */
  swap: string
  /** RocksDB's identity of the database. */
  database: string
  /** The histories that were written here. Only the last may go on. */
  epochs: string[]
  /** In the order in which they were made. */
  snapshots: SnapshotEntry[]
  /** Objects that are being deleted: nothing may name them any more. */
  deleting: string[]
  /** How often objects were deleted. */
  collections: number
  floors: SegmentFloor[]
}

/** A manifest, and the tag that it can be replaced by; without a tag there is none yet. */
export interface ReadManifest {
  manifest: Manifest
  etag: string | undefined
}

export function emptyManifest(database: string): Manifest {
  return {
    swap: '',
    database,
    epochs: [],
    snapshots: [],
    deleting: [],
    collections: 0,
    floors: [],
  }
}

/** undefined where the target is empty. */
export async function readManifest(
  target: BackupTarget,
  signal?: AbortSignal,
): Promise<ReadManifest | undefined> {
  const found = await readObject(target, MANIFEST, signal)
  if (found === undefined) return undefined
  return { manifest: parseManifest(target, found.bytes), etag: found.etag }
}

function parseManifest(target: BackupTarget, bytes: Buffer): Manifest {
  let value: Record<string, unknown>
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw damaged(target, MANIFEST, 'it is not JSON', error)
  }
  if (value?.['format'] !== FORMAT) {
    const known = `this version of rocksdb-live reads format ${FORMAT}`
    throw damaged(target, MANIFEST, `its format is ${JSON.stringify(value?.['format'])}; ${known}`)
  }
  const { swap, database, epochs, snapshots, deleting, collections, floors } = value
  const whole =
    typeof swap === 'string' &&
    typeof database === 'string' &&
    isListOf(epochs, isEpoch) &&
    isListOf(snapshots, isEntry) &&
    isListOf(deleting, isKey) &&
    Number.isSafeInteger(collections) &&
    isListOf(floors, isFloor)
  if (!whole) throw damaged(target, MANIFEST, 'something is missing in it, or of a wrong kind')
  const entries = (snapshots as (SnapshotEntry & { sequence: unknown })[]).map((entry) => ({
    ...entry,
    sequence: BigInt(entry.sequence as unknown as string),
  }))
  return {
    swap,
    database,
    epochs,
    snapshots: entries,
    deleting,
    collections: collections as number,
    floors,
  }
}

function isListOf<T>(value: unknown, is: (each: unknown) => each is T): value is T[] {
  return Array.isArray(value) && value.every(is)
}

/** Whether it may be a part of a key. */
export function isEpoch(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value)
}

const isTime = (value: unknown) => typeof value === 'number' && Number.isFinite(value)

function isEntry(value: unknown): value is SnapshotEntry {
  const entry = value as Record<string, unknown>
  return (
    typeof entry === 'object' &&
    entry !== null &&
    isEpoch(entry['epoch']) &&
    typeof entry['sequence'] === 'string' &&
    /^\d{1,20}$/.test(entry['sequence']) &&
    entry['id'] === `${entry['epoch']}-${entry['sequence']}` &&
    isTime(entry['timeMs']) &&
    isTime(entry['untilMs']) &&
    isTime(entry['bytes']) &&
    isTime(entry['files']) &&
    typeof entry['sum'] === 'string' &&
    isKey(entry['key']) &&
    (entry['place'] === undefined || isPlace(entry['place']))
  )
}

function isPlace(value: unknown): value is ReplicaPlace {
  const { epoch, sequence, ordinal } = (value ?? {}) as ReplicaPlace
  return [epoch, sequence, ordinal].every((each) => Number.isSafeInteger(each) && each >= 0)
}

function isFloor(value: unknown): value is SegmentFloor {
  const floor = value as SegmentFloor
  return (
    typeof floor === 'object' &&
    floor !== null &&
    isEpoch(floor.epoch) &&
    Number.isSafeInteger(floor.first)
  )
}

function textOf(manifest: Manifest): Buffer {
  const snapshots = manifest.snapshots.map((entry) => ({
    ...entry,
    sequence: String(entry.sequence),
  }))
  return Buffer.from(`${JSON.stringify({ format: FORMAT, ...manifest, snapshots }, null, 1)}\n`)
}

/**
 * Replaces the manifest if it is still what was read. Resolves to the new one, or to undefined if
 * somebody else was first.
 */
export async function trySwap(
  target: BackupTarget,
  read: ReadManifest,
  change: Partial<Manifest>,
  signal?: AbortSignal,
): Promise<ReadManifest | undefined> {
  const manifest = { ...read.manifest, ...change, swap: nonce() }
  const condition = !target.conditional
    ? {}
    : read.etag === undefined
      ? { ifNoneMatch: '*' as const }
      : { ifMatch: read.etag }
  const etag = await writeObject(target, MANIFEST, textOf(manifest), condition, signal)
  if (etag !== undefined) return { manifest, etag }
  // An answer that was lost on the way, and the same request once more.
  const now = await readManifest(target, signal)
  return now?.manifest.swap === manifest.swap ? now : undefined
}

/** Replaces the manifest by what `change` makes of it, however often others are first. */
export async function swap(
  target: BackupTarget,
  database: string,
  change: (manifest: Manifest) => Partial<Manifest> | undefined,
  signal?: AbortSignal,
): Promise<Manifest> {
  for (;;) {
    const read = await readOrEmpty(target, database, signal)
    const changed = change(read.manifest)
    if (changed === undefined) return read.manifest
    const swapped = await trySwap(target, read, changed, signal)
    if (swapped !== undefined) return swapped.manifest
  }
}

export async function readOrEmpty(
  target: BackupTarget,
  database: string,
  signal?: AbortSignal,
): Promise<ReadManifest> {
  const read = await readManifest(target, signal)
  if (read === undefined) return { manifest: emptyManifest(database), etag: undefined }
  if (read.manifest.database !== database) throw otherDatabase(target)
  return read
}

/** Whether this history may write, or is a new one that takes over. Fails if another one has. */
export function isCurrent(target: BackupTarget, manifest: Manifest, epoch: string): boolean {
  const { epochs } = manifest
  if (epochs.at(-1) === epoch) return true
  if (epochs.includes(epoch)) throw fenced(target, 'a copy of it, or a database restored from it,')
  return false
}
