/**
 * The metrics in a registry. Databases of a registry share each metric: their labels tell them
 * apart. prom-client's own classes count by themselves; these pass on the counts of RocksDB and the
 * addon.
 */
import type { Metric } from 'prom-client'
import { RocksDBError } from '../base/errors'
import type { AnyRegistry } from './options'
import type { Samples } from './samples'
import type { Together } from './together'

/** The head of a metric's series. */
export interface MetricHead {
  /** The full name. */
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'histogram' | 'summary'
  readonly help: string
  /** How prom-client's AggregatorRegistry combines the values of several processes. */
  readonly aggregator: Together
}

/** A database in a registry. */
export interface Source {
  /** The real path of its directory. */
  readonly path: string
  readonly labels: Readonly<Record<string, string>>
  /**
   * The samples, by the metrics' full names, for a request of one of them. Never rejects; empty if
   * the database is closed.
   */
  read(name: string): Promise<Samples>
}

/**
 * How many series are handed over in one turn of the event loop: prom-client converts them to text
 * at once.
 */
const SERIES_PER_TURN = 128
let handedOver = 0
let nextTurn: Promise<void> | undefined

/** Waits for a turn that has room for this many series. */
async function roomFor(series: number): Promise<void> {
  while (handedOver >= SERIES_PER_TURN) await nextTurn
  handedOver += series
  nextTurn ??= new Promise((resolve) => {
    setImmediate(() => {
      handedOver = 0
      nextTurn = undefined
      resolve()
    })
  })
}

/** The interface that a registry expects of a metric. */
class SharedMetric {
  /** An OpenMetrics registry removes `_total` from it. */
  name: string
  readonly help: string
  readonly type: MetricHead['type']
  readonly labelNames: readonly string[] = []
  readonly aggregator: Together
  readonly sources = new Set<Source>()
  readonly #fullName: string

  constructor({ name, type, help, aggregator }: MetricHead) {
    this.name = name
    this.#fullName = name
    this.type = type
    this.help = help
    this.aggregator = aggregator
  }

  async get() {
    const read = async (source: Source) => {
      const samples = (await source.read(this.#fullName)).get(this.#fullName) ?? []
      await roomFor(samples.length)
      // Closed meanwhile, so its series are gone.
      if (!this.sources.has(source)) return []
      return samples.map(({ labels, value, suffix }) => ({
        value,
        labels: { ...source.labels, ...labels },
        ...(suffix === undefined ? {} : { metricName: `${this.name}${suffix}` }),
      }))
    }
    const values = (await Promise.all([...this.sources].map(read))).flat()
    const { name, help, type, aggregator } = this
    return { name, help, type, aggregator, values }
  }

  /** Does nothing: RocksDB's counts cannot be reset. */
  reset(): void {}
}

/** Everything that this package has put into a registry. */
class Exposition {
  readonly #registry: AnyRegistry
  readonly #metrics = new Map<string, SharedMetric>()
  readonly #sources = new Set<Source>()

  constructor(registry: AnyRegistry) {
    this.#registry = registry
  }

  /** Whether a database has these labels already. */
  isTaken(labels: Readonly<Record<string, string>>): boolean {
    return [...this.#sources].some((source) => isSame(source.labels, labels))
  }

  /**
   * Adds a database with these metrics; returns a function that removes it. If a name or the labels
   * are taken, it throws and adds nothing.
   */
  add(source: Source, heads: readonly MetricHead[]): () => void {
    this.#check(source, heads)
    this.#sources.add(source)
    try {
      for (const head of heads) this.#addTo(head, source)
    } catch (error) {
      this.#remove(source)
      throw error
    }
    return () => this.#remove(source)
  }

  #addTo(head: MetricHead, source: Source): void {
    let metric = this.#metrics.get(head.name)
    if (metric === undefined) {
      metric = new SharedMetric(head)
      this.#metrics.set(head.name, metric)
    }
    metric.sources.add(source)
    this.#register(metric, head.name)
  }

  /** Registers again if somebody has cleared the registry. */
  #register(metric: SharedMetric, name: string): void {
    if ((this.#registry.getSingleMetric(name) as unknown) === metric) return
    metric.name = name
    this.#registry.registerMetric(metric as unknown as Metric)
  }

  #check({ path, labels }: Source, heads: readonly MetricHead[]): void {
    for (const other of this.#sources) {
      if (other.path === path) {
        throw conflict(`the metrics of "${path}" are collected in this registry already`)
      }
      if (isSame(other.labels, labels)) {
        throw conflict(
          `the metrics of "${other.path}" have the labels ${JSON.stringify(labels)} already, and ` +
            `those of "${path}" need others`,
        )
      }
    }
    for (const { name } of heads) {
      const there = this.#registry.getSingleMetric(name) as unknown
      if (there !== undefined && there !== this.#metrics.get(name)) {
        throw conflict(`the registry has a metric ${name} already: another prefix is needed`)
      }
    }
  }

  #remove(source: Source): void {
    this.#sources.delete(source)
    for (const [name, metric] of this.#metrics) {
      if (!metric.sources.delete(source) || metric.sources.size > 0) continue
      this.#metrics.delete(name)
      const there = this.#registry.getSingleMetric(name) as unknown
      if (there === metric) this.#registry.removeSingleMetric(name)
    }
  }
}

const expositions = new WeakMap<AnyRegistry, Exposition>()

/** The metrics of databases in a registry. */
export function expositionIn(register: AnyRegistry): Exposition {
  let exposition = expositions.get(register)
  if (exposition === undefined) {
    exposition = new Exposition(register)
    expositions.set(register, exposition)
  }
  return exposition
}

/** The error for metrics that already exist. */
export function conflict(message: string): RocksDBError {
  return new RocksDBError(`collectMetrics failed: ${message}`, { code: 'ERR_METRICS_CONFLICT' })
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
