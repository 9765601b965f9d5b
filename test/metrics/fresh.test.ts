/** The age of a scrape's figures, and how a cluster's processes combine theirs. */
import { AggregatorRegistry, Registry } from 'prom-client'
import { collectMetrics, METRICS } from 'rocksdb-live/metrics'
import { Latest } from '../../lib/metrics/latest'
import { GAUGES } from '../../lib/metrics/together'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { linesOf, scrape, sumOf } from './support'

const dir = useTempDirectory()

describe('a scrape', () => {
  it('has what was written before it, right after another and while one runs', async () => {
    const db = await openFresh()
    const register = new Registry()
    collectMetrics(db, { register })
    const read = async () => {
      const lines = await scrape(register)
      const batches = sumOf(lines, 'node_db_write_batch_ms_count')
      return [batches, sumOf(lines, 'node_db_operations_total', { operation: 'put' })]
    }
    const asked: Promise<number[]>[] = []
    for (let n = 1; n <= 50; n++) {
      db.default.putSync('k', 'v')
      asked.push(read())
      if (n % 10 === 0) await asked.at(-1)
      if (n % 7 === 0) await null
    }
    for (const [index, [batches = 0, puts = 0]] of (await Promise.all(asked)).entries()) {
      expect([batches > index, puts > index]).toEqual([true, true])
    }
    expect(await read()).toEqual([50, 50])
  })

  it('has the figures of one moment', async () => {
    const db = await openFresh()
    const register = new Registry()
    collectMetrics(db, { register })
    for (let n = 0; n < 20; n++) {
      const scraped = scrape(register)
      db.default.putSync('k', 'v')
      const lines = await scraped
      const counts = ['write_batch_ms', 'write_batch_operations', 'write_batch_bytes'].map((name) =>
        sumOf(lines, `node_db_${name}_count`),
      )
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    }
  })
})

describe('figures', () => {
  /** Counts how often it was asked, and answers when told to. */
  function gatherer(maxAgeMs: number) {
    const answers: (() => void)[] = []
    let begun = 0
    const latest = new Latest(() => {
      const number = ++begun
      return new Promise<number>((resolve) => answers.push(() => resolve(number)))
    }, maxAgeMs)
    return { latest, answer: () => answers.shift()?.(), begun: () => begun }
  }

  it('are gathered once for a scrape, and once for all who come while that runs', async () => {
    const { latest, answer, begun } = gatherer(0)
    const first = ['a', 'b', 'c'].map((name) => latest.read(name))
    expect(begun()).toBe(1)
    await null
    const others = Array.from({ length: 100 }, () =>
      ['a', 'b', 'c'].map((name) => latest.read(name)),
    )
    expect(begun()).toBe(1)
    answer()
    expect(await Promise.all(first)).toEqual([1, 1, 1])
    await new Promise(setImmediate)
    expect(begun()).toBe(2)
    answer()
    expect(new Set(await Promise.all(others.flat()))).toEqual(new Set([2]))
    const last = latest.read('a')
    answer()
    expect(await last).toBe(3)
  })

  it('are gathered anew for the second scrape of one turn', async () => {
    const { latest, answer, begun } = gatherer(0)
    const [one, two] = [latest.read('a'), latest.read('a')]
    answer()
    expect(await one).toBe(1)
    await new Promise(setImmediate)
    answer()
    expect([await two, begun()]).toEqual([2, 2])
  })

  it('are as old as is allowed', async () => {
    const { latest, answer, begun } = gatherer(3_600_000)
    const one = latest.read('a')
    await null
    const two = latest.read('a')
    answer()
    expect([await one, await two]).toEqual([1, 1])
    expect([await latest.read('b'), begun()]).toEqual([1, 1])
  })
})

it('processes of a cluster do not add up what belongs to the database', async () => {
  const primary = await openAt(dir('db'))
  for (let n = 0; n < 10; n++) await primary.default.put(`k${n}`, Buffer.alloc(1000))
  await primary.flush()
  const secondary = await openAt(dir('db'), { mode: { secondary: dir('secondary') } })
  const registers = [primary, secondary].map((db) => {
    const register = new Registry()
    collectMetrics(db, { register })
    return register
  })
  await primary.default.get('k1')
  await secondary.default.get('k1')
  await secondary.default.get('k1')
  const cluster = AggregatorRegistry.aggregate(
    await Promise.all(registers.map((register) => register.getMetricsAsJSON())),
  )
  const lines = await scrape(cluster)
  const single = await Promise.all(registers.map(scrape))
  const of = (name: string, labels = {}) => [
    sumOf(lines, `node_db_${name}`, labels),
    ...single.map((each) => sumOf(each, `node_db_${name}`, labels)),
  ]
  for (const name of ['size_bytes', 'keys', 'live_data_bytes', 'write_stopped', 'build_info']) {
    const [together, one = 0, two = 0] = of(name)
    expect([name, together]).toEqual([name, Math.max(one, two)])
  }
  expect(of('level_files', { level: 0 })).toEqual([1, 1, 1])
  expect(of('block_cache_capacity_bytes')[0]).toBeGreaterThan(
    of('block_cache_capacity_bytes')[1] ?? 0,
  )
  expect(of('operations_total', { operation: 'get' })).toEqual([3, 1, 2])
  expect(of('write_batch_ms_count')).toEqual([0, 0, 0])
  const free = of('disk_free_bytes')
  expect(free[0]).toBeGreaterThan(0)
  expect(free[0]).toBeLessThan((free[1] ?? 0) * 1.5)
  expect(linesOf(lines, 'node_db_keys')).toHaveLength(1)
})

it('each gauge says what processes have of it together', () => {
  const gauges = METRICS.filter(({ type }) => type === 'gauge')
  expect(Object.keys(GAUGES).sort()).toEqual(gauges.map(({ name }) => name).sort())
  for (const { name, labels } of gauges) {
    expect([name, GAUGES[name]?.length]).toEqual([name, labels.includes('column_family') ? 2 : 1])
  }
})
