/** The figures of the exporter, for the page: the same samples, without a registry. */
import type { Connection } from '../connection/connection'
import { DEFAULT_BUCKETS, METRIC_GROUPS, SUB_MILLISECOND_BUCKETS } from '../metrics/catalog'
import { gatheredOf } from '../metrics/gather'
import { recordedBuckets } from '../metrics/record'
import { type Samples, samplesOf } from '../metrics/samples'
import { replicaOf } from '../replica/running'

const GROUPS = new Set(METRIC_GROUPS)

/** What is counted where no exporter counts. */
const RECORDING = {
  buckets: { ...DEFAULT_BUCKETS, write_batch_ms: SUB_MILLISECOND_BUCKETS },
  groups: GROUPS,
  sampleEvery: 100,
}

/** All samples of now, by name without a prefix. */
export async function samplesNow(
  connection: Connection,
  families: 'all' | ReadonlySet<string>,
): Promise<Samples> {
  const buckets = recordedBuckets(connection, RECORDING)
  const gathered = await gatheredOf(connection, replicaOf(connection)?.status())
  return samplesOf(gathered, { groups: GROUPS, families, buckets })
}

/** A sample's name with its labels: `operations_total{get}`, `write_batch_ms_bucket{5}`. */
export function flatten(samples: Samples): Record<string, number> {
  const values: Record<string, number> = {}
  for (const [name, of] of samples) {
    for (const { labels, value, suffix = '' } of of) {
      const words = Object.values(labels)
      const label = words.length === 0 ? '' : `{${words.join(',')}}`
      if (Number.isFinite(value)) values[`${name}${suffix}${label}`] = value
    }
  }
  return values
}
