// The figures that docs/performance.md has, read back from its first table.
import { LIMIT } from './engines.mjs'

const cellsOf = (line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

/** `4.21 M (0.84 ±30 %)` as the ratio; a difference in bytes or milliseconds, or none, is undefined. */
function cellOf(text) {
  const [, value, median, spread] = /^(.+?) \((\d+\.\d+) ±(\d+|\?)(?: %)?\)$/.exec(text) ?? []
  if (median === undefined) return {}
  const toLimit = { median: Number(median), ...(spread !== '?' && { spread: spread / 100 }) }
  return { toLimit, ...(value.endsWith('*') && { fallback: true }) }
}

/** The rows and engines of the first table of the page, as `plotOf` takes them. */
export function figuresOf(markdown) {
  const [head, , ...lines] = markdown.match(/^\| workload \| limit \|.*(?:\n\|.*)+/m)[0].split('\n')
  const columns = cellsOf(head).slice(1, -1)
  const summary = lines.map((line) => {
    const [title, ...texts] = cellsOf(line)
    const cells = Object.fromEntries(columns.map((id, at) => [id, cellOf(texts[at])]))
    return { title, unit: 'ops/s', cells }
  })
  return { summary, engines: columns.filter((id) => id !== LIMIT) }
}
