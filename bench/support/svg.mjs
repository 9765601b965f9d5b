// The plot: for each workload, bars of the ratio to the limit, as plain SVG that reads on light and
// dark pages.
import { LIMIT, OURS } from './engines.mjs'

const WIDTH = 760
const LABELS = 250
const BAR = 9
const GAP = 10
const TOP = 54
const HUES = ['#2f6fde', '#d9822b', '#2a9d6f', '#8e5cc9']

const STYLE = `text { font: 12px system-ui, sans-serif; fill: #24292f }
  .grid { stroke: #8c959f; stroke-opacity: .35 } .limit { stroke: #24292f }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .limit { stroke: #e6edf3 } }`

const escapeText = (text) =>
  text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c])

/** The engines beside ours that are best in most rows; at most three. */
function bestPeers(summary, engines) {
  const wins = new Map()
  for (const { cells } of summary) {
    const ranked = engines
      .filter((id) => id !== LIMIT && id !== OURS && cells[id]?.toLimit)
      .sort((a, b) => cells[b].toLimit.median - cells[a].toLimit.median)
    if (ranked.length > 0) wins.set(ranked[0], (wins.get(ranked[0]) ?? 0) + 1)
  }
  return [...wins]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([id]) => id)
}

function bar(x, y, width, color, title) {
  const rect = `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${color}">`
  return `${rect}<title>${escapeText(title)}</title></rect>`
}

/** The SVG text for the rates of a summary. */
export function plotOf(summary, engines) {
  const rows = summary.filter(({ unit, cells }) => unit === 'ops/s' && cells[OURS]?.toLimit)
  const shown = [OURS, ...bestPeers(rows, engines)]
  const most = Math.max(
    1,
    ...rows.flatMap(({ cells }) => shown.map((id) => cells[id]?.toLimit?.median ?? 0)),
  )
  const scale = (WIDTH - LABELS - 50) / most
  const step = shown.length * BAR + GAP
  const height = TOP + rows.length * step + 10
  const parts = []
  shown.forEach((id, i) => {
    parts.push(`<rect x="${LABELS + i * 125}" y="8" width="10" height="10" fill="${HUES[i]}"/>`)
    parts.push(`<text x="${LABELS + i * 125 + 14}" y="17">${escapeText(id)}</text>`)
  })
  for (let tick = 0; tick <= most + 0.001; tick += 0.25) {
    const x = (LABELS + tick * scale).toFixed(1)
    const kind = tick === 1 ? 'limit' : 'grid'
    parts.push(`<line class="${kind}" x1="${x}" x2="${x}" y1="${TOP - 8}" y2="${height - 10}"/>`)
    parts.push(
      `<text x="${x}" y="${TOP - 14}" text-anchor="middle">${tick === 1 ? 'limit' : tick}</text>`,
    )
  }
  rows.forEach(({ title, cells }, at) => {
    const y = TOP + at * step
    const middle = y + (shown.length * BAR) / 2 + 4
    parts.push(
      `<text x="${LABELS - 8}" y="${middle}" text-anchor="end">${escapeText(title)}</text>`,
    )
    shown.forEach((id, i) => {
      const ratio = cells[id]?.toLimit?.median
      if (ratio === undefined) return
      const form = cells[id].fallback ? ', by entries' : ''
      const name = `${id}: ${ratio.toFixed(2)} of the limit${form}`
      parts.push(bar(LABELS, y + i * BAR, ratio * scale, HUES[i], name))
    })
  })
  const box = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`
  const label = 'role="img" aria-label="Operations a second as ratios to the native limit"'
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} ${label}>
  <style>${STYLE}</style>
  ${parts.join('\n  ')}
</svg>
`
}
