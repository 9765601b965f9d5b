// What panels ask Prometheus: METRIC{} becomes a series of the chosen jobs and databases.

/** The labels that identify one database of one process. */
export const BY = 'instance, db'
export const NAME = '{{db}} {{instance}}'
export const FAMILY = '{{db}} {{column_family}} {{instance}}'

export const one = (expr, legend = NAME) => [{ expr, legend }]
export const quantile = (q, metric, by = BY) =>
  `histogram_quantile(${q}, sum by (${by}, le) (rate(${metric}_bucket{}[$__rate_interval])))`
export const quantiles = (metric) =>
  [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, metric), legend: `p${q * 100} ${NAME}` }))
export const perSecond = (metric, by = BY) => `sum by (${by}) (rate(${metric}{}[$__rate_interval]))`
