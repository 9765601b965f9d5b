/** The metrics of what is kept elsewhere, too: feeds, backups, replicas. */
import { row } from './rows'

export const CHANGES = [
  row('gauge', 'changes_readers', 'count', 'Readers of changes and watches in this process.'),
  row('gauge', 'changes_lag_bytes', 'bytes', 'WAL files that are kept for a named place.', [
    'place',
  ]),
  row(
    'gauge',
    'changes_age_seconds',
    'seconds',
    'Age of the oldest of those files: since it was last written.',
    ['place'],
  ),
  row(
    'gauge',
    'changes_lost',
    'count',
    '1 where changes after a named place are lost, 0 where they are kept.',
    ['place'],
  ),
] as const

const TARGET = ['target'] as const

export const BACKUP = [
  row(
    'gauge',
    'backup_state',
    'count',
    'Continuous backups: 0 ended, 1 running, 2 starting, 3 paused, 4 failing, 5 fenced.',
    TARGET,
  ),
  row(
    'gauge',
    'backup_newest_restorable_timestamp_seconds',
    'seconds',
    'The newest moment that can be restored.',
    TARGET,
  ),
  row(
    'gauge',
    'backup_oldest_restorable_timestamp_seconds',
    'seconds',
    'The oldest moment that can be restored.',
    TARGET,
  ),
  row(
    'gauge',
    'backup_snapshot_timestamp_seconds',
    'seconds',
    'Time of the newest whole backup.',
    TARGET,
  ),
  row(
    'gauge',
    'backup_lag_seconds',
    'seconds',
    'Time for which something has waited to be sent; 0 where nothing waits.',
    TARGET,
  ),
  row('gauge', 'backup_lag_bytes', 'bytes', 'Bytes of WAL that are not in the target.', TARGET),
  row('counter', 'backup_copied_bytes_total', 'bytes', 'Bytes that were sent.', TARGET),
  row(
    'counter',
    'backup_shared_bytes_total',
    'bytes',
    'Bytes of files of whole backups that were there already.',
    TARGET,
  ),
  row('counter', 'backup_segments_total', 'count', 'Segments of WAL that were sent.', TARGET),
  row('counter', 'backup_snapshots_total', 'count', 'Whole backups that were made.', TARGET),
  row('counter', 'backup_failures_total', 'count', 'Attempts that failed.', TARGET),
] as const

export const REPLICA = [
  row(
    'gauge',
    'replica_role',
    'count',
    'Nodes of replicas: 0 closed, 1 follower, 2 writer, 3 fetching a snapshot.',
  ),
  row(
    'gauge',
    'replica_failing',
    'count',
    '1 where something went wrong last and has not gone well since, else 0.',
  ),
  row(
    'gauge',
    'replica_epoch',
    'count',
    'Sequence of the record by which the newest writer began.',
  ),
  row('gauge', 'replica_applied_sequence', 'count', 'The newest record that is applied here.'),
  row(
    'gauge',
    'replica_committed_sequence',
    'count',
    'The newest record of the log that is known of here.',
  ),
  row(
    'gauge',
    'replica_staleness_seconds',
    'seconds',
    'For how long, at most, something may have been written that is not applied here.',
  ),
  row(
    'gauge',
    'replica_pending_writes',
    'count',
    'Writes of this node that are not known to be in the log.',
  ),
  row(
    'gauge',
    'replica_snapshot_sequence',
    'count',
    'The record at which the newest snapshot was made that it knows of.',
  ),
  row(
    'counter',
    'replica_records_applied_total',
    'count',
    'Records of the log that were applied here, as a follower.',
  ),
  row(
    'counter',
    'replica_records_appended_total',
    'count',
    'Records that this node has put into the log.',
  ),
  row('counter', 'replica_take_overs_total', 'count', 'Times that it became the writer.'),
  row(
    'counter',
    'replica_fenced_total',
    'count',
    'Times that another node became the writer while this one was.',
  ),
  row('counter', 'replica_bootstraps_total', 'count', 'Times that it began with a snapshot.'),
  row(
    'counter',
    'replica_set_aside_total',
    'count',
    'Times that writes were set aside that the log did not have.',
  ),
  row('counter', 'replica_snapshots_total', 'count', 'Snapshots that it has made.'),
  row(
    'counter',
    'replica_foreign_records_total',
    'count',
    "Records in the log that are no replica's.",
  ),
  row('counter', 'replica_log_failures_total', 'count', 'Calls of the log that failed.'),
] as const
