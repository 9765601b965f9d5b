// The ratios that the guard keeps, and how measured ones are held against them.

/** A ratio that varies more than this guards nothing. */
export const MOST_SPREAD = 0.5

/** A line for a row, and whether it fell. */
function compareRow(id, now, before) {
  const name = id.padEnd(22)
  if (now === undefined)
    return { line: `${name}not measured any more: run with --update`, fell: true }
  const figure = `${now.ratio.toFixed(2)} ±${(now.spread * 100).toFixed(0)} %`.padEnd(14)
  if (before === undefined) return { line: `${name}${figure}new: run with --update`, fell: true }
  const least = before.ratio * (1 - before.spread)
  const fell = !(now.ratio >= least)
  const was = `was ${before.ratio.toFixed(2)}, at least ${least.toFixed(2)}`
  return { line: `${name}${figure}${was}${fell ? '  FELL' : ''}`, fell }
}

/**
 * Holds ratios against the committed ones, both by rows as `{ ratio, spread }`: `lines` to print, and
 * in `fallen` the rows that are below the committed ratio by more than its spread, or that one of both
 * lacks.
 */
export function compareRatios(ratios, committed) {
  const ids = [...new Set([...Object.keys(committed), ...Object.keys(ratios)])]
  const rows = ids.map((id) => ({ id, ...compareRow(id, ratios[id], committed[id]) }))
  return {
    lines: rows.map(({ line }) => line),
    fallen: rows.filter(({ fell }) => fell).map(({ id }) => id),
  }
}
