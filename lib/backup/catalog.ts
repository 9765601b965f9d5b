/** What is in a target. */

import { oneOf, optionalInteger, readOptions } from '../base/arguments'
import { baseOf, collect, floorsOf } from './collect'
import { emptyManifest, type Manifest, readManifest, type SnapshotEntry } from './manifest'
import { momentsOf } from './moments'
import { checkTargetArgument, copyOptions, readCopying } from './options'
import { findSnapshot } from './snapshots'
import type { BackupTarget, GetOptions } from './target'
import type {
  BackupInfo,
  BackupReport,
  Backups,
  KeepOptions,
  RemovedBackups,
  RestorableRange,
  VerifyOptions,
} from './types'
import { Verifying } from './verify'

const DAY_MS = 86_400_000
/** 1970-01-01 was a Thursday. */
const MONDAY_DAYS = 3

/**
 * What is in a target, and what can be done with it. No database needs to be open.
 *
 * @example
 * ```ts
 * const all = backups(directory('/mnt/backup/shop'))
 * for (const { id, timeMs } of await all.list()) console.log(id, new Date(timeMs))
 * await all.keep({ last: 7, daily: 30 })
 * ```
 */
export function backups(target: BackupTarget): Backups {
  return new Catalog(checkTargetArgument(target))
}

class Catalog implements Backups {
  constructor(readonly target: BackupTarget) {}

  async list(options?: GetOptions): Promise<BackupInfo[]> {
    const read = await readManifest(this.target, signalOf(options))
    return read === undefined ? [] : read.manifest.snapshots.map(infoOf)
  }

  async moments(options?: GetOptions): Promise<RestorableRange[]> {
    const signal = signalOf(options)
    const read = await readManifest(this.target, signal)
    return read === undefined ? [] : momentsOf(this.target, read.manifest, signal)
  }

  async verify(id: string, options?: VerifyOptions): Promise<BackupReport> {
    const { copying, read } = copyOptions(options, ['read'])
    const depth = oneOf('options.read', read['read'], ['sizes', 'all'], 'all')
    const { manifest, entry } = await this.#find(id, copying.signal)
    return new Verifying(this.target, manifest, entry, copying, depth === 'all').run()
  }

  async delete(id: string, options?: GetOptions): Promise<RemovedBackups> {
    const signal = signalOf(options)
    await this.#find(id, signal)
    return collect(this.target, (manifest) => without(manifest, id), signal)
  }

  async keep(options: KeepOptions): Promise<RemovedBackups> {
    const read = readOptions('options', options, ['last', 'daily', 'weekly', 'signal'])
    const count = (name: string) =>
      optionalInteger(`options.${name}`, read[name], { min: 1, default: undefined })
    const [last, daily, weekly] = [count('last'), count('daily'), count('weekly')]
    const { signal } = readCopying({ signal: read['signal'] })
    const all = last === undefined && daily === undefined && weekly === undefined
    return collect(
      this.target,
      (manifest) => {
        const wanted = all
          ? manifest.snapshots
          : chosen(manifest.snapshots, { last, daily, weekly })
        const base = baseOf(manifest)
        const kept = manifest.snapshots.filter((each) => each === base || wanted.includes(each))
        return { kept, floors: narrowed(manifest, kept) }
      },
      signal,
    )
  }

  async #find(
    id: string,
    signal: AbortSignal,
  ): Promise<{ manifest: Manifest; entry: SnapshotEntry }> {
    const read = await readManifest(this.target, signal)
    const manifest = read?.manifest ?? emptyManifest('')
    return { manifest, entry: findSnapshot(this.target, manifest, id) }
  }
}

function signalOf(options: unknown): AbortSignal {
  return readCopying(readOptions('options', options, ['signal'])).signal
}

/** @internal What a backup says of itself, and nothing else. */
export function infoOf(entry: BackupInfo): BackupInfo {
  const { id, epoch, sequence, token, timeMs, untilMs, bytes, files } = entry
  return { id, epoch, sequence, token, timeMs, untilMs, bytes, files }
}

function without(manifest: Manifest, id: string) {
  const kept = manifest.snapshots.filter((each) => each.id !== id)
  return { kept, floors: narrowed(manifest, kept) }
}

/** Segments before the first kept backup are of no use; those that were given up stay so. */
function narrowed(manifest: Manifest, kept: readonly SnapshotEntry[]): Manifest['floors'] {
  return floorsOf(kept, Number.NEGATIVE_INFINITY).map(({ epoch, first }) => {
    const before = manifest.floors.find((each) => each.epoch === epoch)?.first ?? 0
    return { epoch, first: Math.max(first, before) }
  })
}

/** @internal The backups that are asked for, in their order. */
export function chosen(
  all: readonly SnapshotEntry[],
  { last = 0, daily = 0, weekly = 0 }: Omit<KeepOptions, 'signal'>,
): SnapshotEntry[] {
  const kept = new Set(last === 0 ? [] : all.slice(-last))
  const newestOf = (count: number, periodOf: (timeMs: number) => number) => {
    const periods = new Set<number>()
    for (const entry of [...all].reverse()) {
      const period = periodOf(entry.timeMs)
      if (periods.has(period)) continue
      if (periods.size === count) return
      periods.add(period)
      kept.add(entry)
    }
  }
  newestOf(daily, (timeMs) => Math.floor(timeMs / DAY_MS))
  newestOf(weekly, (timeMs) => Math.floor((timeMs / DAY_MS + MONDAY_DAYS) / 7))
  return all.filter((entry) => kept.has(entry))
}
