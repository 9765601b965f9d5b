/** The metrics of an open database in a prom-client registry. */

import { statfs } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { runningOf } from '../backup/running'
import { RocksDBError } from '../base/errors'
import { packageVersion } from '../base/package'
import type { Connection } from '../connection/connection'
import type { Database } from '../database'
import type { NativeFigures } from '../native/metrics'
import { partsOf } from '../open-database'
import { versions } from '../versions'
import { statusesOf } from './backups'
import { HISTOGRAMS, METRICS } from './catalog'
import { Latest } from './latest'
import { type CollectMetricsOptions, type CollectRequest, readRequest } from './options'
import { noteCollected } from './register'
import { type Gathered, nativeUnits, type Samples, samplesOf } from './samples'
import { conflict, expositionIn, type MetricHead, type Source } from './series'
import { statisticsHeads, statisticsSamples } from './statistics'
import { ofProcesses } from './together'

/** What `collectMetrics` returns. */
export interface MetricsCollection {
  /** The labels on every series of the database. */
  readonly labels: Readonly<Record<string, string>>
  /** Takes the database's series out of the registry. So does closing the database. */
  close(): void
  /** `close`, for `using`. */
  [Symbol.dispose](): void
}

/** @internal The code of the process warning about figures that cannot be read. */
export const METRICS_WARNING = 'ROCKSDB_LIVE_METRICS'

const NOTHING: Samples = new Map()
const collected = new WeakSet<Connection>()

/**
 * Exports what a database does, in a prom-client registry, until the database closes. Nothing is read
 * but when the registry is scraped, on another thread and once for all who scrape meanwhile. Returns the
 * labels that its series have, and what ends it.
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
function headsOf(connection: Connection, request: CollectRequest): MetricHead[] {
  const { prefix, groups, sampleEvery } = request
  const statistics = connection.run('collectMetrics', (session) => session.statistics())
  const without = new Set([
    ...(statistics === undefined ? ['statistics'] : []),
    ...(sampleEvery === 0 ? ['readLatency'] : []),
  ])
  const heads: MetricHead[] = METRICS.filter(
    ({ group, needs }) => groups.has(group) && !without.has(needs ?? ''),
  ).map(({ name, type, help }) => {
    return { name: `${prefix}${name}`, type, help, aggregator: ofProcesses({ name, type }) }
  })
  if (statistics === undefined || !groups.has('statistics')) return heads
  const { tickers, histograms } = statistics
  return [...heads, ...statisticsHeads(Object.keys(tickers), Object.keys(histograms))]
}

function record(connection: Connection, request: CollectRequest): void {
  const { buckets, groups, sampleEvery } = request
  const bounds: Record<string, number[]> = Object.create(null)
  for (const { name, unit, group, needs } of HISTOGRAMS) {
    if (!groups.has(group) || (needs === 'readLatency' && sampleEvery === 0)) continue
    const units = nativeUnits(unit)
    // Nanoseconds are the finest unit: 0.29 ms is exactly 290000 ns.
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
  let warned = false
  const gather = async () => {
    try {
      return named(await gatheredOf(connection), request)
    } catch (error) {
      const isClosed = error instanceof RocksDBError && error.code === 'ERR_CLOSED'
      // Returns no figures, so that the scrape of the whole service does not fail.
      if (!isClosed && !warned) {
        warned = true
        process.emitWarning(String(error), { type: 'MetricsWarning', code: METRICS_WARNING })
      }
      return NOTHING
    }
  }
  const latest = new Latest(gather, request.maxAgeMs)
  const read = (name: string) => (connection.closed ? Promise.resolve(NOTHING) : latest.read(name))
  return { path: connection.path, labels, read }
}

/** What native knows, and what it does not. */
async function gatheredOf(connection: Connection): Promise<Gathered> {
  const { path, counts, openSeconds } = connection
  const [native, free] = await Promise.all([
    connection.call<NativeFigures>('metrics', (session, id) => session.gather(id)),
    freeBytes(path),
  ])
  const figures: Record<string, number> = { ...native.figures, open_seconds: openSeconds }
  if (free !== undefined) figures['disk_free_bytes'] = free
  const backups = statusesOf(runningOf(connection))
  return { ...native, figures, operations: counts, backups, versions: VERSIONS }
}

/** The labels of `build_info`. */
const VERSIONS = Object.freeze({
  rocksdb_live_version: packageVersion(),
  rocksdb_version: versions.rocksdb,
  node_version: process.versions.node,
})

/** What a user who is not root may still write; undefined where the system does not tell. */
async function freeBytes(path: string): Promise<number | undefined> {
  // A database in memory has no path.
  if (!isAbsolute(path)) return undefined
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch {
    return undefined
  }
}

function named(gathered: Gathered, request: CollectRequest): Samples {
  const samples: Samples = request.groups.has('statistics')
    ? statisticsSamples(gathered)
    : new Map()
  for (const [name, of] of samplesOf(gathered, request)) {
    samples.set(`${request.prefix}${name}`, of)
  }
  return samples
}
