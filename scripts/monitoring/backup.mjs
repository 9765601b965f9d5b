// The dashboard's row of continuous backups.
import { BY, one, perSecond } from './queries.mjs'

const TARGET = '{{db}} {{target}} {{instance}}'

/** What is sent, what waits, and what would be lost. */
export const backup = {
  row: 'Backups',
  panels: [
    {
      title: 'Continuous backups',
      unit: 'none',
      queries: one('node_db_backup_state{}', TARGET),
      text: '1 running, 2 starting, 3 paused, 4 failing; 0 ended and 5 fenced: nothing is sent any more.',
    },
    {
      title: 'Would be lost with the machine',
      unit: 's',
      queries: [
        {
          expr: 'time() - node_db_backup_newest_restorable_timestamp_seconds{}',
          legend: `behind ${TARGET}`,
        },
        { expr: 'node_db_backup_lag_seconds{}', legend: `waiting ${TARGET}` },
      ],
      text: 'Seconds since the newest moment that can be restored. More than five minutes is an alert.',
    },
    {
      title: 'WAL that waits for the target',
      unit: 'bytes',
      queries: one('node_db_backup_lag_bytes{}', TARGET),
      text: 'At maxWalMb it is given up, and a whole backup made.',
    },
    {
      title: 'Bytes to the target',
      unit: 'Bps',
      queries: [
        {
          expr: perSecond('node_db_backup_copied_bytes_total', `${BY}, target`),
          legend: `sent ${TARGET}`,
        },
        {
          expr: perSecond('node_db_backup_shared_bytes_total', `${BY}, target`),
          legend: `shared ${TARGET}`,
        },
      ],
      text: 'Shared: files of a whole backup that were there already.',
    },
    {
      title: 'Segments, whole backups, failures',
      unit: 'ops',
      queries: [
        {
          expr: perSecond('node_db_backup_segments_total', `${BY}, target`),
          legend: `segments ${TARGET}`,
        },
        {
          expr: perSecond('node_db_backup_snapshots_total', `${BY}, target`),
          legend: `whole ${TARGET}`,
        },
        {
          expr: perSecond('node_db_backup_failures_total', `${BY}, target`),
          legend: `failures ${TARGET}`,
        },
      ],
      text: 'Segments: one for each second in which something was written. Failures are tried again.',
    },
    {
      title: 'Age of backups',
      unit: 's',
      queries: [
        {
          expr: 'time() - node_db_backup_snapshot_timestamp_seconds{}',
          legend: `newest whole ${TARGET}`,
        },
        {
          expr: 'time() - node_db_backup_oldest_restorable_timestamp_seconds{}',
          legend: `oldest moment ${TARGET}`,
        },
      ],
      text: 'How far back a restore can go, and how long ago the last whole backup was made.',
    },
  ],
}
