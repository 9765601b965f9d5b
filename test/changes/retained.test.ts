/** Named places: what is kept for them, and how it shows when that is lost. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { collectMetrics } from 'rocksdb-live/metrics'
import { linesOf, scrape } from '../metrics/support'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'

useTempDirectory()

const OPTIONS = { tuning: { changesRetainMb: 1 } }
const later = () => new Promise((resolve) => setImmediate(resolve))

/** The places that are lost, by name. */
async function lostOf(db: Awaited<ReturnType<typeof openFresh>>): Promise<string[]> {
  return (await db.retainedChanges()).filter(({ lost }) => lost).map(({ name }) => name)
}

it('has the WAL archived, and never deleted by the clock', async () => {
  const held = (db: Awaited<ReturnType<typeof openFresh>>) =>
    Number(db.options().db['WAL_ttl_seconds'])
  expect(held(await openFresh())).toBe(0)
  expect(held(await openFresh(OPTIONS))).toBe(2 ** 40)
})

it('leaves an archive alone that was asked for in RocksDB’s own options', async () => {
  const options = { rocksdb: { db: { WAL_ttl_seconds: '3600' } } }
  let db = await openFresh(options)
  const { path } = db
  await db.changes({ after: 'oldest', heartbeatMs: 1 }).next()
  await db.default.put('k', 'v')
  await db.flush()
  await db.close()
  const archived = () => readdirSync(join(path, 'archive')).filter((name) => name.endsWith('.log'))
  const before = archived()
  expect(before.length).toBeGreaterThan(0)
  // Opening looks after what is kept, and so does giving up a place.
  db = await openAt(path, options)
  await db.releaseChanges('none')
  for (let n = 0; n < 3; n++) await db.flush()
  await db.close()
  expect(archived()).toEqual(expect.arrayContaining(before))
})

describe('a named place', () => {
  it('is lost beyond its bound, loudly, and others are kept', async () => {
    let db = await openFresh(OPTIONS)
    await db.retainChanges('slow', { maxBytes: 1000 })
    await db.retainChanges('search')
    expect([await lostOf(db), db.healthCause]).toEqual([[], undefined])
    for (let n = 0; n < 100; n++) await db.default.put(`k${n}`, 'x'.repeat(100))
    // Places are looked after when one of them changes, and every few seconds.
    await db.retainChanges('search', { after: 'oldest' })
    while ((await lostOf(db)).length === 0) await later()
    expect(await lostOf(db)).toEqual(['slow'])
    expect(db.health).toBe('ok')
    expect(db.healthCause).toContain('slow')
    const register = new Registry()
    collectMetrics(db, { register })
    const lines = await scrape(register)
    const lost = (place: string) => linesOf(lines, 'node_db_changes_lost', { place })[0]?.value
    expect([lost('slow'), lost('search')]).toEqual([1, 0])
    expect(
      linesOf(lines, 'node_db_changes_lag_bytes', { place: 'search' })[0]?.value,
    ).toBeGreaterThan(10000)
    // It stays lost until it is moved or given up.
    const { path } = db
    await db.close()
    db = await openAt(path, OPTIONS)
    expect(await lostOf(db)).toEqual(['slow'])
    await db.retainChanges('slow')
    expect([await lostOf(db), db.healthCause]).toEqual([[], undefined])
  })

  it('keeps the WAL through flushes and reopens, until it is given up', async () => {
    let db = await openFresh(OPTIONS)
    await db.retainChanges('search')
    const token = (await db.retainedChanges())[0]?.token as string
    const { path } = db
    const rows = 300
    for (let n = 0; n < rows; n++) {
      await db.default.put(`k${n}`, 'x'.repeat(10_000))
      if (n % 100 === 99) await db.flush()
    }
    await db.close()
    // Opened without the option, a place is honoured all the same.
    db = await openAt(path)
    const keys: string[] = []
    for await (const { operations } of db.changes({ after: token })) {
      for (const operation of operations) if ('key' in operation) keys.push(String(operation.key))
      if (keys.length === rows) break
    }
    expect(keys).toEqual(Array.from({ length: rows }, (_, n) => `k${n}`))
    expect(await db.releaseChanges('search')).toBe(true)
    // The files go some time after that.
    for (;;) {
      const after = db.changes({ after: token }).next()
      const gone = await after.then(
        () => false,
        (error) => error.code === 'ERR_CHANGES_GAP',
      )
      if (gone) break
    }
    await expectRejection(db.changes({ after: token }).next(), 'ERR_CHANGES_GAP')
  })
})
