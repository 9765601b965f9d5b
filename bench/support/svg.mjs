// The plot: for each workload, bars of the ratio to the limit and lines for their spread, as plain SVG.
//
// It has a background of its own: an image follows the colours that the reader's system asks for, and
// the page around it may be of the other kind. Dark text without one vanished on a dark page.
import { LIMIT, OURS } from './engines.mjs'

const WIDTH = 800
const LABELS = 236
const FIGURES = 104
const BAR = 9
const GAP = 13
const TOP = 130
const BOTTOM = 16
/** What is more is cut, and says its figure: one bar of 2.7 would make all others short. */
const MOST = 2
const CAPTION = [
  'Bar: median of the repeats. Line: as long as the way from the 10th to the 90th percentile (±).',
  'More is better. * by rows, since it has no pages. Shown are the three peers that are best most often.',
]
const HUES = ['#2f6fde', '#d9822b', '#2a9d6f', '#9a6bd4']

const LIGHT = { page: '#ffffff', edge: '#d0d7de', text: '#1f2328', faint: '#59636e' }
const DARK = { page: '#0d1117', edge: '#3d444d', text: '#f0f6fc', faint: '#9198a1' }

const colours = ({ page, edge, text, faint }) =>
  `.page { fill: ${page}; stroke: ${edge} } text { fill: ${text} } .faint { fill: ${faint} } ` +
  `.grid { stroke: ${edge} } .limit, .spread { stroke: ${text} }`

const STYLE = `text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
  .small { font-size: 12px } .head { font-size: 15px; font-weight: 600 }
  .limit { stroke-width: 1.5 } .spread { stroke-opacity: .8 }
  ${colours(LIGHT)}
  @media (prefers-color-scheme: dark) { ${colours(DARK)} }`

const escapeText = (text) =>
  text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c])

/** The engines beside ours that are best in most rows; at most three. */
function bestPeers(rows, engines) {
  const wins = new Map()
  for (const { cells } of rows) {
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

function text(x, y, words, { kind = '', anchor = 'start' } = {}) {
  const kinds = kind === '' ? '' : ` class="${kind}"`
  const place = anchor === 'start' ? '' : ` text-anchor="${anchor}"`
  return `<text${kinds} x="${x}" y="${y}"${place}>${escapeText(words)}</text>`
}

const line = (kind, x1, x2, y1, y2) =>
  `<line class="${kind}" x1="${x1}" x2="${x2}" y1="${y1}" y2="${y2}"/>`

/** One or two repeats have no spread. */
const spreadOf = ({ spread, repeats = 3 }) =>
  `±${spread === undefined || repeats < 3 ? '?' : Math.round(spread * 100)} %`

/** Where a ratio stands, from the left. */
function placeOf(ratio) {
  const scale = (WIDTH - LABELS - FIGURES) / MOST
  return (LABELS + Math.min(Math.max(ratio, 0), MOST) * scale).toFixed(1)
}

/** One engine's bar, the line of its spread, and what a reader has to be told beside it. */
function barOf(id, cell, y, colour) {
  const { median, spread = 0 } = cell.toLimit
  const end = placeOf(median)
  const form = cell.fallback ? ', by entries' : ''
  const title = `${id}: ${median.toFixed(2)} of the limit, ${spreadOf(cell.toLimit)}${form}`
  const width = (end - LABELS).toFixed(1)
  const box = `x="${LABELS}" y="${y}" width="${width}" height="${BAR - 1}" fill="${colour}"`
  const parts = [`<rect ${box}><title>${escapeText(title)}</title></rect>`]
  const middle = y + (BAR - 1) / 2
  const [from, to] = [placeOf(median * (1 - spread / 2)), placeOf(median * (1 + spread / 2))]
  if (to - from >= 1) parts.push(line('spread', from, to, middle, middle))
  if (cell.fallback) {
    parts.push(text((Math.max(to, end) + 4).toFixed(1), y + 9, '*', { kind: 'small faint' }))
  }
  if (median > MOST) {
    parts.push(`<rect class="page" x="${end - 38}" y="${y - 2}" width="34" height="13"/>`)
    parts.push(text(end - 21, y + 9, median.toFixed(2), { kind: 'small', anchor: 'middle' }))
  }
  return parts
}

function headOf(shown, height) {
  const parts = [
    text(16, 26, 'Operations a second, as ratios to the same loops in C++', { kind: 'head' }),
  ]
  CAPTION.forEach((words, i) => {
    parts.push(text(16, 46 + i * 17, words, { kind: 'small faint' }))
  })
  shown.forEach((id, i) => {
    const x = LABELS + i * 120
    parts.push(`<rect x="${x}" y="${TOP - 52}" width="10" height="10" fill="${HUES[i]}"/>`)
    parts.push(text(x + 15, TOP - 42, id))
  })
  for (let tick = 0; tick <= MOST; tick += 0.25) {
    const x = placeOf(tick)
    parts.push(line(tick === 1 ? 'limit' : 'grid', x, x, TOP - 12, height - BOTTOM))
    parts.push(
      text(x, TOP - 18, tick === 1 ? 'C++' : String(tick), { kind: 'small', anchor: 'middle' }),
    )
  }
  parts.push(text(WIDTH - 16, TOP - 18, OURS, { kind: 'small', anchor: 'end' }))
  return parts
}

/**
 * The SVG text for the rates of a summary: `{ title, unit, cells }`, where `cells[engine]` has
 * `toLimit` (`median`, `spread`) and, where rows stand for pages, `fallback`.
 */
export function plotOf(summary, engines) {
  const rows = summary.filter(({ unit, cells }) => unit === 'ops/s' && cells[OURS]?.toLimit)
  const shown = [OURS, ...bestPeers(rows, engines)]
  const step = shown.length * BAR + GAP
  const height = TOP + rows.length * step + BOTTOM
  const parts = headOf(shown, height)
  rows.forEach(({ title, cells }, at) => {
    const y = TOP + at * step
    const middle = y + (shown.length * BAR) / 2 + 4
    parts.push(text(LABELS - 8, middle, title, { anchor: 'end' }))
    shown.forEach((id, i) => {
      if (cells[id]?.toLimit !== undefined)
        parts.push(...barOf(id, cells[id], y + i * BAR, HUES[i]))
    })
    const { toLimit } = cells[OURS]
    const figures = `${toLimit.median.toFixed(2)} ${spreadOf(toLimit)}`
    parts.push(text(WIDTH - 16, middle, figures, { anchor: 'end' }))
  })
  const box = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`
  const label = 'role="img" aria-label="Operations a second as ratios to the native limit"'
  const page = `<rect class="page" x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} ${label}>
  <style>${STYLE}</style>
  ${page}
  ${parts.join('\n  ')}
</svg>
`
}
