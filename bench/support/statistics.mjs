// Medians and spreads over the repeats.

/** The value below which a share of the sorted values lies, interpolated. */
function percentile(sorted, share) {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below)
}

/** Median, and spread: from the 10th to the 90th percentile, as a share of the median. */
export function summarize(values) {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  const median = percentile(sorted, 0.5)
  const width = percentile(sorted, 0.9) - percentile(sorted, 0.1)
  return { median, spread: median === 0 ? 0 : Math.abs(width / median), repeats: values.length }
}

/** Operations a second, or the figure itself, where it has another unit. */
export function scoreOf(figure, unit) {
  if (figure === undefined || figure.missing !== undefined || figure.failure !== undefined) {
    return undefined
  }
  return unit === 'ops/s' ? (figure.ops / figure.ns) * 1e9 : figure.value
}

/** Pairs of the same repeat, combined; pairs with a gap are left out. */
export function paired(some, others, combine) {
  const values = []
  for (let i = 0; i < some.length; i++) {
    if (some[i] !== undefined && others[i] !== undefined) values.push(combine(some[i], others[i]))
  }
  return summarize(values)
}
