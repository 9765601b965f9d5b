// The dashboard's row of replicas.
import { BY, NAME, one, perSecond } from './queries.mjs'

/** Who writes, how far the others are behind, and what went wrong. */
export const replica = {
  row: 'Replicas',
  panels: [
    {
      title: 'Roles',
      unit: 'none',
      queries: one('node_db_replica_role{}'),
      text: '2 the writer, 1 followers, 3 fetching a snapshot. No writer, or two for more than a minute, is an alert.',
    },
    {
      title: 'Staleness',
      unit: 's',
      queries: one('node_db_replica_staleness_seconds{}'),
      text: 'Of a follower about the interval of heartbeats. More than a minute is an alert; no line: not known.',
    },
    {
      title: 'Records behind',
      unit: 'none',
      queries: one('node_db_replica_committed_sequence{} - node_db_replica_applied_sequence{}'),
      text: 'Of the log, not applied yet. A line that rises: it applies more slowly than is written.',
    },
    {
      title: 'Writes that wait for the log',
      unit: 'none',
      queries: one('node_db_replica_pending_writes{}'),
      text: 'Falls back to 0 where the log answers.',
    },
    {
      title: 'Records applied and appended',
      unit: 'ops',
      queries: [
        { expr: perSecond('node_db_replica_records_applied_total'), legend: `applied ${NAME}` },
        { expr: perSecond('node_db_replica_records_appended_total'), legend: `appended ${NAME}` },
      ],
      text: 'The writer appends what all others apply.',
    },
    {
      title: 'Epoch',
      unit: 'none',
      queries: one('node_db_replica_epoch{}'),
      text: 'Steps up at each take-over, on all nodes.',
    },
    {
      title: 'Take-overs and beginnings from snapshots',
      unit: 'none',
      queries: [
        increase('take_overs_total', 'take-overs'),
        increase('fenced_total', 'fenced'),
        increase('bootstraps_total', 'from a snapshot'),
      ],
      text: 'Take-overs without a restart or a failure: the lease is too short for this network.',
    },
    {
      title: 'Snapshots',
      unit: 'none',
      queries: [
        { expr: 'node_db_replica_snapshot_sequence{}', legend: `at record ${NAME}` },
        increase('snapshots_total', 'made'),
      ],
      text: 'Records before the last but one are removed from the log.',
    },
    {
      title: 'What went wrong',
      unit: 'none',
      queries: [
        { expr: 'node_db_replica_failing{}', legend: `failing ${NAME}` },
        increase('log_failures_total', 'calls of the log'),
      ],
      text: 'status().error and the event failure say what.',
    },
    {
      title: 'Writes set aside, records of others',
      unit: 'none',
      queries: [
        increase('set_aside_total', 'set aside'),
        { expr: 'node_db_replica_foreign_records_total{}', legend: `foreign ${NAME}` },
      ],
      text: 'Set aside: acknowledged with commit: local, and lost. Foreign: somebody else publishes to the subject.',
    },
  ],
}

function increase(name, what) {
  const expr = `sum by (${BY}) (increase(node_db_replica_${name}{}[$__rate_interval]))`
  return { expr, legend: `${what} ${NAME}` }
}
