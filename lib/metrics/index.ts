/** Metrics of open databases for Prometheus, on prom-client. */
export {
  DEFAULT_BUCKETS,
  METRICS,
  type MetricLabel,
  type MetricRow,
  SUB_MILLISECOND_BUCKETS,
} from './catalog'
export { collectMetrics, type MetricsCollection } from './collect'
export type { AnyRegistry, Buckets, CollectMetricsOptions, HistogramName } from './options'
export {
  type MetricsServer,
  MetricsServerError,
  type ServeMetricsOptions,
  serveMetrics,
} from './server'
