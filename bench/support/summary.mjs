// From the figures of all repeats to one summary for each row and engine.
import { LIMIT, OURS } from './engines.mjs'
import { paired, scoreOf, summarize } from './statistics.mjs'
import { limitRowOf, rowById } from './workloads.mjs'

const ratio = (a, b) => a / b
const difference = (a, b) => a - b

/** The row whose run has the figure; the limit runs every row of its own. */
const sourceOf = (engineId, row) => (engineId === LIMIT ? row.id : (row.from ?? row.id))

/** `results[engine][row]` is the list of figures, one a repeat. */
function scores(results, engineId, row) {
  const source = results[engineId]?.[sourceOf(engineId, row)] ?? []
  const isDelay = row.from !== undefined && row.unit === 'ms'
  return source.map((figure) => (isDelay ? figure?.delayMs : scoreOf(figure, row.unit)))
}

/** Reached, missed, or undefined where there is no figure to reach. */
function verdict(row, cell) {
  if (row.goal === undefined) {
    if (row.goalBeside === undefined || cell.beside === undefined) return undefined
    return cell.beside.median >= row.goalBeside
  }
  if (row.unit === 'ops/s') return cell.toLimit && cell.toLimit.median >= row.goal
  const above = limitRowOf(row) === undefined ? cell.value : cell.toLimit
  return above && above.median <= row.goal
}

function besideOf(results, engineId, row, mine) {
  if (row.against !== undefined) {
    const other = scores(results, engineId, rowById(row.against))
    return { to: row.against, ...paired(mine, other, ratio) }
  }
  if (row.versus === undefined || engineId === row.versus) return undefined
  return { to: row.versus, ...paired(mine, scores(results, row.versus, row), ratio) }
}

function cellOf(results, engineId, row) {
  const figures = results[engineId]?.[sourceOf(engineId, row)] ?? []
  const mine = scores(results, engineId, row)
  const value = summarize(mine.filter((score) => score !== undefined))
  const reason = figures.find((figure) => figure?.missing ?? figure?.failure)
  const cell = { ...(value && { value }), ...(reason && { ...reason }) }
  if (value === undefined) return cell
  if (figures.some((figure) => figure?.fallback)) cell.fallback = true
  const limitId = limitRowOf(row)
  if (limitId !== undefined && engineId !== LIMIT) {
    const limit = scores(results, LIMIT, rowById(limitId))
    cell.toLimit = paired(mine, limit, row.unit === 'ops/s' ? ratio : difference)
  }
  if (engineId !== LIMIT) cell.beside = besideOf(results, engineId, row, mine)
  if (cell.beside?.median === undefined) delete cell.beside
  return cell
}

/** Peers that are faster than this package by more than both spreads. */
function aheadOf(results, row, engines) {
  // A rate of another row is looked at there.
  if (row.from !== undefined && row.unit === 'ops/s') return []
  const mine = scores(results, OURS, row)
  const ahead = []
  for (const engineId of engines) {
    if (engineId === LIMIT || engineId === OURS) continue
    const theirs = scores(results, engineId, row)
    const lead = row.unit === 'ops/s' ? paired(theirs, mine, ratio) : paired(mine, theirs, ratio)
    if (lead && lead.repeats >= 3 && lead.median - 1 > lead.spread)
      ahead.push({ engineId, ...lead })
  }
  return ahead
}

/** One entry for each selected row: a cell for each engine, and who is ahead of us. */
export function summaryOf(results, rows, engines) {
  return rows.map((row) => {
    const cells = Object.fromEntries(engines.map((id) => [id, cellOf(results, id, row)]))
    const limitId = limitRowOf(row)
    if (limitId !== undefined && limitId !== row.id && cells[LIMIT]) {
      cells[LIMIT] = { ...cellOf(results, LIMIT, rowById(limitId)), same: limitId }
    }
    const { id, title, unit, goal, goalBeside } = row
    const ours = cells[OURS]
    const reached = ours?.value ? verdict(row, ours) : undefined
    return {
      id,
      title,
      unit,
      goal,
      goalBeside,
      reached,
      cells,
      ahead: aheadOf(results, row, engines),
    }
  })
}
