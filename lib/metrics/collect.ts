/** The metrics of an open database in a prom-client registry. */

import { RocksDBError } from '../base/errors'
import type { Connection } from '../connection/connection'
import type { Database } from '../database'
import type { Replica } from '../replica/types'
import { METRICS } from './catalog'
import { gatheredOf } from './gather'
import { Latest } from './latest'
import { type CollectMetricsOptions, type CollectRequest, readRequest } from './options'
import { noteCollected } from './register'
import { endRecord, record } from './record'
import { type Gathered, type Samples, samplesOf, samplesOfReplica } from './samples'
import { conflict, expositionIn, type MetricHead, type Source } from './series'
import { statisticsHeads, statisticsSamples } from './statistics'
import { type Subject, subjectOf, type Watched } from './subject'
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
 * Of a replica, pass the node: its series go on when its database is replaced. While there is none, those
 * of the group `replica` are there alone.
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
  db: Database<any> | Replica<any>,
  options?: CollectMetricsOptions,
): MetricsCollection {
  const subject = subjectOf('db', db)
  const connection = subject.connection()
  if (subject.ended() || subject.replica() === undefined) connection.assertOpen('collectMetrics')
  const request = readRequest(connection.path, options)
  if (collected.has(connection)) {
    throw conflict(`the metrics of "${connection.path}" are collected already`)
  }
  return new Collecting(db, subject, request)
}

/** What is exported of one database, or of one node with all the databases that it has in turn. */
class Collecting implements MetricsCollection {
  readonly labels: Readonly<Record<string, string>>
  readonly #subject: Subject
  readonly #request: CollectRequest
  readonly #source: Source
  /** The database that is recorded. */
  #connection: Connection | undefined
  #remove: () => void
  readonly #endings: (() => void)[]
  #ended = false

  constructor(watched: Watched, subject: Subject, request: CollectRequest) {
    const exposition = expositionIn(request.register)
    const isTaken = !request.ownDb && exposition.isTaken(request.labels)
    const { path } = subject.connection()
    this.labels = Object.freeze({ ...request.labels, ...(isTaken ? { db: path } : {}) })
    this.#subject = subject
    this.#request = request
    this.#source = this.#makeSource(path)
    this.#remove = exposition.add(this.#source, headsOf(subject.connection(), request))
    this.#endings = [
      noteCollected(request.register, watched),
      subject.onEnd(() => this.#end()),
      subject.onReplaced(() => this.#follow()),
    ]
    this.#record()
  }

  /** Another database is there: its histograms are to be counted, too. */
  #follow(): void {
    const connection = this.#subject.connection()
    if (this.#ended || connection.closed || connection === this.#connection) return
    this.#remove()
    this.#remove = expositionIn(this.#request.register).add(
      this.#source,
      headsOf(connection, this.#request),
    )
    this.#record()
  }

  #record(): void {
    const connection = this.#subject.connection()
    if (connection.closed) return
    this.#connection = connection
    collected.add(connection)
    record(connection, this.#request)
  }

  #makeSource(path: string): Source {
    const latest = new Latest(gatherer(this.#subject, this.#request), this.#request.maxAgeMs)
    const read = (name: string) =>
      this.#subject.ended() ? Promise.resolve(NOTHING) : latest.read(name)
    return { path, labels: this.labels, read }
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#remove()
    for (const end of this.#endings) end()
    if (this.#connection !== undefined) collected.delete(this.#connection)
  }

  close(): void {
    this.#end()
    if (this.#connection?.closed === false) endRecord(this.#connection)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** The metrics that this database has. */
function headsOf(connection: Connection, request: CollectRequest): MetricHead[] {
  const { prefix, groups, sampleEvery } = request
  const statistics = connection.closed
    ? undefined
    : connection.run('collectMetrics', (session) => session.statistics())
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

/** Reads all samples. Never rejects. */
function gatherer(subject: Subject, request: CollectRequest): () => Promise<Samples> {
  let warned = false
  return async () => {
    const status = subject.replica()?.status()
    try {
      return named(await gatheredOf(subject.connection(), status), request)
    } catch (error) {
      const isClosed = error instanceof RocksDBError && error.code === 'ERR_CLOSED'
      // Returns no figures, so that the scrape of the whole service does not fail.
      if (!isClosed && !warned) {
        warned = true
        process.emitWarning(String(error), { type: 'MetricsWarning', code: METRICS_WARNING })
      }
      return status === undefined ? NOTHING : prefixed(samplesOfReplica(status, request), request)
    }
  }
}

function named(gathered: Gathered, request: CollectRequest): Samples {
  const statistics = request.groups.has('statistics') ? statisticsSamples(gathered) : NOTHING
  return new Map([...statistics, ...prefixed(samplesOf(gathered, request), request)])
}

function prefixed(samples: Samples, { prefix }: CollectRequest): Samples {
  return new Map([...samples].map(([name, of]) => [`${prefix}${name}`, of]))
}
