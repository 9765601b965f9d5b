// The tables of bench:instructions, in Markdown.

const percent = (count, first) =>
  `${count < first ? '' : '+'}${((count / first - 1) * 100).toFixed(1)} %`

/** A function's name without its parameters, which change from release to release. */
function shortName(name) {
  const text = name.replace(/( const)?( \[clone [^\]]*\])*$/, '')
  if (!text.endsWith(')')) return text
  let depth = 0
  for (let at = text.length - 1; at > 0; at--) {
    if (text[at] === ')') depth++
    else if (text[at] === '(' && --depth === 0) return text.slice(0, at)
  }
  return text
}

/** The counts by short name. */
function shortened(functions) {
  const sums = new Map()
  for (const [name, count] of functions) {
    const short = shortName(name)
    sums.set(short, (sums.get(short) ?? 0) + count)
  }
  return sums
}

/** By row: instructions of the addon for one operation, and beside the first package's the difference. */
export function rowTable(results, rows) {
  const title = ({ folder, version }) => `${folder} (RocksDB ${version})`
  const lines = rows.map((row) => {
    const first = results[0].figures[row]
    const cells = results.map(({ figures }, at) => {
      const { addon, called } = figures[row]
      const apart = at > 0 ? ` (${percent(addon, first.addon)})` : ''
      return `${addon.toFixed(0)}${apart} | ${called.toFixed(0)}`
    })
    return `| ${row} | ${cells.join(' | ')} |`
  })
  return [
    `| instructions for one operation | ${results.map((result) => `${title(result)} | called by it`).join(' | ')} |`,
    `|---|${results.map(() => '---|---|').join('')}`,
    ...lines,
  ].join('\n')
}

/** The functions of a row that differ most between the first and the last package, or cost most. */
export function functionTable(results, row, count) {
  const all = results.map(({ figures }) => shortened(figures[row].functions))
  const names = new Set(all.flatMap((functions) => [...functions.keys()]))
  const of = (name) => all.map((functions) => functions.get(name) ?? 0)
  const weight = (counts) => (counts.length > 1 ? Math.abs(counts.at(-1) - counts[0]) : counts[0])
  const lines = [...names]
    .map((name) => ({ name, counts: of(name) }))
    .sort((a, b) => weight(b.counts) - weight(a.counts))
    .slice(0, count)
    .map(({ name, counts }) => `| ${counts.map((each) => each.toFixed(1)).join(' | ')} | ${name} |`)
  return [
    '',
    `| ${row} ${'| '.repeat(results.length)}|`,
    `|${'---:|'.repeat(results.length)}---|`,
    ...lines,
  ].join('\n')
}
