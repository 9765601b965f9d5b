/** Operations by method, WAL syncs, and metrics of the disk, the opening and the versions. */

import { once } from 'node:events'
import { statfsSync } from 'node:fs'
import { Registry } from 'prom-client'
import { Database, versions } from 'rocksdb-live'
import { collectMetrics, METRICS } from 'rocksdb-live/metrics'
import { openAt, openFresh, track, useTempDirectory } from '../support/database'
import { linesOf, scrape, sumOf } from './support'

useTempDirectory()

// biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
type AnyDatabase = Database<any>

/** Returns a function that returns the operations counted since its last call. */
function counting(db: AnyDatabase): () => Promise<Record<string, number>> {
  const register = new Registry()
  collectMetrics(db, { register, groups: ['core'] })
  const before = new Map<string, number>()
  return async () => {
    const since: Record<string, number> = {}
    for (const { labels, value } of linesOf(await scrape(register), 'node_db_operations_total')) {
      const operation = labels['operation'] as string
      const more = value - (before.get(operation) ?? 0)
      if (more !== 0) since[operation] = more
      before.set(operation, value)
    }
    return since
  }
}

describe('operations are counted by their method', () => {
  it('each once, whether it is awaited or not', async () => {
    const db = await openFresh()
    const family = db.default
    const counted = counting(db)
    expect(await counted()).toEqual({})
    await family.put('a', '1')
    family.putSync('b', '2')
    await family.delete('c')
    family.deleteSync('c')
    await family.deleteRange('x', 'y')
    family.deleteRangeSync('x', 'y')
    expect(await counted()).toEqual({ put: 2, delete: 2, deleteRange: 2 })
    await db.write([
      { type: 'put', key: 'a', value: '1' },
      { type: 'put', key: 'b', value: '2' },
    ])
    db.batch().put(family, 'a', '1').writeSync()
    await db.batch().put(family, 'a', '1').write()
    expect(await counted()).toEqual({ batch: 3 })
    await family.get('a')
    family.getSync('none')
    await family.getInto('a', Buffer.alloc(10))
    family.getIntoSync('a', Buffer.alloc(10))
    await family.has('a')
    family.hasSync('a')
    await family.getMany(['a', 'b'])
    family.getManySync(['a', 'b', 'c'])
    expect(await counted()).toEqual({ get: 4, has: 2, getMany: 2 })
    expect(await family.count()).toBe(2)
    await family.clear()
    expect(await counted()).toEqual({ count: 1, clear: 1 })
  })

  it('of scans, however they are read and however many rows they have', async () => {
    const db = await openFresh()
    for (let n = 0; n < 2000; n++) db.default.putSync(`k${n}`, Buffer.alloc(100))
    const counted = counting(db)
    await counted()
    let rows = 0
    for (const _ of db.default.entriesSync()) rows++
    for await (const _ of db.default.entries({ reverse: true })) rows++
    for (const page of db.default.pagesSync()) rows += page.count
    expect(rows).toBe(6000)
    expect(await counted()).toEqual({ scan: 3 })
    using cursor = db.default.cursor()
    cursor.next(10)
    cursor.seek('k5')
    cursor.next(10)
    for await (const _ of db.default.entries({ gte: 'b', lt: 'a' })) rows++
    expect(await counted()).toEqual({ scan: 1 }) // an empty range needs no read
  })

  it('once where they go to the disk', async () => {
    const first = await openFresh()
    for (let n = 0; n < 100; n++) await first.default.put(`k${n}`, Buffer.alloc(5000, n))
    await first.flush()
    await first.close()
    // Without the system's page cache, reads of what is not in memory wait for a thread.
    const db = await openAt(first.path, { tuning: { directReads: true } })
    const counted = counting(db)
    await counted()
    let rows = 0
    for await (const _ of db.default.entries({ fillCache: false })) rows++
    expect(rows).toBe(100)
    await Promise.all(Array.from({ length: 50 }, (_, n) => db.default.get(`k${n}`)))
    const others = Array.from({ length: 50 }, (_, n) => `k${50 + n}`)
    await Promise.all(others.map((key) => db.default.getInto(key, Buffer.alloc(5000))))
    expect(await counted()).toEqual({ get: 100, scan: 1 })
  })

  it('of a stream as batches, and not where arguments are refused', async () => {
    const db = await openFresh()
    const counted = counting(db)
    await counted()
    const stream = db.default.writable()
    stream.write(['a', '1'])
    stream.end(['b', '2'])
    await once(stream, 'finish')
    await expect(db.default.get(7 as never)).rejects.toThrow()
    await expect(db.default.put('k', 7 as never)).rejects.toThrow()
    await expect(db.default.getMany('k' as never)).rejects.toThrow()
    expect(await counted()).toEqual({ batch: 1 })
  })

  it('of each opening by itself', async () => {
    const one = await openFresh()
    const two = await openAt(one.path)
    const [ofOne, ofTwo] = [counting(one), counting(two)]
    await two.default.put('k', 'v')
    expect([await ofOne(), await ofTwo()]).toEqual([{}, { put: 1 }])
  })
})

it('syncs of the WAL are timed without statistics', async () => {
  const db = await openFresh()
  const register = new Registry()
  collectMetrics(db, { register, buckets: { wal_sync_seconds: [1e-9, 3600] } })
  for (let n = 0; n < 5; n++) await db.default.put('k', 'v', { sync: true })
  await db.flushWAL({ sync: true })
  const lines = await scrape(register)
  const syncs = sumOf(lines, 'node_db_wal_synced_total')
  expect(syncs).toBeGreaterThanOrEqual(5)
  expect(sumOf(lines, 'node_db_wal_sync_seconds_count')).toBe(syncs)
  const sum = sumOf(lines, 'node_db_wal_sync_seconds_sum')
  expect(sum).toBeGreaterThan(syncs * 1e-9)
  const upTo = (le: string) => sumOf(lines, 'node_db_wal_sync_seconds_bucket', { le })
  expect([upTo('1e-9'), upTo('3600')]).toEqual([0, syncs])
})

it('a database in memory has all of it but a disk', async () => {
  const db = track(await Database.open(Database.memory('operations')))
  const register = new Registry()
  collectMetrics(db, { register })
  await db.default.put('k', 'v')
  const lines = await scrape(register)
  expect(sumOf(lines, 'node_db_operations_total', { operation: 'put' })).toBe(1)
  expect(sumOf(lines, 'node_db_open_seconds')).toBeGreaterThan(0)
  expect(linesOf(lines, 'node_db_disk_free_bytes')).toEqual([])
})

it('the disk, the opening and the versions are there', async () => {
  const begin = performance.now()
  const db = await openFresh()
  const took = (performance.now() - begin) / 1000
  const register = new Registry()
  const { labels } = collectMetrics(db, { register })
  const lines = await scrape(register)
  const { bavail, blocks, bsize } = statfsSync(db.path)
  const free = sumOf(lines, 'node_db_disk_free_bytes')
  // Other processes write to the disk, too.
  expect(Math.abs(free - bavail * bsize)).toBeLessThan((blocks * bsize) / 10)
  const open = sumOf(lines, 'node_db_open_seconds')
  expect(open).toBeGreaterThan(0)
  expect(open).toBeLessThanOrEqual(took)
  expect(linesOf(lines, 'node_db_build_info')).toEqual([
    {
      name: 'node_db_build_info',
      labels: {
        ...labels,
        rocksdb_live_version: require('../../package.json').version,
        rocksdb_version: versions.rocksdb,
        node_version: process.versions.node,
      },
      value: 1,
    },
  ])
  const info = METRICS.find(({ name }) => name === 'build_info')
  expect(Object.keys(linesOf(lines, 'node_db_build_info')[0]?.labels ?? {})).toEqual(
    expect.arrayContaining([...(info?.labels ?? [])]),
  )
})
