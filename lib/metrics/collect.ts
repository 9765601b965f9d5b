/** The metrics of an open database, in a registry of prom-client. */

import { RocksDBError } from '../base/errors'
import type { Connection } from '../connection/connection'
import { connectionOf, type Database } from '../database'
import type { NativeFigures } from '../native/metrics'
import { METRICS } from './catalog'
import { type CollectMetricsOptions, type CollectRequest, readRequest } from './options'
import { noteCollected } from './register'
import { NATIVE_UNITS, type Samples, samplesOf } from './samples'
import { conflict, expositionIn, type MetricHead, type Source } from './series'
import { statisticsHeads, statisticsSamples } from './statistics'

/** What `collectMetrics` returns. */
export interface MetricsCollection {
  /** The labels on every series of the database. */
  readonly labels: Readonly<Record<string, string>>
  /** Takes the database's series out of the registry. So does closing the database. */
  close(): void
  [Symbol.dispose](): void
}

/** The code of the process warning where figures cannot be read. */
export const METRICS_WARNING = 'ROCKSDB_LIVE_METRICS'

const NOTHING: Samples = new Map()
const collected = new WeakSet<Connection>()

/**
 * Exports what a database does, in a prom-client registry, until the database closes. Nothing is read
 * but when the registry is scraped, on another thread and at most once a second.
 *
 * Throws `ERR_METRICS_CONFLICT` where that is done already, or where a name or the labels are taken in
 * the registry.
 */
export function collectMetrics(
  // biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
  db: Database<any>,
  options?: CollectMetricsOptions,
): MetricsCollection {
  const connection = connectionOf(db)
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
  // A nanosecond is the smallest that is told apart: 0.29 ms is 290000 ns, and not a bit less.
  const bounds = (name: keyof typeof buckets) =>
    buckets[name].map((bound) => Math.round(bound * NATIVE_UNITS[name]))
  connection.run('collectMetrics', (session) =>
    session.record(
      bounds('write_batch_ms'),
      buckets.write_batch_operations,
      buckets.write_batch_bytes,
      bounds('commit_queue_wait_seconds'),
      bounds('read_latency_seconds'),
      sampleEvery,
    ),
  )
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
