/** What continuous backups keep, and what they let go. */
import { chosen } from './catalog'
import { collect, floorsOf } from './collect'
import type { Manifest, SnapshotEntry } from './manifest'
import { readManifest } from './manifest'
import type { StreamRequest } from './stream-options'
import type { BackupTarget } from './target'

/** Removes what is older. Resolves to the oldest moment that is left. */
export async function prune(
  target: BackupTarget,
  { keepMs, keep }: Pick<StreamRequest, 'keepMs' | 'keep'>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const from = keepMs === 0 ? Number.NEGATIVE_INFINITY : Date.now() - keepMs
  const first = await readManifest(target, signal)
  const superfluous = first?.manifest.snapshots.some(
    (entry) => !keeps(first.manifest, from, keep).has(entry),
  )
  if (superfluous === true) {
    await collect(
      target,
      (manifest) => {
        const kept = keeps(manifest, from, keep)
        const snapshots = manifest.snapshots.filter((entry) => kept.has(entry))
        return { kept: snapshots, floors: floorsOf(snapshots, firstMoment(manifest, from)) }
      },
      signal,
    )
  }
  const left = superfluous === true ? await readManifest(target, signal) : first
  const times = left?.manifest.snapshots.map(({ timeMs }) => timeMs) ?? []
  return times.length === 0 ? undefined : Math.min(...times)
}

/** The moment of the backup from which the window is restored: none by hand, which no segments follow. */
function firstMoment({ snapshots }: Manifest, from: number): number {
  const first = snapshots.findLast(
    (entry) => entry.generation !== undefined && entry.timeMs <= from,
  )
  return first?.timeMs ?? Number.NEGATIVE_INFINITY
}

/** Those of the window, those that are asked for, and all that were made by hand. */
function keeps(manifest: Manifest, from: number, keep: StreamRequest['keep']): Set<SnapshotEntry> {
  const { snapshots } = manifest
  const first = firstMoment(manifest, from)
  const kept = new Set(chosen(snapshots, keep))
  for (const entry of snapshots) {
    if (entry.generation === undefined || entry.timeMs >= first) kept.add(entry)
  }
  return kept
}
