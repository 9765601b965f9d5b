/** What a replica's node tells of itself, as series. */
import type { ReplicaRole, ReplicaStatus } from '../replica/types'

/** The value of `replica_role`. */
const ROLES: Readonly<Record<ReplicaRole, number>> = {
  closed: 0,
  follower: 1,
  writer: 2,
  bootstrapping: 3,
}

/** What of a status each metric is; undefined where it is not known. */
const VALUES: Readonly<Record<string, (status: ReplicaStatus) => number | undefined>> = {
  replica_role: ({ role }) => ROLES[role],
  replica_failing: ({ error }) => (error === undefined ? 0 : 1),
  replica_epoch: ({ epoch }) => epoch,
  replica_applied_sequence: ({ applied }) => applied,
  replica_committed_sequence: ({ committed }) => committed,
  replica_staleness_seconds: ({ stalenessMs: ms }) => (Number.isFinite(ms) ? ms / 1000 : undefined),
  replica_pending_writes: ({ pending }) => pending,
  replica_snapshot_sequence: ({ snapshot }) => snapshot?.sequence,
  replica_records_applied_total: ({ counts }) => counts.recordsApplied,
  replica_records_appended_total: ({ counts }) => counts.recordsAppended,
  replica_take_overs_total: ({ counts }) => counts.takeOvers,
  replica_fenced_total: ({ counts }) => counts.fenced,
  replica_bootstraps_total: ({ counts }) => counts.bootstraps,
  replica_set_aside_total: ({ counts }) => counts.setAside,
  replica_snapshots_total: ({ counts }) => counts.snapshots,
  replica_foreign_records_total: ({ counts }) => counts.foreign,
  replica_log_failures_total: ({ counts }) => counts.logFailures,
}

/** The series of a metric: none where the database is no replica's. */
export function ofReplica(name: string, status: ReplicaStatus | undefined) {
  const value = status === undefined ? undefined : VALUES[name]?.(status)
  return value === undefined ? [] : [{ labels: {}, value }]
}
