/** The page for people on call: every exported metric, and no other. */
import { Registry } from 'prom-client'
import { versions } from 'rocksdb-live'
import { type CollectMetricsOptions, collectMetrics, METRIC_GROUPS } from 'rocksdb-live/metrics'
import { METRICS } from '../../lib/metrics/catalog'
import { scrape } from '../metrics/support'
import { openFresh, useTempDirectory } from '../support/database'
import { blocksOf, brokenLinks, Home } from '../support/documents'
import { CAUGHT_UP, read, SERIES, seriesIn } from './support'

useTempDirectory()

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

it('says how many series each group has', async () => {
  const cells = [...page.matchAll(/^\| (`[a-z]+`|all) \| (.*) \| (.*) \|$/gm)]
  const table = cells.map(([, group = '', ...counts]) => {
    return {
      group: group.replaceAll('`', ''),
      counts: counts.map((cell) => cell.match(/\d+/g) ?? []),
    }
  })
  expect(table.map(({ group }) => group)).toEqual([...METRIC_GROUPS, 'all'])
  const hundred = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`family${n}`, {}]))
  for (const statistics of [false, true]) {
    // They differ between RocksDB versions.
    if (statistics && !page.includes(`/v${versions.rocksdb}/`)) continue
    const one = await openFresh({ tuning: { statistics } })
    const many = await openFresh({ tuning: { statistics }, columnFamilies: hundred })
    const seriesOf = async (db: typeof one, options: CollectMetricsOptions) => {
      const register = new Registry()
      using _collection = collectMetrics(db, { ...options, register })
      return (await scrape(register)).length
    }
    for (const { group, counts } of table) {
      const groups = METRIC_GROUPS.filter((name) => group === 'all' || name === group)
      const [ofOne = [], ofMany = ofOne] = counts
      const at = statistics && ofOne.length > 1 ? 1 : 0
      expect([group, await seriesOf(one, { groups })]).toEqual([group, Number(ofOne[at])])
      const without = await seriesOf(many, { groups, families: false })
      expect([group, without]).toEqual([group, Number(ofOne[at])])
      const expected = Number((ofMany.length > 0 ? ofMany : ofOne)[at])
      expect([group, await seriesOf(many, { groups })]).toEqual([group, expected])
    }
  }
})

it('names series that there are, and its links lead somewhere', () => {
  const metrics = new Set(METRICS.map(({ name }) => `node_db_${name}`))
  const known = (name: string) => SERIES.has(name) || metrics.has(name) || name === 'node_db_'
  expect(seriesIn(page).filter((name) => !known(name))).toEqual([])
  expect(brokenLinks(page, 'docs/monitoring')).toEqual([])
})

it('shows a program that does what it says', () => {
  const [program, output] = blocksOf(page).filter(({ language }) => /^(ts|text)$/.test(language))
  const home = new Home()
  try {
    // Its port may be in use on this machine.
    home.write('service.mts', program?.text.replace('port: 9090', 'port: 0') ?? '')
    home.compile('service.mts')
    expect(home.node(home.file('service.mjs'))).toBe(output?.text)
  } finally {
    home.remove()
  }
}, 60_000)
