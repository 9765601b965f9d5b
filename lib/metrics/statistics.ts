/** RocksDB's own statistics as metrics, if the tuning option `statistics` is on. */
import type { NativeFigures } from '../native/metrics'
import type { Sample, Samples } from './samples'
import type { MetricHead } from './series'

const QUANTILES = [0.5, 0.95, 0.99]

/** The metrics for these tickers and histograms, by RocksDB's names. */
export function statisticsHeads(
  tickers: readonly string[],
  histograms: readonly string[],
): MetricHead[] {
  const counter = (name: string): MetricHead => ({
    name: tickerName(name),
    type: 'counter',
    help: `RocksDB's ticker ${name}.`,
    aggregator: 'sum',
  })
  const summary = (name: string): MetricHead => ({
    name: metricName(name),
    type: 'summary',
    help: `RocksDB's histogram ${name}; its quantiles are since the open.`,
    aggregator: 'sum',
  })
  return [...tickers.map(counter), ...histograms.map(summary)]
}

/** Their samples, by metric name. */
export function statisticsSamples({ tickers, summaries }: NativeFigures): Samples {
  const samples: Samples = new Map()
  for (const [name, value] of Object.entries(tickers)) {
    samples.set(tickerName(name), [{ labels: {}, value }])
  }
  for (const [name, values] of Object.entries(summaries)) {
    const lines: Sample[] = QUANTILES.map((quantile, index) => ({
      labels: { quantile },
      value: values[index] as number,
    }))
    lines.push({ suffix: '_sum', labels: {}, value: values[QUANTILES.length] as number })
    lines.push({ suffix: '_count', labels: {}, value: values[QUANTILES.length + 1] as number })
    samples.set(metricName(name), lines)
  }
  return samples
}

/** `rocksdb.block.cache.miss` → `rocksdb_block_cache_miss` */
function metricName(name: string): string {
  return name.replace(/[^a-zA-Z0-9]+/g, '_').toLowerCase()
}

function tickerName(name: string): string {
  return `${metricName(name)}_total`
}
