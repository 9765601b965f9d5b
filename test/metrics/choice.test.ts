/** Chosen groups and families of metrics: what is exported, and how many series that makes. */
import { Registry } from 'prom-client'
import type { Database } from 'rocksdb-live'
import {
  type CollectMetricsOptions,
  collectMetrics,
  METRIC_GROUPS,
  METRICS,
} from 'rocksdb-live/metrics'
import { openFresh, useTempDirectory } from '../support/database'
import { linesOf, namesIn, scrape, sumOf } from './support'

useTempDirectory()

// biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
type AnyDatabase = Database<any>

async function linesWith(db: AnyDatabase, options: CollectMetricsOptions) {
  const register = new Registry()
  using _collection = collectMetrics(db, { ...options, register })
  return { lines: await scrape(register), names: namesIn(register) }
}

describe('groups', () => {
  it.each(METRIC_GROUPS)('%s alone has its metrics, and no others', async (group) => {
    const db = await openFresh({ tuning: { statistics: true } })
    const { names } = await linesWith(db, { groups: [group] })
    const own = METRICS.filter((row) => row.group === group && row.needs !== 'readLatency')
    const ours = names.filter((name) => !name.startsWith('rocksdb_'))
    expect(ours).toEqual(own.map(({ name }) => `node_db_${name}`))
    expect(names.length > ours.length).toBe(group === 'statistics')
  })

  it('are all by default, and those that are named more than once are there once', async () => {
    const db = await openFresh({ tuning: { statistics: true } })
    const all = await linesWith(db, {})
    expect((await linesWith(db, { groups: METRIC_GROUPS })).names).toEqual(all.names)
    const twice = await linesWith(db, { groups: ['jobs', 'core', 'jobs'] })
    const once = METRICS.filter(({ group }) => group === 'core' || group === 'jobs')
    expect(twice.names).toEqual(once.map(({ name }) => `node_db_${name}`))
  })

  it.each([
    [{ groups: [] }, 'ERR_INVALID_ARG_VALUE'],
    [{ groups: ['cores'] }, 'ERR_INVALID_ARG_VALUE'],
    [{ groups: [undefined] }, 'ERR_INVALID_ARG_TYPE'],
    [{ groups: 'core' }, 'ERR_INVALID_ARG_TYPE'],
    [{ groups: ['core'], readLatency: true }, 'ERR_INVALID_ARG_VALUE'],
    [{ families: 'default' }, 'ERR_INVALID_ARG_TYPE'],
    [{ families: [7] }, 'ERR_INVALID_ARG_TYPE'],
  ])('%j is refused', async (options, code) => {
    const db = await openFresh()
    const call = () => collectMetrics(db, { register: new Registry(), ...options } as never)
    expect(call).toThrow(expect.objectContaining({ code }))
  })
})

describe('families', () => {
  const columnFamilies = { users: {}, events: {} }
  const rocksdb = { columnFamily: { disable_auto_compactions: 'true' } }

  it('that are not chosen have one series together', async () => {
    const db = await openFresh({ columnFamilies, rocksdb })
    for (const name of ['default', 'users', 'events']) {
      for (let n = 0; n < (name === 'users' ? 3 : 1); n++) {
        await db.columnFamily(name).put(`k${n}`, 'v')
        await db.flush(name)
      }
    }
    const of = async (families: boolean | string[]) => {
      const { lines } = await linesWith(db, { families })
      const values = (name: string, labels = {}) =>
        Object.fromEntries(
          linesOf(lines, `node_db_${name}`, labels).map((line) => {
            return [line.labels['column_family'], line.value]
          }),
        )
      return {
        keys: values('keys'),
        files: values('level_files', { level: 0 }),
        amplification: values('read_amplification'),
        memtables: values('memtables'),
        flushes: values('flushes_total'),
        stalls: linesOf(lines, 'node_db_write_stalls_total').length,
      }
    }
    expect(await of(true)).toEqual({
      keys: { default: 1, users: 3, events: 1 },
      files: { default: 1, users: 3, events: 1 },
      amplification: { default: 2, users: 4, events: 2 },
      memtables: { default: 1, users: 1, events: 1 },
      flushes: { default: 1, users: 3, events: 1 },
      stalls: 19,
    })
    const none = {
      keys: { '*': 5 },
      files: { '*': 5 },
      amplification: { '*': 4 },
      memtables: { '*': 1 },
      flushes: { '*': 5 },
      stalls: 7,
    }
    expect(await of(false)).toEqual(none)
    expect(await of([])).toEqual(none)
    expect(await of(['default', 'of tomorrow'])).toEqual({
      keys: { default: 1, '*': 4 },
      files: { default: 1, '*': 4 },
      amplification: { default: 2, '*': 4 },
      memtables: { default: 1, '*': 1 },
      flushes: { default: 1, '*': 4 },
      stalls: 13,
    })
    const all = await of(['users', 'events', 'default'])
    expect(Object.keys(all.keys).sort()).toEqual(['default', 'events', 'users'])
  })

  it('that are not chosen have their stalls counted', async () => {
    const db = await openFresh({
      columnFamilies,
      rocksdb: {
        columnFamily: {
          compaction_style: 'kCompactionStyleNone',
          level0_file_num_compaction_trigger: '2',
          level0_slowdown_writes_trigger: '2',
          level0_stop_writes_trigger: '30',
        },
      },
    })
    for (const name of ['users', 'events', 'users', 'events']) {
      await db.columnFamily(name).put('k', 'v')
      await db.flush(name)
    }
    const { lines } = await linesWith(db, { families: false })
    const labels = { column_family: '*', cause: 'level0_files', action: 'delay' }
    expect(sumOf(lines, 'node_db_write_stalls_total', labels)).toBe(2)
  })
})

it('measures no histogram of a group that is left out', async () => {
  const db = await openFresh()
  const register = new Registry()
  collectMetrics(db, { register, groups: ['writes'] })
  await db.default.put('k', 'v', { sync: true })
  const lines = await scrape(register)
  expect(linesOf(lines, 'node_db_write_batch_ms_count')).toEqual([])
  expect(sumOf(lines, 'node_db_write_batch_bytes_count')).toBe(1)
})
