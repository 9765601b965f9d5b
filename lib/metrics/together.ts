/**
 * Combines figures: of several processes, when prom-client aggregates a cluster, and of families
 * without series of their own. Counters and histograms are summed; this file says how to combine
 * each gauge.
 */
import type { NativeFamilyFigures } from '../native/metrics'
import type { MetricRow } from './catalog'

/** How several values are combined. prom-client knows these names. */
export type Together = 'sum' | 'max' | 'min'

/** For each gauge: across processes that have the same database open, and across its families. */
export const GAUGES: Readonly<Record<string, readonly [Together, Together?]>> = {
  size_bytes: ['max'],
  compaction_jobs: ['sum'],
  disk_free_bytes: ['min'],
  open_seconds: ['max'],
  build_info: ['max'],
  commit_queue_length: ['sum'],
  wal_bytes: ['max'],
  write_stopped: ['max'],
  delayed_write_rate_bytes_per_second: ['max'],
  block_cache_capacity_bytes: ['sum'],
  block_cache_usage_bytes: ['sum'],
  block_cache_pinned_bytes: ['sum'],
  open_cursors: ['sum'],
  snapshots: ['sum'],
  oldest_snapshot_age_seconds: ['max'],
  transactions_open: ['sum'],
  oldest_transaction_age_seconds: ['max'],
  transaction_window_bytes: ['sum'],
  changes_readers: ['sum'],
  changes_lag_bytes: ['max'],
  changes_age_seconds: ['max'],
  changes_lost: ['max'],
  backup_state: ['max'],
  backup_newest_restorable_timestamp_seconds: ['max'],
  backup_oldest_restorable_timestamp_seconds: ['min'],
  backup_snapshot_timestamp_seconds: ['max'],
  backup_lag_seconds: ['max'],
  backup_lag_bytes: ['max'],
  replica_role: ['max'],
  replica_failing: ['max'],
  replica_epoch: ['max'],
  replica_applied_sequence: ['max'],
  replica_committed_sequence: ['max'],
  replica_staleness_seconds: ['max'],
  replica_pending_writes: ['sum'],
  replica_snapshot_sequence: ['max'],
  flush_jobs: ['sum'],
  background_error_severity: ['max'],
  keys: ['max', 'sum'],
  live_data_bytes: ['max', 'sum'],
  memtable_bytes: ['sum', 'sum'],
  memtables: ['max', 'max'],
  pending_compaction_bytes: ['max', 'max'],
  blob_files: ['max', 'sum'],
  blob_bytes: ['max', 'sum'],
  blob_garbage_bytes: ['max', 'sum'],
  read_amplification: ['max', 'max'],
  write_amplification: ['max', 'max'],
  level_files: ['max', 'sum'],
  level_bytes: ['max', 'sum'],
}

/** How a cluster's processes combine a metric. */
export function ofProcesses({ name, type }: Pick<MetricRow, 'name' | 'type'>): Together {
  return type === 'gauge' ? (GAUGES[name]?.[0] ?? 'sum') : 'sum'
}

/** Which families have series of their own; the others are combined. */
export type ChosenFamilies = 'all' | ReadonlySet<string>

/** The value of the label `column_family` for combined families. */
export const TOGETHER = '*'

/** The chosen families, and one more entry that combines all others. */
export function chosenFamilies(
  families: readonly NativeFamilyFigures[],
  chosen: ChosenFamilies,
): readonly NativeFamilyFigures[] {
  if (chosen === 'all') return families
  const own = families.filter(({ name }) => chosen.has(name))
  const others = families.filter(({ name }) => !chosen.has(name))
  return others.length === 0 ? own : [...own, together(others)]
}

function together(families: readonly NativeFamilyFigures[]): NativeFamilyFigures {
  const figures: Record<string, number> = {}
  const stalls: Record<string, string> = {}
  const levelFiles: number[] = []
  const levelBytes: number[] = []
  for (const family of families) {
    for (const [name, value] of Object.entries(family.figures)) {
      const before = figures[name] ?? 0
      figures[name] = GAUGES[name]?.[1] === 'max' ? Math.max(before, value) : before + value
    }
    for (const [name, text] of Object.entries(family.stalls)) {
      stalls[name] = String(Number(stalls[name] ?? 0) + Number(text))
    }
    addTo(levelFiles, family.levelFiles)
    addTo(levelBytes, family.levelBytes)
  }
  return { name: TOGETHER, figures, stalls, levelFiles, levelBytes }
}

function addTo(sums: number[], values: readonly number[]): void {
  for (const [level, value] of values.entries()) sums[level] = (sums[level] ?? 0) + value
}
