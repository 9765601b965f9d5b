/** Which moments can be restored. */
import type { Manifest, SnapshotEntry } from './manifest'
import { floorOf, listSegments } from './segment-list'
import { type ChangesHead, readSegment } from './segments'
import type { BackupTarget } from './target'
import type { RestorableRange } from './types'

/** The last commits that follow a backup without a gap; undefined if there are none. */
export async function lastAfter(
  target: BackupTarget,
  manifest: Manifest,
  entry: SnapshotEntry,
  signal?: AbortSignal,
): Promise<ChangesHead | undefined> {
  const { epoch, segment, generation } = entry
  if (segment === undefined) return undefined
  if (floorOf(manifest, epoch) > segment) return undefined
  const numbers = await listSegments(target, epoch, segment, signal)
  // A generation's segments follow each other, with marks in between, until another one begins. The
  // backup was made within it.
  let [low, high] = [0, numbers.length - 1]
  let last: ChangesHead | undefined
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = await changesAtOrBefore(target, epoch, numbers, middle, low, signal)
    if (found === undefined) low = middle + 1
    else if (found.generation === generation) {
      last = found
      low = middle + 1
    } else high = middle - 1
  }
  return last
}

async function changesAtOrBefore(
  target: BackupTarget,
  epoch: string,
  numbers: readonly { number: number }[],
  from: number,
  least: number,
  signal: AbortSignal | undefined,
): Promise<ChangesHead | undefined> {
  for (let index = from; index >= least; index--) {
    const { number } = numbers[index] as { number: number }
    const segment = await readSegment(target, epoch, number, signal)
    if (segment?.head.kind === 'changes') return segment.head
  }
  return undefined
}

export async function momentsOf(
  target: BackupTarget,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<RestorableRange[]> {
  const ranges: RestorableRange[] = []
  const ends = new Map<string, ChangesHead | undefined>()
  for (const entry of manifest.snapshots) {
    const { id, timeMs, untilMs, epoch, generation = '' } = entry
    const name = `${epoch}/${generation}`
    if (!ends.has(name)) ends.set(name, await lastAfter(target, manifest, entry, signal))
    const last = ends.get(name)
    const until = last !== undefined && last.last >= entry.sequence ? last.timeMs : untilMs
    ranges.push({ id, fromMs: timeMs, untilMs: Math.max(timeMs, untilMs, until) })
  }
  return ranges
}
