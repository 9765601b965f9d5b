/** The options of `collectMetrics`, checked. */
import { basename } from 'node:path'
import { register as defaultRegister, type Registry } from 'prom-client'
import {
  invalidType,
  invalidValue,
  oneOf,
  optionalBoolean,
  optionalInteger,
  optionalString,
  ownProperties,
  readOptions,
} from '../base/arguments'
import {
  type Buckets,
  DEFAULT_BUCKETS,
  HISTOGRAMS,
  type HistogramName,
  METRIC_GROUPS,
  type MetricGroup,
} from './catalog'
import type { ChosenFamilies } from './together'

/** A prom-client 15 registry, of this or of another copy of it. */
// biome-ignore lint/suspicious/noExplicitAny: of any content type
export type AnyRegistry = Registry<any>

/** Options of `collectMetrics`. */
export interface CollectMetricsOptions {
  /** Where the metrics go. prom-client's own default registry by default. */
  register?: AnyRegistry | undefined
  /** Stands before each name but those of RocksDB's statistics. `'node_db_'` by default. */
  prefix?: string | undefined
  /**
   * On every series. `db` is always there: by default the last part of the database's path, or all of
   * it where another database in the registry has the same.
   */
  labels?: Readonly<Record<string, string>> | undefined
  /**
   * Buckets of `write_batch_ms`, or of each histogram by its name. By default `DEFAULT_BUCKETS`;
   * `SUB_MILLISECOND_BUCKETS` are for databases that write faster than that tells apart.
   */
  buckets?: Buckets | { readonly [Name in HistogramName]?: Buckets | undefined } | undefined
  /**
   * Measures point reads (`get`, `has`, `getInto` and their `…Sync`) for `read_latency_seconds`: one in
   * 100, or one in `sampleEvery`. False by default.
   */
  readLatency?: boolean | { readonly sampleEvery?: number | undefined } | undefined
  /**
   * The groups of metrics that are exported, of `METRIC_GROUPS`. All by default. docs/monitoring says how
   * many series each has.
   *
   * @example
   * ```ts
   * collectMetrics(db, { groups: METRIC_GROUPS.filter((group) => group !== 'statistics') })
   * ```
   */
  groups?: readonly MetricGroup[] | undefined
  /**
   * The column families that have series of their own: all with true, which is the default; those that
   * are named; none with false. All others have one series together, with the `column_family` `*`: the
   * sum, or the greatest where a sum says nothing (memtables, bytes left to compact, amplifications).
   */
  families?: boolean | readonly string[] | undefined
  /**
   * Scrapes get figures that are up to this many milliseconds old. 0 by default: they are read after the
   * scrape began, once for all scrapes that wait.
   */
  maxAgeMs?: number | undefined
}

/** @internal The options with all defaults filled in. */
export interface CollectRequest {
  readonly register: AnyRegistry
  readonly prefix: string
  readonly labels: Readonly<Record<string, string>>
  /** Whether the label `db` was given. */
  readonly ownDb: boolean
  readonly buckets: Readonly<Record<HistogramName, Buckets>>
  /** Measure one point read in this many; 0 is none. */
  readonly sampleEvery: number
  readonly groups: ReadonlySet<MetricGroup>
  readonly families: ChosenFamilies
  readonly maxAgeMs: number
}

const OPTIONS = [
  'register',
  'prefix',
  'labels',
  'buckets',
  'readLatency',
  'groups',
  'families',
  'maxAgeMs',
]

/** Labels that series have for themselves. */
const OWN_LABELS = [
  'column_family',
  'level',
  'cause',
  'action',
  'kind',
  'operation',
  'conflict',
  'place',
  'target',
  'rocksdb_live_version',
  'rocksdb_version',
  'node_version',
  'le', // buckets of histograms
  'quantile', // quantiles of summaries
]

const MOST_BUCKETS = 1000
const SAMPLE_EVERY = 100

/** @internal Checks all options, for a database at this path. */
export function readRequest(path: string, given: unknown): CollectRequest {
  const options = readOptions('options', given, OPTIONS)
  const labels = readLabels(options['labels'])
  const groups = readGroups(options['groups'])
  const sampleEvery = readSampling(options['readLatency'])
  if (sampleEvery > 0 && !groups.has('reads')) {
    const reason = "needs the group 'reads', which options.groups leaves out"
    throw invalidValue('options.readLatency', options['readLatency'], reason)
  }
  return {
    register: readRegister(options['register']),
    prefix: readPrefix(options['prefix']),
    labels: { db: basename(path) || path, ...labels },
    ownDb: Object.hasOwn(labels, 'db'),
    buckets: readBuckets(options['buckets']),
    sampleEvery,
    groups,
    families: readFamilies(options['families']),
    maxAgeMs: optionalInteger('options.maxAgeMs', options['maxAgeMs'], { default: 0 }),
  }
}

/** Before 15, a registry takes what `get` returns, and does not wait for it. */
function readRegister(value: unknown): AnyRegistry {
  if (value === undefined) return defaultRegister
  const name = 'options.register'
  if (typeof value !== 'object' || value === null) {
    throw invalidType(name, 'a Registry of prom-client', value)
  }
  const has = (method: string) => typeof (value as Record<string, unknown>)[method] === 'function'
  if (!has('registerMetric') || !has('getSingleMetric') || !has('metrics')) {
    throw invalidType(name, 'a Registry of prom-client', value)
  }
  if (!has('setContentType') || !has('getMetricsAsString')) {
    throw invalidValue(name, value, 'must be a Registry of prom-client 15, and is of an older one')
  }
  return value as AnyRegistry
}

function readGroups(value: unknown): ReadonlySet<MetricGroup> {
  if (value === undefined) return new Set(METRIC_GROUPS)
  if (!Array.isArray(value)) throw invalidType('options.groups', 'an array of groups', value)
  const given: unknown[] = [...value]
  const groups = given.map((group, index) => {
    const name = `options.groups[${index}]`
    if (typeof group !== 'string') throw invalidType(name, 'a string', group)
    return oneOf(name, group, METRIC_GROUPS, 'core')
  })
  if (groups.length === 0) {
    throw invalidValue('options.groups', value, `must have some of ${METRIC_GROUPS.join(', ')}`)
  }
  return new Set(groups)
}

function readFamilies(value: unknown): ChosenFamilies {
  if (!Array.isArray(value)) {
    if (typeof value === 'boolean' || value === undefined)
      return value === false ? new Set() : 'all'
    throw invalidType('options.families', 'a boolean or an array of names', value)
  }
  const names: unknown[] = [...value]
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string') throw invalidType(`options.families[${index}]`, 'a string', name)
  }
  return new Set(names as string[])
}

function readPrefix(value: unknown): string {
  const prefix = optionalString('options.prefix', value, 'node_db_')
  if (!/^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(prefix)) {
    throw invalidValue('options.prefix', value, 'must be the beginning of a metric name')
  }
  return prefix
}

function readLabels(value: unknown): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [name, label] of Object.entries(ownProperties('options.labels', value))) {
    const where = `options.labels.${name}`
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name.startsWith('__')) {
      throw invalidValue('options.labels', name, 'has a name that no label can have')
    }
    if (OWN_LABELS.includes(name)) {
      throw invalidValue(where, label, `clashes with the label "${name}" that metrics have already`)
    }
    if (typeof label !== 'string') throw invalidType(where, 'a string', label)
    labels[name] = optionalString(where, label, '')
  }
  return labels
}

function readBuckets(value: unknown): Record<HistogramName, Buckets> {
  if (value === undefined) return DEFAULT_BUCKETS
  if (Array.isArray(value)) {
    return { ...DEFAULT_BUCKETS, write_batch_ms: readBounds('options.buckets', value) }
  }
  const given = readOptions('options.buckets', value, Object.keys(DEFAULT_BUCKETS))
  const buckets: Record<HistogramName, Buckets> = { ...DEFAULT_BUCKETS }
  for (const { name } of HISTOGRAMS) {
    if (given[name] !== undefined)
      buckets[name] = readBounds(`options.buckets.${name}`, given[name])
  }
  return buckets
}

function readBounds(name: string, value: unknown): Buckets {
  if (!Array.isArray(value)) throw invalidType(name, 'an array of numbers', value)
  const bounds: unknown[] = [...value]
  let last = -1
  for (const bound of bounds) {
    if (typeof bound !== 'number') throw invalidType(name, 'an array of numbers', bound)
    if (!(bound > last) || bound < 0 || !Number.isFinite(bound)) {
      throw invalidValue(name, bound, 'must be ascending, finite and not negative')
    }
    last = bound
  }
  if (bounds.length < 1 || bounds.length > MOST_BUCKETS) {
    throw invalidValue(name, value, `must have 1 to ${MOST_BUCKETS} bounds`)
  }
  return bounds as number[]
}

function readSampling(value: unknown): number {
  if (typeof value !== 'object' || value === null) {
    return optionalBoolean('options.readLatency', value, false) ? SAMPLE_EVERY : 0
  }
  const { sampleEvery } = readOptions('options.readLatency', value, ['sampleEvery'])
  const range = { min: 1, max: 0xffffffff, default: SAMPLE_EVERY }
  return optionalInteger('options.readLatency.sampleEvery', sampleEvery, range)
}
