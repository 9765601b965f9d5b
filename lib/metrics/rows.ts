/** What a metric is: its group, its labels, its unit; and how rows of the catalog are written. */
import { OPERATIONS } from '../connection/counts'

/**
 * Groups of metrics, in the order of the page: which of them a registry gets is the option `groups` of
 * `collectMetrics`. `families` and `levels` are of each column family; `statistics` are RocksDB's own,
 * where the tuning option of that name is on.
 */
export const METRIC_GROUPS = Object.freeze([
  'core',
  'writes',
  'reads',
  'transactions',
  'changes',
  'backup',
  'replica',
  'jobs',
  'families',
  'levels',
  'statistics',
] as const)

/** The name of a group of metrics. */
export type MetricGroup = (typeof METRIC_GROUPS)[number]

/** One metric. */
export interface MetricRow {
  /** Without the prefix, `node_db_` by default. */
  readonly name: string
  /** What kind of metric of Prometheus it is. */
  readonly type: 'gauge' | 'counter' | 'histogram'
  /** What it says, in a sentence; the HELP line. */
  readonly help: string
  /** Labels of its series, besides those of the database. */
  readonly labels: readonly MetricLabel[]
  /** What its numbers count. */
  readonly unit: 'bytes' | 'bytes per second' | 'milliseconds' | 'seconds' | 'ratio' | 'count'
  /** What chooses it. */
  readonly group: MetricGroup
  /** Without it there is no series: the tuning option `statistics`, or the option `readLatency` of `collectMetrics`. */
  readonly needs?: 'statistics' | 'readLatency'
}

/** Labels besides those of the database. */
export type MetricLabel =
  | 'column_family'
  | 'level'
  | 'cause'
  | 'action'
  | 'kind'
  | 'operation'
  | 'conflict'
  | 'place'
  | 'target'
  | 'rocksdb_live_version'
  | 'rocksdb_version'
  | 'node_version'

/** @internal The values of labels that have a fixed set of values. */
export const LABEL_VALUES = {
  /** What a write stall came of. `write_buffer_manager` is of the whole database: its `column_family` is empty. */
  cause: ['memtable', 'level0_files', 'pending_compaction_bytes', 'write_buffer_manager'],
  /** What a write stall did: writes were slowed down, or stopped. */
  action: ['delay', 'stop'],
  /** Blocks of the block cache. */
  kind: ['data', 'index', 'filter', 'compression_dictionary'],
  /** Methods; `batch` is a batch that was written, whatever is in it. */
  operation: OPERATIONS,
  /** Why a transaction failed: others wrote a key, or deleted a range; it was too old; its locks. */
  conflict: ['key', 'range', 'too_old', 'deadlock', 'lock_timeout'],
} as const

/** A row before its group is known. */
export type Row = Omit<MetricRow, 'group'>

export const row = (
  type: MetricRow['type'],
  name: string,
  unit: MetricRow['unit'],
  help: string,
  labels: readonly MetricLabel[] = [],
  needs?: MetricRow['needs'],
): Row => ({ name, type, help, labels, unit, ...(needs === undefined ? {} : { needs }) })

/** Ascending upper bounds of buckets, in the unit of the histogram; `+Inf` is there besides. */
export type Buckets = readonly number[]

/** A histogram that native/engine/watch/recorder.h measures, by this name. */
export interface HistogramRow<Name extends string> extends Row {
  readonly name: Name
  readonly type: 'histogram'
  /** By default. */
  readonly buckets: Buckets
}

export const histogram = <Name extends string>(
  name: Name,
  unit: MetricRow['unit'],
  help: string,
  buckets: Buckets,
  needs?: MetricRow['needs'],
): HistogramRow<Name> => ({
  ...row('histogram', name, unit, help, [], needs),
  name,
  type: 'histogram',
  buckets: Object.freeze(buckets),
})
