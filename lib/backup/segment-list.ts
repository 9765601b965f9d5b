/** Which segments of a history are there. */
import { SEGMENTS_IN_FOLDER, segmentFolder, segmentNumber } from './keys'
import type { Manifest } from './manifest'
import { listObjects } from './objects'
import type { BackupTarget } from './target'

export interface ListedSegment {
  number: number
  size: number
  key: string
}

/** The first segment that is kept. */
export function floorOf(manifest: Manifest, epoch: string): number {
  return manifest.floors.find((each) => each.epoch === epoch)?.first ?? 0
}

/** The segments from a number on, in their order. There is none behind an empty folder. */
export async function listSegments(
  target: BackupTarget,
  epoch: string,
  from: number,
  signal?: AbortSignal,
): Promise<ListedSegment[]> {
  const all: ListedSegment[] = []
  for (let at = from; ; at += SEGMENTS_IN_FOLDER) {
    const folder = segmentFolder(epoch, at)
    const before = all.length
    for (const { key, size } of await listObjects(target, folder, signal)) {
      const number = segmentNumber(folder, key)
      if (number !== undefined && number >= from) all.push({ number, size, key })
    }
    if (all.length === before) return all.sort((a, b) => a.number - b.number)
  }
}

/** A number that no later end of the chain is before. */
export function lateNumber(manifest: Manifest, epoch: string): number {
  let number = floorOf(manifest, epoch)
  for (const entry of manifest.snapshots) {
    if (entry.epoch === epoch) number = Math.max(number, (entry.segment ?? 0) - 1)
  }
  return number
}
