/** Which backup a moment is restored from, and which segments follow. */
import { invalidType, invalidValue } from '../base/arguments'
import { notFound } from './errors'
import { type Manifest, readManifest, type SnapshotEntry } from './manifest'
import { lastAfter } from './moments'
import { floorOf, type ListedSegment, listSegments } from './segment-list'
import { findSnapshot } from './snapshots'
import type { BackupTarget } from './target'
import { lifecycleOf, placeOf, type TokenPlace } from './tokens'

/** Where to stop. Without any, everything is applied. */
export interface Stop {
  /** Commits after this moment are not applied. */
  timeMs?: number
  /** Operations after this one are not. */
  place?: TokenPlace
}

export interface Plan {
  entry: SnapshotEntry
  segments: ListedSegment[]
  stop: Stop
}

/** Fails with `ERR_BACKUP_NOT_FOUND` where the moment is not there. */
export async function planRestore(
  target: BackupTarget,
  at: unknown,
  signal: AbortSignal,
): Promise<Plan> {
  const read = await readManifest(target, signal)
  const manifest = read?.manifest
  if (manifest === undefined || manifest.snapshots.length === 0) {
    throw notFound(target, 'has no backup')
  }
  return new Planning(target, manifest, signal).find(at)
}

class Planning {
  constructor(
    readonly target: BackupTarget,
    readonly manifest: Manifest,
    readonly signal: AbortSignal,
  ) {}

  async find(at: unknown): Promise<Plan> {
    if (at === undefined || at === 'latest') return this.#until({}, this.manifest.snapshots)
    if (at instanceof Date) return this.#atTime(at)
    if (typeof at !== 'string')
      throw invalidType('options.at', "'latest', a name, a Date or a token", at)
    const place = placeOf(at)
    if (place !== undefined) return this.#atToken(place)
    const entry = findSnapshot(this.target, this.manifest, at)
    return { entry, segments: [], stop: {} }
  }

  async #atTime(at: Date): Promise<Plan> {
    const timeMs = at.getTime()
    if (Number.isNaN(timeMs)) throw invalidValue('options.at', at, 'must be a valid Date')
    const before = this.manifest.snapshots.filter((entry) => entry.timeMs <= timeMs)
    if (before.length === 0) {
      const oldest = new Date(Math.min(...this.manifest.snapshots.map((each) => each.timeMs)))
      throw notFound(this.target, `reaches back to ${oldest.toISOString()} only`)
    }
    return this.#until({ timeMs }, before)
  }

  /** The newest moment that these backups lead to. */
  async #until(stop: Stop, entries: readonly SnapshotEntry[]): Promise<Plan> {
    const newest = entries.at(-1) as SnapshotEntry
    // A backup that was made beside continuous ones has no segments of its own: they go on.
    const streamed = entries.filter(({ epoch }) => epoch === newest.epoch).findLast(hasSegments)
    if (streamed !== undefined && streamed !== newest) {
      const last = await lastAfter(this.target, this.manifest, streamed, this.signal)
      if (last !== undefined && last.last > newest.sequence) return this.#from(streamed, stop)
    }
    return this.#from(newest, stop)
  }

  async #from(entry: SnapshotEntry, stop: Stop): Promise<Plan> {
    const { epoch, segment } = entry
    if (segment === undefined || floorOf(this.manifest, epoch) > segment) {
      return { entry, segments: [], stop }
    }
    return { entry, segments: await listSegments(this.target, epoch, segment, this.signal), stop }
  }

  async #atToken(place: TokenPlace): Promise<Plan> {
    const ofEpoch = this.manifest.snapshots.filter(({ epoch }) => epoch === place.epoch)
    if (ofEpoch.length === 0)
      throw notFound(this.target, 'has no backup of the history of this token')
    const before = ofEpoch.filter(({ sequence }) => sequence <= place.sequence)
    for (const entry of before.toReversed()) {
      const lifecycle = lifecycleOf(entry.token)
      // It is of the same number, and a family has come or gone since.
      if (lifecycle > place.lifecycle) continue
      if (entry.sequence === place.sequence && lifecycle === place.lifecycle) {
        return { entry, segments: [], stop: {} }
      }
      const last = await lastAfter(this.target, this.manifest, entry, this.signal)
      if (last === undefined || last.last < place.sequence) continue
      if (lifecycleOf(last.token) >= place.lifecycle) return this.#from(entry, { place })
    }
    throw notFound(this.target, 'has no backup that reaches this token')
  }
}

function hasSegments({ segment }: SnapshotEntry): boolean {
  return segment !== undefined
}
