/** Metrics in registries: which ones, for how long, and what is refused. */
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { collectDefaultMetrics, register as defaultRegister, Gauge, Registry } from 'prom-client'
import { Registry as OldRegistry } from 'prom-client-14'
import { Database } from 'rocksdb-live'
import { directory, startBackups } from 'rocksdb-live/backup'
import { collectMetrics, METRICS, SUB_MILLISECOND_BUCKETS } from 'rocksdb-live/metrics'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { linesOf, namesIn, scrape, sumOf } from './support'

const dir = useTempDirectory()
const CONFLICT = expect.objectContaining({ code: 'ERR_METRICS_CONFLICT' })

const plain = METRICS.filter(({ needs }) => needs === undefined)

describe('collectMetrics', () => {
  it('exports every metric of the catalog, with help and the label db', async () => {
    const register = new Registry()
    const db = await openFresh({ tuning: { changesRetainMb: 1 } })
    await db.retainChanges('search')
    const backups = await startBackups(db, directory(dir('target')))
    await backups.flushed()
    const { labels } = collectMetrics(db, { register })
    expect(labels).toEqual({ db: basename(db.path) })
    expect(namesIn(register)).toEqual(plain.map(({ name }) => `node_db_${name}`))
    const text = await register.metrics()
    const lines = await scrape(register)
    for (const { name, type, help, group } of plain) {
      expect(text).toContain(`# HELP node_db_${name} ${help}\n# TYPE node_db_${name} ${type}\n`)
      // Of a node alone: replica.test.ts.
      if (group === 'replica') continue
      const line = type === 'histogram' ? `node_db_${name}_count` : `node_db_${name}`
      expect(linesOf(lines, line, labels)).not.toEqual([])
    }
    expect(lines.filter(({ value }) => !Number.isFinite(value))).toEqual([])
    await backups.stop()
  })

  it('goes into the default registry where none is given', async () => {
    const db = await openFresh()
    try {
      collectMetrics(db)
      expect(namesIn(defaultRegister)).toContain('node_db_size_bytes')
      await db.close()
      expect(namesIn(defaultRegister)).toEqual([])
    } finally {
      defaultRegister.clear()
    }
  })

  it('knows the size of the files within 1 %', async () => {
    const db = await openFresh({
      columnFamilies: { blobs: { rocksdb: { columnFamily: { enable_blob_files: 'true' } } } },
      rocksdb: { columnFamily: { compression: 'kNoCompression' } },
    })
    const register = new Registry()
    collectMetrics(db, { register })
    const value = Buffer.alloc(4096, 'x')
    for (let n = 0; n < 2000; n++) {
      db.default.putSync(`k${n}`, value)
      db.columnFamily('blobs').putSync(`k${n}`, value)
      if (n === 1000) await db.flush()
    }
    const files = readdirSync(db.path).filter((name) => /\.(sst|blob|log)$/.test(name))
    const kinds = new Set(files.map((name) => name.split('.').pop()))
    expect([...kinds].sort()).toEqual(['blob', 'log', 'sst'])
    const bytes = (names: string[]) =>
      names.reduce((sum, name) => sum + statSync(join(db.path, name)).size, 0)
    const lines = await scrape(register)
    const size = sumOf(lines, 'node_db_size_bytes')
    expect(Math.abs(size - bytes(readdirSync(db.path))) / size).toBeLessThan(0.01)
    const wal = files.filter((name) => name.endsWith('.log'))
    expect(sumOf(lines, 'node_db_wal_bytes')).toBe(bytes(wal))
  })

  it('counts each write in the histogram, in the buckets that were asked for', async () => {
    const db = await openFresh()
    const register = new Registry()
    const buckets = { write_batch_ms: SUB_MILLISECOND_BUCKETS, write_batch_operations: [1, 2, 7] }
    await db.default.put('before', 'is not counted')
    collectMetrics(db, { register, buckets })
    const some = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ type: 'put', key: `k${n}`, value: 'v' }) as const)
    await Promise.all(
      Array.from({ length: 50 }, () => db.default.put('k', 'v', { sync: true })), // merged
    )
    for (let n = 0; n < 20; n++) db.default.putSync('k', 'v')
    await db.write(some(2))
    await db.write(some(7))
    await db.write(some(8))
    await expect(db.write([{ type: 'merge', key: 'k', operand: 'v' }])).rejects.toThrow()
    const lines = await scrape(register)
    expect(sumOf(lines, 'node_db_write_batch_ms_count')).toBe(73)
    expect(sumOf(lines, 'node_db_write_batch_ms_sum')).toBeGreaterThan(0)
    const bounds = linesOf(lines, 'node_db_write_batch_ms_bucket').map(({ labels }) => labels['le'])
    expect(bounds).toEqual([...SUB_MILLISECOND_BUCKETS.map(String), '+Inf'])
    const at = (le: string) => sumOf(lines, 'node_db_write_batch_operations_bucket', { le })
    expect(['1', '2', '7', '+Inf'].map(at)).toEqual([70, 71, 72, 73])
    expect(sumOf(lines, 'node_db_write_batch_operations_sum')).toBe(70 + 2 + 7 + 8)
    expect(sumOf(lines, 'node_db_commit_queue_wait_seconds_count')).toBeGreaterThanOrEqual(50)
    expect(sumOf(lines, 'node_db_wal_writes_total')).toBeGreaterThan(20)
    const cumulative = linesOf(lines, 'node_db_write_batch_ms_bucket').map(({ value }) => value)
    expect(cumulative).toEqual([...cumulative].sort((a, b) => a - b))
  })

  it('has the buckets of the field by default', async () => {
    const register = new Registry()
    collectMetrics(await openFresh(), { register })
    const lines = linesOf(await scrape(register), 'node_db_write_batch_ms_bucket')
    expect(lines.map(({ labels }) => labels['le'])).toEqual([
      '1',
      '5',
      '10',
      '50',
      '100',
      '500',
      '1000',
      '+Inf',
    ])
  })

  it('times one read in so many where that is asked for', async () => {
    const db = await openFresh()
    const register = new Registry()
    collectMetrics(db, { register, readLatency: { sampleEvery: 5 } })
    await db.default.put('k', 'v')
    for (let n = 0; n < 20; n++) db.default.getSync('k')
    for (let n = 0; n < 30; n++) await db.default.get('k')
    const lines = await scrape(register)
    expect(sumOf(lines, 'node_db_read_latency_seconds_count')).toBe(10)
  })

  it('times reads that go to the disk once', async () => {
    const first = await openFresh()
    for (let n = 0; n < 100; n++) await first.default.put(`k${n}`, Buffer.alloc(5000, n))
    await first.flush()
    await first.close()
    const db = await openAt(first.path)
    const register = new Registry()
    collectMetrics(db, { register, readLatency: { sampleEvery: 1 } })
    await Promise.all(Array.from({ length: 100 }, (_, n) => db.default.get(`k${n}`)))
    expect(sumOf(await scrape(register), 'node_db_read_latency_seconds_count')).toBe(100)
  })

  it('has RocksDB’s statistics where they are on, and its metrics that need them', async () => {
    const db = await openFresh({ tuning: { statistics: 'all' } })
    const register = new Registry()
    collectMetrics(db, { register, maxAgeMs: 0 })
    for (let n = 0; n < 100; n++) await db.default.put(`k${n}`, Buffer.alloc(1000))
    await db.flush()
    for (let n = 0; n < 100; n++) await db.default.get(`k${n}`)
    for (let n = 0; n < 100; n++) await db.default.get(`k${n}x`)
    const lines = await scrape(register)
    const { tickers, histograms } = db.statistics() ?? { tickers: {}, histograms: {} }
    const names = namesIn(register)
    expect(new Set(names).size).toBe(names.length)
    const ours = names.filter((name) => name.startsWith('rocksdb_'))
    expect(ours.length).toBe(Object.keys(tickers).length + Object.keys(histograms).length)
    expect(names.filter((name) => !/^[a-z_][a-z0-9_]*$/.test(name))).toEqual([])
    expect(sumOf(lines, 'rocksdb_number_keys_read_total')).toBeGreaterThanOrEqual(200)
    expect(sumOf(lines, 'rocksdb_db_write_micros_count')).toBe(100)
    expect(
      linesOf(lines, 'rocksdb_db_write_micros').map(({ labels }) => labels['quantile']),
    ).toEqual(['0.5', '0.95', '0.99'])
    expect(sumOf(lines, 'node_db_filter_useful_total')).toBeGreaterThan(0)
    expect(sumOf(lines, 'node_db_read_bytes_total')).toBeGreaterThanOrEqual(100_000)
    expect(sumOf(lines, 'node_db_block_cache_misses_total', { kind: 'data' })).toBeGreaterThan(0)
    expect(sumOf(lines, 'node_db_block_cache_hits_total', { kind: 'data' })).toBeGreaterThan(0)
  })

  it('has no series of statistics where they are off', async () => {
    const register = new Registry()
    collectMetrics(await openFresh(), { register })
    const needing = METRICS.filter(({ needs }) => needs !== undefined)
    expect(needing.length).toBeGreaterThan(4)
    const names = namesIn(register)
    expect(needing.filter(({ name }) => names.includes(`node_db_${name}`))).toEqual([])
    expect(names.filter((name) => name.startsWith('rocksdb_'))).toEqual([])
  })

  it('reads at most once a second, however many scrape', async () => {
    const db = await openFresh()
    const register = new Registry()
    collectMetrics(db, { register, maxAgeMs: 3_600_000 })
    const read = async () => sumOf(await scrape(register), 'node_db_wal_writes_total')
    expect(await Promise.all([read(), read()])).toEqual([0, 0])
    await db.default.put('k', 'v')
    expect(await read()).toBe(0)
    const fresh = new Registry()
    const other = await openAt(db.path)
    collectMetrics(other, { register: fresh, maxAgeMs: 0 })
    const both = await Promise.all([scrape(fresh), scrape(fresh)])
    expect(both.map((lines) => sumOf(lines, 'node_db_wal_writes_total'))).toEqual([1, 1])
    await db.default.put('k', 'v')
    expect(sumOf(await scrape(fresh), 'node_db_wal_writes_total')).toBe(2)
  })

  it('stands beside the metrics of the service, in both text forms', async () => {
    const register = new Registry()
    collectDefaultMetrics({ register })
    register.setDefaultLabels({ app: 'node' })
    const db = await openFresh()
    collectMetrics(db, { register, labels: { env: 'test' }, prefix: 'chain_' })
    const lines = await scrape(register)
    const labels = { app: 'node', env: 'test', db: basename(db.path) }
    expect(linesOf(lines, 'chain_size_bytes', labels)).toHaveLength(1)
    expect(linesOf(lines, 'process_cpu_seconds_total')).toHaveLength(1)
    const open = new Registry()
    open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never)
    const other = await openFresh()
    collectMetrics(other, { register: open })
    const third = await openFresh()
    const text = await open.metrics()
    expect(text).toContain('# TYPE node_db_wal_synced counter\nnode_db_wal_synced_total{')
    collectMetrics(third, { register: open })
    const wal = (await open.metrics())
      .split('\n')
      .filter((line) => /^node_db_wal_synced/.test(line))
    expect(wal).toHaveLength(2)
    await Promise.all([other.close(), third.close()])
    expect(namesIn(open as unknown as Registry)).toEqual([])
  })
})

describe('several databases', () => {
  it('share a registry, and leave it when they close', async () => {
    const register = new Registry()
    const one = await openAt(dir('one'))
    const two = await openAt(dir('two'))
    collectMetrics(one, { register, maxAgeMs: 0 })
    collectMetrics(two, { register, maxAgeMs: 0 })
    const dbs = async () =>
      linesOf(await scrape(register), 'node_db_size_bytes').map(({ labels }) => labels['db'])
    expect(await dbs()).toEqual(['one', 'two'])
    await one.close()
    expect(await dbs()).toEqual(['two'])
    const again = await openAt(dir('one'))
    collectMetrics(again, { register, maxAgeMs: 0 })
    expect(await dbs()).toEqual(['two', 'one'])
    two.closeSync()
    await again.close()
    expect(namesIn(register)).toEqual([])
  })

  it('of the same last part have the whole path', async () => {
    const register = new Registry()
    const one = await openAt(dir('a', 'db'))
    const two = await openAt(dir('b', 'db'))
    expect(collectMetrics(one, { register }).labels).toEqual({ db: 'db' })
    expect(collectMetrics(two, { register }).labels).toEqual({ db: dir('b', 'db') })
    const lines = linesOf(await scrape(register), 'node_db_size_bytes')
    expect(lines.map(({ labels }) => labels['db'])).toEqual(['db', dir('b', 'db')])
  })

  it('with the same labels are refused, and so is one twice', async () => {
    const register = new Registry()
    const one = await openAt(dir('one'))
    const two = await openAt(dir('two'))
    const collection = collectMetrics(one, { register, labels: { db: 'chain' } })
    const again = () => collectMetrics(one, { register: new Registry() })
    expect(again).toThrow(CONFLICT)
    expect(again).toThrow(/are collected already/)
    expect(() => collectMetrics(two, { register, labels: { db: 'chain' } })).toThrow(CONFLICT)
    const sameDirectory = await openAt(dir('one'))
    expect(() => collectMetrics(sameDirectory, { register })).toThrow(CONFLICT)
    collection.close()
    collection.close()
    expect(namesIn(register)).toEqual([])
    using second = collectMetrics(one, { register })
    expect(second.labels).toEqual({ db: 'one' })
    await one.close()
    collection.close()
  })
})

describe('refuses', () => {
  const given: [string, unknown, string][] = [
    ['a label of its own', { labels: { column_family: 'x' } }, 'ERR_INVALID_ARG_VALUE'],
    ['a label of histograms', { labels: { le: 'x' } }, 'ERR_INVALID_ARG_VALUE'],
    ['a label of backups', { labels: { target: 'x' } }, 'ERR_INVALID_ARG_VALUE'],
    ['a label of changes', { labels: { place: 'x' } }, 'ERR_INVALID_ARG_VALUE'],
    ['a label with a dash', { labels: { 'a-b': 'x' } }, 'ERR_INVALID_ARG_VALUE'],
    ['a label that is Prometheus’s', { labels: { __name__: 'x' } }, 'ERR_INVALID_ARG_VALUE'],
    ['a label that is no string', { labels: { a: 1 } }, 'ERR_INVALID_ARG_TYPE'],
    ['a prefix with a dash', { prefix: 'node-' }, 'ERR_INVALID_ARG_VALUE'],
    ['a prefix that is no string', { prefix: 7 }, 'ERR_INVALID_ARG_TYPE'],
    ['buckets that descend', { buckets: [2, 1] }, 'ERR_INVALID_ARG_VALUE'],
    ['no buckets', { buckets: [] }, 'ERR_INVALID_ARG_VALUE'],
    ['a bucket that is NaN', { buckets: [Number.NaN] }, 'ERR_INVALID_ARG_VALUE'],
    ['a bucket that is text', { buckets: ['1'] }, 'ERR_INVALID_ARG_TYPE'],
    ['buckets of nothing we know', { buckets: { write_ms: [1] } }, 'ERR_INVALID_ARG_VALUE'],
    ['an unknown option', { labelz: {} }, 'ERR_INVALID_ARG_VALUE'],
    ['a sample of none', { readLatency: { sampleEvery: 0 } }, 'ERR_OUT_OF_RANGE'],
    ['a negative age', { maxAgeMs: -1 }, 'ERR_OUT_OF_RANGE'],
    ['a registry that is none', { register: {} }, 'ERR_INVALID_ARG_TYPE'],
    ['a registry that is null', { register: null }, 'ERR_INVALID_ARG_TYPE'],
    ['a registry of prom-client 14', { register: new OldRegistry() }, 'ERR_INVALID_ARG_VALUE'],
  ]

  it.each(given)('%s', async (_, options, code) => {
    const db = await openFresh()
    const call = () => collectMetrics(db, options as never)
    expect(call).toThrow(expect.objectContaining({ code }))
    collectMetrics(db, { register: new Registry() })
  })

  it.each([undefined, null, {}, 'db'])('%p for a database', (db) => {
    const call = () => collectMetrics(db as unknown as Database)
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
  })

  it('a registry that has a metric of that name, and adds nothing', async () => {
    const db = await openFresh()
    const register = new Registry()
    const own = new Gauge({ name: 'node_db_snapshots', help: 'own', registers: [register] })
    own.set(7)
    const call = () => collectMetrics(db, { register })
    expect(call).toThrow(CONFLICT)
    expect(call).toThrow(/node_db_snapshots/)
    expect(namesIn(register)).toEqual(['node_db_snapshots'])
    collectMetrics(db, { register, prefix: 'other_' })
    await db.close()
    expect(await scrape(register)).toEqual([{ name: 'node_db_snapshots', labels: {}, value: 7 }])
  })

  it('a registry that fails half-way, and adds nothing', async () => {
    const db = await openFresh()
    const register = new Registry()
    const failing = jest.spyOn(register, 'registerMetric')
    for (let n = 0; n < 5; n++) failing.mockImplementationOnce(Registry.prototype.registerMetric)
    failing.mockImplementation(() => {
      throw new Error('full')
    })
    expect(() => collectMetrics(db, { register })).toThrow('full')
    failing.mockRestore()
    expect(namesIn(register)).toEqual([])
    collectMetrics(db, { register })
    expect(namesIn(register)).toHaveLength(plain.length)
  })

  it('a closed database', async () => {
    const db = await openFresh()
    await db.close()
    const call = () => collectMetrics(db, { register: new Registry() })
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
  })
})

describe('a scrape', () => {
  it('during a close ends, with no series of the database or with all', async () => {
    for (let round = 0; round < 10; round++) {
      const db = await Database.open(dir('db'))
      const register = new Registry()
      collectMetrics(db, { register })
      const scrapes = [scrape(register)]
      const closing = db.close()
      scrapes.push(scrape(register))
      for (const lines of await Promise.all(scrapes)) expect(lines).toEqual([])
      await closing
      expect(await scrape(register)).toEqual([])
    }
  })

  it('goes on where somebody cleared the registry', async () => {
    const register = new Registry()
    const one = await openFresh()
    collectMetrics(one, { register })
    register.clear()
    expect(await scrape(register)).toEqual([])
    const two = await openFresh()
    collectMetrics(two, { register })
    expect(linesOf(await scrape(register), 'node_db_size_bytes')).toHaveLength(2)
    register.resetMetrics()
    await Promise.all([one.close(), two.close()])
    expect(namesIn(register)).toEqual([])
  })
})
