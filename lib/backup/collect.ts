/** Removes what no backup needs: decided by what is named, never by what is listed alone. */
import { interruptChain } from './chain'
import {
  type Manifest,
  type ReadManifest,
  readManifest,
  type SnapshotEntry,
  trySwap,
} from './manifest'
import { deleteObject, listObjects } from './objects'
import { inParallel } from './pace'
import { floorOf, listSegments } from './segment-list'
import { readSnapshot } from './snapshots'
import type { BackupTarget } from './target'
import type { RemovedBackups } from './types'

const CONCURRENCY = 16
const PREFIXES = ['sst/', 'blob/', 'files/', 'snapshots/'] as const

/** Chooses the backups that stay, and for which segments. */
export type Choose = (manifest: Manifest) => {
  kept: SnapshotEntry[]
  /** Segments from here on stay, by epoch; of other epochs only the last one does. */
  floors: Manifest['floors']
}

/**
 * Takes backups out of the manifest, and deletes the objects that nobody names then. First the manifest says which
 * objects those are: from then on no backup shares them. Then they are deleted. Who is killed in between leaves them to
 * the next.
 */
export async function collect(
  target: BackupTarget,
  choose: Choose,
  signal: AbortSignal,
): Promise<RemovedBackups> {
  for (;;) {
    const read = await readManifest(target, signal)
    if (read === undefined) return { removed: [], objectsDeleted: 0 }
    const marked = await markUnneeded(target, read, choose, signal)
    if (marked === undefined) continue
    const { manifest } = marked.read
    await inParallel(manifest.deleting, CONCURRENCY, signal, (key, abort) =>
      deleteObject(target, key, { signal: abort }),
    )
    await forget(target, manifest.deleting, signal)
    return { removed: marked.removed, objectsDeleted: manifest.deleting.length }
  }
}

/** The backup that continuous ones go on from: without it, what they have sent since is of no use. */
export function baseOf({ snapshots, epochs }: Manifest): SnapshotEntry | undefined {
  return snapshots.findLast(
    ({ epoch, generation }) => epoch === epochs.at(-1) && generation !== undefined,
  )
}

/** undefined if somebody else has changed the manifest meanwhile. */
async function markUnneeded(
  target: BackupTarget,
  read: ReadManifest,
  choose: Choose,
  signal: AbortSignal,
): Promise<{ read: ReadManifest; removed: string[] } | undefined> {
  const { manifest } = read
  const { kept, floors: wanted } = choose(manifest)
  const named = new Set<string>()
  // A list that cannot be read may name anything: then nothing is deleted.
  for (const entry of kept) {
    named.add(entry.key)
    for (const { key } of await readSnapshot(target, entry, signal)) if (key) named.add(key)
  }
  const unneeded = new Set(manifest.deleting)
  for (const prefix of PREFIXES) {
    for (const { key } of await listObjects(target, prefix, signal)) {
      if (!named.has(key)) unneeded.add(key)
    }
  }
  const { floors, keys } = await unneededSegments(target, manifest, wanted, signal)
  for (const key of keys) unneeded.add(key)
  const names = new Set(kept.map(({ id }) => id))
  const removed = manifest.snapshots.map(({ id }) => id).filter((id) => !names.has(id))
  const same = JSON.stringify(floors) === JSON.stringify(manifest.floors)
  if (unneeded.size === 0 && removed.length === 0 && same) return { read, removed }
  const base = baseOf(manifest)
  if (base !== undefined && !names.has(base.id)) {
    await interruptChain(target, manifest, base.epoch, signal)
  }
  const change = {
    snapshots: kept,
    floors,
    deleting: [...unneeded],
    collections: manifest.collections + 1,
  }
  const swapped = await trySwap(target, read, change, signal)
  return swapped && { read: swapped, removed }
}

async function unneededSegments(
  target: BackupTarget,
  manifest: Manifest,
  wanted: Manifest['floors'],
  signal: AbortSignal,
): Promise<{ floors: Manifest['floors']; keys: string[] }> {
  const keys: string[] = []
  const floors: Manifest['floors'] = []
  for (const epoch of manifest.epochs) {
    const all = await listSegments(target, epoch, floorOf(manifest, epoch), signal)
    const last = all.at(-1)?.number
    if (last === undefined) continue
    // The last one stays: it says where the next one goes.
    const first = wanted.find((each) => each.epoch === epoch)?.first ?? last
    floors.push({ epoch, first: Math.min(first, last) })
    for (const { number, key } of all) if (number < Math.min(first, last)) keys.push(key)
  }
  return { floors, keys }
}

/** They are gone: their names may be used again. */
async function forget(
  target: BackupTarget,
  deleted: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (deleted.length === 0) return
  const gone = new Set(deleted)
  for (;;) {
    const read = await readManifest(target, signal)
    if (read === undefined) return
    const deleting = read.manifest.deleting.filter((key) => !gone.has(key))
    if (deleting.length === read.manifest.deleting.length) return
    if ((await trySwap(target, read, { deleting }, signal)) !== undefined) return
  }
}

/** The segments that the kept backups need, from the first of each generation on. */
export function floorsOf(kept: readonly SnapshotEntry[], from: number): Manifest['floors'] {
  const floors = new Map<string, number>()
  for (const { epoch, segment, timeMs } of kept) {
    if (segment === undefined || timeMs < from) continue
    floors.set(epoch, Math.min(floors.get(epoch) ?? segment, segment))
  }
  return [...floors].map(([epoch, first]) => ({ epoch, first }))
}
