/** The metrics of an open database, in a registry of prom-client. */

import { RocksDBError } from '../base/errors'
import type { Connection } from '../connection/connection'
import type { Database } from '../database'
import type { NativeFigures } from '../native/native-metrics'
import { partsOf } from '../open-database'
import { HISTOGRAMS, METRICS } from './catalog'
import { type CollectMetricsOptions, type CollectRequest, readRequest } from './options'
import { noteCollected } from './register'
import { nativeUnits, type Samples, samplesOf } from './samples'
import { conflict, expositionIn, type MetricHead, type Source } from './series'
import { statisticsHeads, statisticsSamples } from './statistics'

/** What `collectMetrics` returns. */
export interface MetricsCollection {
  /** The labels on every series of the database. */
  readonly labels: Readonly<Record<string, string>>
  /** Takes the database's series out of the registry. So does closing the database. */
  close(): void
  /** `close`, for `using`. */
  [Symbol.dispose](): void
}

/** @internal The code of the process warning where figures cannot be read. */
export const METRICS_WARNING = 'ROCKSDB_LIVE_METRICS'

const NOTHING: Samples = new Map()
const collected = new WeakSet<Connection>()

/**
 * Exports what a database does, in a prom-client registry, until the database closes. Nothing is read
 * but when the registry is scraped, on another thread and at most once a second. Returns the labels that
 * its series have, and what ends it.
 *
 * Fails with `ERR_METRICS_CONFLICT` where that is done already, or where a name or the labels are taken
 * in the registry, and with `ERR_CLOSED` where the database is closed.
 *
 * @example
 * ```ts
 * collectMetrics(db, { labels: { service: 'shop' }, readLatency: true })
 * console.log(await register.metrics())
 * ```
 */
export function collectMetrics(
  // biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
  db: Database<any>,
  options?: CollectMetricsOptions,
): MetricsCollection {
  const { connection } = partsOf(db)
  connection.assertOpen('collectMetrics')
  const request = readRequest(connection.path, options)
  if (collected.has(connection)) {
    throw conflict(`the metrics of "${connection.path}" are collected already`)
  }
  const exposition = expositionIn(request.register)
  const isTaken = !request.ownDb && exposition.isTaken(request.labels)
  const labels = Object.freeze({ ...request.labels, ...(isTaken ? { db: connection.path } : {}) })
  const source = sourceOf(connection, request, labels)
  const remove = exposition.add(source, headsOf(connection, request))
  const forget = noteCollected(request.register, db)
  collected.add(connection)
  record(connection, request)
  const end = () => {
    remove()
    forget()
    collected.delete(connection)
  }
  const unhook = connection.onClose(end)
  let ended = false
  const close = () => {
    if (ended || connection.closed) return
    ended = true
    unhook()
    end()
    connection.session.endRecord()
  }
  return { labels, close, [Symbol.dispose]: close }
}

/** The metrics that this database has. */
function headsOf(connection: Connection, { prefix, sampleEvery }: CollectRequest): MetricHead[] {
  const statistics = connection.run('collectMetrics', (session) => session.statistics())
  const without = new Set([
    ...(statistics === undefined ? ['statistics'] : []),
    ...(sampleEvery === 0 ? ['readLatency'] : []),
  ])
  const heads: MetricHead[] = METRICS.filter(({ needs }) => !without.has(needs ?? '')).map(
    ({ name, type, help }) => ({ name: `${prefix}${name}`, type, help }),
  )
  if (statistics === undefined) return heads
  const { tickers, histograms } = statistics
  return [...heads, ...statisticsHeads(Object.keys(tickers), Object.keys(histograms))]
}

function record(connection: Connection, { buckets, sampleEvery }: CollectRequest): void {
  const bounds: Record<string, number[]> = Object.create(null)
  for (const { name, unit, needs } of HISTOGRAMS) {
    if (needs === 'readLatency' && sampleEvery === 0) continue
    const units = nativeUnits(unit)
    // A nanosecond is the smallest that is told apart: 0.29 ms is 290000 ns, and not a bit less.
    const inNative = (bound: number) => (units === 1 ? bound : Math.round(bound * units))
    bounds[name] = buckets[name].map(inNative)
  }
  connection.run('collectMetrics', (session) => session.record(bounds, sampleEvery))
}

function sourceOf(
  connection: Connection,
  request: CollectRequest,
  labels: Readonly<Record<string, string>>,
): Source {
  let last: Promise<Samples> | undefined
  let running = false
  let readAt = 0
  let warned = false
  const gather = async () => {
    try {
      const gathered = await connection.call<NativeFigures>('metrics', (session, id) =>
        session.gather(id),
      )
      return named(gathered, request)
    } catch (error) {
      const isClosed = error instanceof RocksDBError && error.code === 'ERR_CLOSED'
      // Empty, rather than to fail the scrape of the whole service.
      if (!isClosed && !warned) {
        warned = true
        process.emitWarning(String(error), { type: 'MetricsWarning', code: METRICS_WARNING })
      }
      return NOTHING
    } finally {
      running = false
    }
  }
  const read = () => {
    if (connection.closed) return Promise.resolve(NOTHING)
    const now = performance.now()
    if (last === undefined || (!running && now - readAt >= request.maxAgeMs)) {
      readAt = now
      running = true
      last = gather()
    }
    return last
  }
  return { path: connection.path, labels, read }
}

function named(gathered: NativeFigures, { prefix, buckets }: CollectRequest): Samples {
  const samples: Samples = statisticsSamples(gathered)
  for (const [name, of] of samplesOf(gathered, buckets)) samples.set(`${prefix}${name}`, of)
  return samples
}
