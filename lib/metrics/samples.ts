/** Converts native's figures to series, by metric. */

import { Counted, type Counts, OPERATIONS } from '../connection/counts'
import type { NativeFamilyFigures, NativeFigures } from '../native/metrics'
import type { ReplicaStatus } from '../replica/types'
import { type BackupStatuses, ofBackups } from './backups'
import { type Buckets, type HistogramName, METRICS, type MetricRow } from './catalog'
import type { CollectRequest } from './options'
import { ofReplica } from './replicas'
import { LABEL_VALUES } from './rows'
import { chosenFamilies } from './together'

/** One line of the text format, without the labels of the database. */
export interface Sample {
  labels: Record<string, string | number>
  value: number
  /** The suffix after the metric's name: `_bucket`, `_sum`, `_count` or none. */
  suffix?: string
}

/** The samples of each metric, by its name without the prefix. */
export type Samples = Map<string, Sample[]>

/** How many of native's units (nanoseconds, operations, bytes) make one of the metric's. */
export function nativeUnits(unit: MetricRow['unit']): number {
  return unit === 'seconds' ? 1e9 : unit === 'milliseconds' ? 1e6 : 1
}

/** RocksDB's names of the causes of stalls (db/write_stall_stats.cc). */
const STALLS = {
  memtable: 'memtable-limit',
  level0_files: 'l0-file-count-limit',
  pending_compaction_bytes: 'pending-compaction-bytes',
} as const

/** Where RocksDB counts each kind of block: `rocksdb.block.cache.<here>.hit` and `.miss`. */
const KINDS = {
  data: 'data',
  index: 'index',
  filter: 'filter',
  compression_dictionary: 'compression.dict',
} as const

/** Metrics that are one ticker, or a sum of several. */
const TICKERS: Readonly<Record<string, readonly string[]>> = {
  read_bytes_total: [
    'rocksdb.bytes.read',
    'rocksdb.db.iter.bytes.read',
    'rocksdb.number.multiget.bytes.read',
  ],
  filter_useful_total: ['rocksdb.bloom.filter.useful'],
  filter_positives_total: ['rocksdb.bloom.filter.full.positive'],
  filter_true_positives_total: ['rocksdb.bloom.filter.full.true.positive'],
}

/** What of a named place each metric is. */
const PLACES = {
  changes_lag_bytes: 'lagBytes',
  changes_age_seconds: 'ageSeconds',
  changes_lost: 'lost',
} as const

/** Figures from native and from JavaScript. */
export interface Gathered extends NativeFigures {
  operations: Counts
  backups: BackupStatuses
  /** Of the node whose database it is. */
  replica: ReplicaStatus | undefined
  /** The labels of `build_info`. */
  versions: Readonly<Record<string, string>>
}

/** All samples that are requested, in the catalog, and known. */
export function samplesOf(
  all: Gathered,
  { groups, families, buckets }: Pick<CollectRequest, 'groups' | 'families' | 'buckets'>,
): Samples {
  const samples: Samples = new Map()
  const gathered = { ...all, families: [...chosenFamilies(all.families, families)] }
  for (const row of METRICS) {
    if (!groups.has(row.group)) continue
    const made = ofRow(row, gathered, buckets)
    if (made.length > 0) samples.set(row.name, made)
  }
  return samples
}

/** What there is of a node that has no open database: it fetches a snapshot. */
export function samplesOfReplica(
  status: ReplicaStatus,
  { groups }: Pick<CollectRequest, 'groups'>,
): Samples {
  const samples: Samples = new Map()
  for (const { name, group } of METRICS) {
    const made = group === 'replica' && groups.has(group) ? ofReplica(name, status) : []
    if (made.length > 0) samples.set(name, made)
  }
  return samples
}

function ofRow(
  { name, type, labels, needs, unit, group }: MetricRow,
  gathered: Gathered,
  buckets: Readonly<Record<HistogramName, Buckets>>,
): Sample[] {
  if (type === 'histogram') {
    const counts = gathered.histograms[name]
    if (counts === undefined) return []
    return histogram(counts, buckets[name as HistogramName], nativeUnits(unit))
  }
  if (needs === 'statistics') return ofTickers(name, gathered.tickers)
  if (name === 'write_stalls_total') return stalls(gathered)
  if (name === 'operations_total') return operations(gathered.operations)
  if (name === 'transaction_conflicts_total') return conflicts(gathered)
  if (name === 'build_info') return [{ labels: { ...gathered.versions }, value: 1 }]
  if (labels.includes('place')) {
    const figure = PLACES[name as keyof typeof PLACES]
    return gathered.places.map((place) => ({ labels: { place: place.name }, value: place[figure] }))
  }
  if (group === 'replica') return ofReplica(name, gathered.replica)
  if (labels.includes('target')) return ofBackups(name, gathered.backups)
  if (labels.includes('level')) return gathered.families.flatMap((one) => levels(name, one))
  if (labels.includes('column_family')) {
    return gathered.families.map((family) => ({
      labels: { column_family: family.name },
      value: family.figures[name] as number,
    }))
  }
  const value = gathered.figures[name]
  return value === undefined ? [] : [{ labels: {}, value }]
}

function operations(counts: Counts): Sample[] {
  return OPERATIONS.map((operation) => ({
    labels: { operation },
    value: counts[Counted[operation]],
  }))
}

function conflicts({ figures }: NativeFigures): Sample[] {
  return LABEL_VALUES.conflict.map((conflict) => ({
    labels: { conflict },
    value: figures[`transaction_conflicts_${conflict}`] ?? 0,
  }))
}

function histogram(counts: readonly number[], bounds: Buckets, unit: number): Sample[] {
  const samples: Sample[] = []
  let count = 0
  for (const [index, le] of [...bounds, '+Inf'].entries()) {
    count += counts[index] as number
    samples.push({ suffix: '_bucket', labels: { le }, value: count })
  }
  const sum = counts[counts.length - 1] as number
  samples.push({ suffix: '_sum', labels: {}, value: sum / unit })
  samples.push({ suffix: '_count', labels: {}, value: count })
  return samples
}

function ofTickers(name: string, tickers: Readonly<Record<string, number>>): Sample[] {
  if (Object.keys(tickers).length === 0) return []
  const ticker = (of: string) => tickers[of] ?? 0
  const sum = TICKERS[name]
  if (sum !== undefined) {
    return [{ labels: {}, value: sum.reduce((total, of) => total + ticker(of), 0) }]
  }
  const what = name === 'block_cache_hits_total' ? 'hit' : 'miss'
  return Object.entries(KINDS).map(([kind, of]) => ({
    labels: { kind },
    value: ticker(`rocksdb.block.cache.${of}.${what}`),
  }))
}

function stalls({ families, figures }: NativeFigures): Sample[] {
  const samples: Sample[] = []
  for (const { name, stalls: counts } of families) {
    for (const [cause, of] of Object.entries(STALLS)) {
      for (const action of ['delay', 'stop']) {
        const labels = { column_family: name, cause, action }
        samples.push({ labels, value: Number(counts[`${of}-${action}s`] ?? 0) })
      }
    }
  }
  const labels = { column_family: '', cause: 'write_buffer_manager', action: 'stop' }
  samples.push({ labels, value: figures['write_buffer_manager_stops'] ?? 0 })
  return samples
}

function levels(name: string, family: NativeFamilyFigures): Sample[] {
  const values = name === 'level_files' ? family.levelFiles : family.levelBytes
  return values.map((value, level) => ({ labels: { column_family: family.name, level }, value }))
}
