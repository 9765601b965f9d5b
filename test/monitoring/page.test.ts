/** The page for people on call: every metric that is exported, and none that is not. */
import { METRICS } from '../../lib/metrics/catalog'
import { brokenLinks } from '../support/documents'
import { CAUGHT_UP, read, SERIES, seriesIn } from './support'

const page = read('README.md')
const rows = [...page.matchAll(/^\| `(node_db_\w+)` \| (.*) \| (.*) \|$/gm)]
const said = new Map(rows.map(([, name = '', what = '', then = '']) => [name, { what, then }]))

it('has a row for each metric, and for nothing else', () => {
  expect(rows.length).toBe(said.size)
  const expected = [...METRICS.map(({ name }) => `node_db_${name}`), CAUGHT_UP]
  expect([...said.keys()].sort()).toEqual(expected.sort())
})

it.each(METRICS)('says of $name its type, its labels, what it needs, and what to do', (metric) => {
  const { what = '', then = '' } = said.get(`node_db_${metric.name}`) ?? {}
  const by = metric.labels.map((label) => `\`${label}\``).join(', ')
  expect(what).toMatch(new RegExp(`^${metric.type}${by && `, by ${by}`}:`))
  expect(what.includes('needs')).toBe(metric.needs !== undefined)
  if (metric.needs !== undefined) expect(what).toContain(`needs \`${metric.needs}\``)
  expect(then.length).toBeGreaterThan(5)
})

it('names series that there are, and its links lead somewhere', () => {
  const metrics = new Set(METRICS.map(({ name }) => `node_db_${name}`))
  const known = (name: string) => SERIES.has(name) || metrics.has(name) || name === 'node_db_'
  expect(seriesIn(page).filter((name) => !known(name))).toEqual([])
  expect(brokenLinks(page, 'docs/monitoring')).toEqual([])
})
