/** What commands that serve metrics have in common. */
import { quote } from '../base/arguments'
import type { CollectMetricsOptions } from '../metrics'
import { METRIC_GROUPS, type MetricGroup } from '../metrics/catalog'
import { UsageError } from './command'

export const METRICS_FLAGS = {
  host: {
    type: 'string',
    argument: '<address>',
    help: 'The address to listen on (default: 127.0.0.1). Nobody is asked who they are: others than this machine should only reach it where they may read the metrics.',
  },
  'metrics-groups': {
    type: 'string',
    argument: '<names>',
    help: `Groups of metrics, with commas between them: ${METRIC_GROUPS.join(', ')} (default: all).`,
  },
  'metrics-families': {
    type: 'string',
    argument: '<names>',
    help: 'Column families that have series of their own, with commas between them, or none; the others have one together (default: all of them do).',
  },
} as const

/** Values of those flags. */
export interface MetricsFlags {
  host?: string | undefined
  'metrics-groups'?: string | undefined
  'metrics-families'?: string | undefined
}

/** What is served, and where. */
export interface MetricsAsked {
  host: string
  metrics: Pick<CollectMetricsOptions, 'groups' | 'families'>
}

/** Checks the values of those flags. */
export function readMetricsFlags(values: MetricsFlags): MetricsAsked {
  if (values.host === '') throw new UsageError('--host must be an address or a host name')
  return {
    host: values.host ?? '127.0.0.1',
    metrics: chosen(values['metrics-groups'], values['metrics-families']),
  }
}

/** The chosen groups and families; checks their names. */
function chosen(groups: string | undefined, families: string | undefined): MetricsAsked['metrics'] {
  const metrics: MetricsAsked['metrics'] = {}
  if (groups !== undefined) {
    const names = groups.split(',')
    const unknown = names.find((name) => !(METRIC_GROUPS as readonly string[]).includes(name))
    if (unknown !== undefined) {
      const known = METRIC_GROUPS.join(', ')
      throw new UsageError(`--metrics-groups must be of ${known}, not ${quote(unknown)}`)
    }
    metrics.groups = names as MetricGroup[]
  }
  if (families !== undefined) metrics.families = families === 'none' ? false : families.split(',')
  return metrics
}

/** prom-client is installed by users who want metrics; the other commands do without. */
export function loadMetrics(): typeof import('prom-client') & typeof import('../metrics') {
  try {
    return { ...require('prom-client'), ...require('../metrics') }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    throw new Error('metrics need the package prom-client: npm install prom-client')
  }
}
