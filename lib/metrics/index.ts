/**
 * Metrics of open databases for Prometheus, on prom-client.
 *
 * @module rocksdb-live/metrics
 */
export {
  type Buckets,
  DEFAULT_BUCKETS,
  type HistogramName,
  METRIC_GROUPS,
  METRICS,
  type MetricGroup,
  type MetricLabel,
  type MetricRow,
  SUB_MILLISECOND_BUCKETS,
} from './catalog'
export { collectMetrics, type MetricsCollection } from './collect'
export type { DatabaseHealth, ReplicaHealth } from './health'
export type { AnyRegistry, CollectMetricsOptions } from './options'
export type { MetricsRegister } from './register'
export {
  type MetricsServer,
  MetricsServerError,
  type ServeMetricsOptions,
  serveMetrics,
} from './server'
