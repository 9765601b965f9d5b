/**
 * Has native count times and sizes in the buckets of histograms. A session counts in one set of buckets
 * at a time, whoever asked for it: an exporter's go before those of who only looks.
 */
import type { Connection } from '../connection/connection'
import { type Buckets, HISTOGRAMS, type HistogramName } from './catalog'
import type { CollectRequest } from './options'
import { nativeUnits } from './samples'

/** What is counted, and in which buckets. */
export type Recording = Pick<CollectRequest, 'buckets' | 'groups' | 'sampleEvery'>

type AllBuckets = Readonly<Record<HistogramName, Buckets>>

const recordings = new WeakMap<Connection, Recording>()

/** Counts from now on, in new buckets. */
export function record(connection: Connection, recording: Recording): void {
  const { buckets, groups, sampleEvery } = recording
  const bounds: Record<string, number[]> = Object.create(null)
  for (const { name, unit, group, needs } of HISTOGRAMS) {
    if (!groups.has(group) || (needs === 'readLatency' && sampleEvery === 0)) continue
    const units = nativeUnits(unit)
    // Nanoseconds are the finest unit: 0.29 ms is exactly 290000 ns.
    const inNative = (bound: number) => (units === 1 ? bound : Math.round(bound * units))
    bounds[name] = buckets[name].map(inNative)
  }
  connection.run('collectMetrics', (session) => session.record(bounds, sampleEvery))
  recordings.set(connection, recording)
}

/** Counts no longer. */
export function endRecord(connection: Connection): void {
  recordings.delete(connection)
  connection.session.endRecord()
}

/** The buckets that are counted in now; begins with these where nobody counts. */
export function recordedBuckets(connection: Connection, otherwise: Recording): AllBuckets {
  const recording = recordings.get(connection)
  if (recording !== undefined) return recording.buckets
  record(connection, otherwise)
  return otherwise.buckets
}
