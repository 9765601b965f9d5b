// The table, as Markdown that is also readable as it is.
import { LIMIT, OURS } from './engines.mjs'

/** 2,345,678 as "2.35 M", with the unit where it is no rate. */
function formatValue(value, unit) {
  if (unit !== 'ops/s') return `${value.toFixed(value < 100 ? 2 : 0)} ${unit}`
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`
  if (value >= 1e3) return `${(value / 1e3).toFixed(value < 1e5 ? 1 : 0)} k`
  return value.toFixed(0)
}

/** One or two repeats have no spread worth a name. */
const formatSpread = ({ spread, repeats }) =>
  repeats < 3 ? '±?' : `±${(spread * 100).toFixed(0)} %`

/** A ratio with its spread, or what is above the limit with the spread in the same unit. */
function formatToLimit(ratio, unit) {
  const { median, spread, repeats } = ratio
  if (unit === 'ops/s') return `${median.toFixed(2)} ${formatSpread(ratio)}`
  const width = repeats < 3 ? '?' : Math.abs(spread * median).toFixed(2)
  return `${median < 0 ? '−' : '+'}${Math.abs(median).toFixed(2)} ±${width}`
}

function formatCell(cell, unit) {
  if (cell?.value === undefined) return cell?.failure ? 'failed' : '–'
  const mark = cell.fallback ? '*' : ''
  const value = formatValue(cell.value.median, unit) + mark
  if (cell.toLimit) return `${value} (${formatToLimit(cell.toLimit, unit)})`
  return unit === 'ms' ? `${value} ${formatSpread(cell.value)}` : value
}

function formatGoal({ goal, goalBeside, reached, unit, cells }) {
  if (goal === undefined && goalBeside === undefined) return ''
  const beside = goal === undefined && goalBeside !== undefined
  const sign = unit === 'ops/s' ? '≥' : '≤'
  const plus = cells[LIMIT]?.value && unit !== 'ops/s' ? '+' : ''
  const text = beside ? `≥ ${goalBeside} ×` : `${sign} ${plus}${goal}`
  if (reached === undefined || reached === null) return text
  return `${text} ${reached ? 'yes' : 'no'}`
}

function formatBeside(cell) {
  if (cell?.beside === undefined) return ''
  const { to, median } = cell.beside
  return `${median.toFixed(2)} ${formatSpread(cell.beside)} of ${to}`
}

function align(table) {
  const widths = table[0].map((_, i) => Math.max(...table.map((line) => [...line[i]].length)))
  const lines = table.map(
    (line) => `| ${line.map((text, i) => text.padEnd(widths[i])).join(' | ')} |`,
  )
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  return lines.join('\n')
}

/** The table of a summary; a second one has ratios to other rows. */
export function tableOf(summary, engines) {
  const head = ['workload', ...engines, ...(engines.includes(OURS) ? ['to reach'] : [])]
  const lines = summary.map((row) => [
    row.title,
    ...engines.map((id) => formatCell(row.cells[id], row.unit)),
    ...(engines.includes(OURS) ? [formatGoal(row)] : []),
  ])
  const beside = summary.filter((row) => row.cells[OURS]?.beside)
  const text = align([head, ...lines])
  if (beside.length === 0) return text
  const second = beside.map((row) => [
    row.title,
    formatBeside(row.cells[OURS]),
    row.goalBeside === undefined ? '' : `≥ ${row.goalBeside}`,
  ])
  return `${text}\n\n${align([['workload', `${OURS} against`, 'to reach'], ...second])}`
}

/** Notes of the engines, reasons for empty cells, and who is ahead of us. */
export function notesOf(summary, engines, about) {
  const notes = []
  for (const id of engines) {
    for (const note of about[id]?.notes ?? []) notes.push(`${id}: ${note}`)
    const reasons = new Map()
    for (const { title, cells } of summary) {
      const reason = cells[id]?.value ? undefined : (cells[id]?.failure ?? cells[id]?.missing)
      if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), title])
    }
    for (const [reason, titles] of reasons) notes.push(`${id}, ${titles.join('; ')}: ${reason}`)
  }
  for (const { title, ahead } of summary) {
    for (const lead of ahead) {
      const times = `${lead.median.toFixed(2)} × ${formatSpread(lead)}`
      notes.push(`ahead of ${OURS}: ${lead.engineId}, ${title}, ${times}`)
    }
  }
  if (summary.some(({ cells }) => Object.values(cells).some((cell) => cell.fallback))) {
    notes.push('*: by entries, since the engine has no pages')
  }
  return notes
}

/** How the figures came about, in a few sentences. */
export function legendOf({ n, valueSize, repeats }) {
  return [
    `${n} keys of 16 bytes, values of ${valueSize} bytes; WAL on, no fsync, no compression, 64 MiB`,
    'write buffer, 256 MiB cache, bloom filter of 10 bits, unless the row says otherwise. Operations',
    `a second, medians of ${repeats} interleaved repeats in processes of their own; in brackets the`,
    'median of the ratios to the limit in the same repeat, or what is above it, ± the distance from',
    'the 10th to the 90th percentile of those ratios. Every read is checked.',
  ].join('\n')
}
