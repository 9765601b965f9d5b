/** What continuous backups tell of themselves, as series. */
import type { BackupStatus, BackupStream } from '../backup'

/** The value of `backup_state`. */
const STATES: Readonly<Record<BackupStatus['state'], number>> = {
  stopped: 0,
  running: 1,
  starting: 2,
  paused: 3,
  failing: 4,
  fenced: 5,
}

const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000)

/** What of a status each metric is; undefined where it is not known yet. */
const VALUES: Readonly<Record<string, (status: BackupStatus) => number | undefined>> = {
  backup_state: ({ state }) => STATES[state],
  backup_newest_restorable_timestamp_seconds: (status) => seconds(status.newestRestorable),
  backup_oldest_restorable_timestamp_seconds: (status) => seconds(status.oldestRestorable),
  backup_snapshot_timestamp_seconds: (status) => seconds(status.lastSnapshot?.timeMs),
  backup_lag_seconds: (status) => seconds(status.lagMs),
  backup_lag_bytes: ({ lagBytes }) => lagBytes,
  backup_copied_bytes_total: ({ bytesCopied }) => bytesCopied,
  backup_shared_bytes_total: ({ bytesShared }) => bytesShared,
  backup_segments_total: ({ segments }) => segments,
  backup_snapshots_total: ({ snapshots }) => snapshots,
  backup_failures_total: ({ failures }) => failures,
}

/** The statuses of a database's continuous backups, by the names of their targets. */
export type BackupStatuses = ReadonlyMap<string, BackupStatus>

/** All of one moment. */
export function statusesOf(streams: readonly BackupStream[]): BackupStatuses {
  return new Map(streams.map((stream) => [stream.target.name, stream.status()]))
}

/** The series of a metric: one for each target. */
export function ofBackups(name: string, statuses: BackupStatuses) {
  return [...statuses].flatMap(([target, status]) => {
    const value = VALUES[name]?.(status)
    return value === undefined ? [] : [{ labels: { target }, value }]
  })
}
