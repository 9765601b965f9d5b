import { tracingChannel } from 'node:diagnostics_channel'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Keyv } from 'keyv'
import { counter, Database, json } from 'rocksdb-live'
import { backup, directory } from 'rocksdb-live/backup'
import { RocksKeyv } from 'rocksdb-live/keyv'
import { RocksLevel } from 'rocksdb-live/level'
import { RocksSessionStore } from 'rocksdb-live/session'
import { operations } from '../../lib/traces/operations'
import { openFresh, track, useTempDirectory } from '../support/database'
import { eventually } from '../support/tools'
import { Listener } from '../support/traces'

const path = useTempDirectory()

let heard: Listener
afterEach(() => heard?.stop())

const FAMILIES = {
  users: { key: 'utf8', value: 'utf8' },
  visits: { key: 'utf8', value: counter() },
  sessions: { key: 'utf8', value: json<{ user: string }>(), expires: { afterMs: 60_000 } },
} as const

const openWithFamilies = () => openFresh({ columnFamilies: FAMILIES })

it('knows whether anybody listens by one property, which Node has since 20.19', () => {
  expect(operations.hasSubscribers).toBe(false)
  heard = new Listener()
  expect(operations.hasSubscribers).toBe(true)
  heard.stop()
  expect(operations.hasSubscribers).toBe(false)
  const ends = tracingChannel('rocksdb-live:operation').asyncEnd
  const subscriber = () => {}
  ends.subscribe(subscriber)
  expect(operations.hasSubscribers).toBe(true)
  ends.unsubscribe(subscriber)
  expect(operations.hasSubscribers).toBe(false)
})

it('tells gets and puts by the protocol of Node, with rows and bytes', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  heard = new Listener()
  await users.put('ada', 'lovelace')
  expect(await users.get('ada')).toBe('lovelace')
  expect(users.getSync('bob')).toBeUndefined()
  expect(heard.events.map(([event]) => event)).toEqual([
    ...['start', 'end', 'asyncStart', 'asyncEnd'],
    ...['start', 'end', 'asyncStart', 'asyncEnd'],
    ...['start', 'end'],
  ])
  const of = { database: db.path, columnFamily: 'users' }
  const [put, get, missed] = heard.operations
  expect(put).toMatchObject({ operation: 'put', ...of, bytes: 11, sync: false })
  expect(get).toMatchObject({ operation: 'get', ...of, rows: 1, bytes: 8, cacheHit: true })
  expect(missed).toMatchObject({ operation: 'get', ...of, rows: 0, bytes: 0, sync: true })
})

it('tells every method of a family', async () => {
  const db = await openWithFamilies()
  const [users, visits, sessions] = [
    db.columnFamily('users'),
    db.columnFamily('visits'),
    db.columnFamily('sessions'),
  ]
  heard = new Listener()
  users.putSync('a', '1')
  await users.deleteRange('x', 'y')
  users.deleteRangeSync('x', 'y')
  await users.delete('x')
  users.deleteSync('x')
  await visits.increment('home', 2n)
  visits.incrementSync('home')
  await sessions.put('s', { user: 'ada' })
  expect(await sessions.touch('s', { ttlMs: 1000 })).toBe(true)
  expect(sessions.touchSync('t')).toBe(false)
  await sessions.expiresAt('s')
  sessions.expiresAtSync('s')
  expect(await users.getMany(['a', 'b'])).toEqual(['1', undefined])
  users.getManySync(['a'])
  expect(await users.has('a')).toBe(true)
  expect(users.hasSync('b')).toBe(false)
  await users.getInto('a', Buffer.alloc(8))
  users.getIntoSync('b', Buffer.alloc(8))
  await users.first()
  users.firstSync()
  await users.last()
  users.lastSync()
  expect(await users.count()).toBe(1)
  await users.clear({ gte: 'x' })
  expect(heard.names).toEqual([
    ...['put', 'deleteRange', 'deleteRange', 'delete', 'delete', 'increment', 'increment', 'put'],
    ...['touch', 'touch', 'expiresAt', 'expiresAt', 'getMany', 'getMany', 'has', 'has'],
    ...['getInto', 'getInto', 'first', 'first', 'last', 'last', 'count', 'clear'],
  ])
  const rows = heard.operations.slice(8, 22).map((each) => each.rows)
  expect(rows).toEqual([1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1])
  expect(heard.operations[12]).toMatchObject({ batchSize: 2, bytes: 1 })
  expect(heard.operations[5]?.bytes).toBe(4)
  expect(heard.unended).toEqual([])
  expect(await visits.get('home')).toBe(3n)
})

it('tells batches, streams and conditional writes', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  heard = new Listener()
  await db.batch().put(users, 'a', '1').put(users, 'b', '2').write()
  db.batch().delete(users, 'a').writeSync()
  await db.write([{ type: 'put', columnFamily: users, key: 'c', value: '3' }])
  const checks = [{ columnFamily: users, key: 'c', equals: '3' }]
  const puts = [{ type: 'put', columnFamily: users, key: 'd', value: '4' }] as const
  expect(await db.compareAndWrite({ checks, operations: puts })).toBe(true)
  db.compareAndWriteSync({ checks, operations: puts })
  const stream = users.writable()
  stream.write(['e', '5'])
  await new Promise<void>((resolve) => stream.end(resolve))
  expect(heard.operations.map(({ operation, batchSize }) => [operation, batchSize])).toEqual([
    ...[2, 1, 1].map((size) => ['batch', size]),
    ...[1, 1].map((size) => ['compareAndWrite', size]),
    ['batch', 1],
  ])
  expect(heard.unended).toEqual([])
})

it('tells an iterator as one scan, from its first row to its last', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  for (let i = 0; i < 2000; i++) users.putSync(`k${String(i).padStart(5, '0')}`, 'value')
  heard = new Listener()
  for await (const row of users.entries()) void row
  for (const key of users.keysSync({ limit: 10 })) void key
  for await (const page of users.pages()) void page
  using cursor = users.cursor()
  cursor.next(5)
  cursor.close()
  users.entries()
  expect(heard.operations).toMatchObject([
    { operation: 'scan', columnFamily: 'users', rows: 2000, bytes: 22_000, sync: false },
    { operation: 'scan', rows: 10, bytes: 60, sync: true },
    { operation: 'scan', rows: 2000, bytes: 22_000 },
    { operation: 'scan', rows: 5, bytes: 55, sync: true },
  ])
  expect(heard.unended).toEqual([])
})

it('ends the scan of whoever leaves early, fails, or forgets it', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  for (let i = 0; i < 3000; i++) users.putSync(`k${i}`, 'value')
  heard = new Listener()
  for await (const row of users.values()) {
    expect(heard.unended).toEqual(['scan'])
    void row
    break
  }
  for (const row of users.valuesSync()) {
    void row
    break
  }
  expect(heard.unended).toEqual([])
  const controller = new AbortController()
  const aborted = users.values({ signal: controller.signal })
  controller.abort()
  await expect(aborted.next()).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  expect(heard.operations.at(-1)?.error).toMatchObject({ code: 'ERR_ABORTED' })
  expect(heard.unended).toEqual([])

  const forgotten = async () => {
    for (let i = 0; i < 100; i++) await users.values().next()
  }
  await forgotten()
  expect(heard.unended).toHaveLength(100)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await eventually('the end of iterators that nobody holds', () => {
    collect()
    return heard.unended.length < 100 ? true : undefined
  })
})

it('tells a transaction, and what is done in it', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  await users.put('a', '1')
  heard = new Listener()
  await db.transaction(async (tx) => {
    await tx.get(users, 'a')
    tx.put(users, 'b', '2')
    for await (const row of tx.entries(users)) void row
  })
  expect(heard.names).toEqual(['transaction', 'get', 'scan', 'commit'])
  expect(heard.one('commit')).toMatchObject({ batchSize: 1 })
  expect(heard.one('scan')).toMatchObject({ rows: 2 })
  db.transactionSync((tx) => tx.getSync(users, 'a'))
  await using tx = db.begin()
  await tx.count(users)
  await tx.commit()
  expect(heard.names.slice(4)).toEqual([
    ...['transaction', 'get', 'commit', 'begin', 'count', 'commit'],
  ])
  expect(heard.unended).toEqual([])
})

it('tells the upkeep of a database, and its opening and its end', async () => {
  heard = new Listener()
  const db = await Database.open(path('db'), { columnFamilies: FAMILIES })
  await db.columnFamily('users').put('a', '1')
  await db.flush('users')
  await db.flushWAL()
  await db.compactRange('users')
  await db.checkpoint(path('copy'))
  await backup(db, directory(path('backups')))
  await db.createColumnFamily('more')
  await db.dropColumnFamily('more')
  await db.resume()
  await db.close()
  expect(heard.names).toEqual([
    ...['open', 'put', 'flush', 'flushWAL', 'compactRange', 'checkpoint', 'backup'],
    ...['createColumnFamily', 'dropColumnFamily', 'resume', 'close'],
  ])
  expect(heard.one('flush').columnFamily).toBe('users')
  expect(heard.one('open')).toMatchObject({ database: db.path })
  expect(heard.unended).toEqual([])
})

it('tells errors with what failed', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  heard = new Listener()
  await expect(users.put('a', 5 as never)).rejects.toThrow(TypeError)
  expect(() => users.getSync(5 as never)).toThrow(TypeError)
  await expect(users.get('a', { signal: AbortSignal.abort() })).rejects.toThrow()
  await expect(db.transaction(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(heard.eventsOf('put')).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
  for (const each of heard.operations) expect(each.error).toBeInstanceOf(Error)
  expect(heard.unended).toEqual([])
  await db.close()
  await expect(users.get('a')).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  expect(heard.operations.at(-1)?.error).toMatchObject({ code: 'ERR_CLOSED' })
})

it('says how long an operation waited for a thread, its WAL and a lock', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  heard = new Listener()
  await users.put('a', '1', { sync: true })
  const synced = heard.one('put')
  expect(synced.queueMs).toBeGreaterThanOrEqual(0)
  expect(synced.walMs).toBeGreaterThan(0)
  users.putSync('b', '2')
  expect(heard.operations.at(-1)?.walMs).toBeGreaterThan(0)
  expect(heard.operations.at(-1)?.queueMs).toBeUndefined()
  await users.put('c', '3', { disableWAL: true })
  expect(heard.operations.at(-1)?.walMs).toBeUndefined()
  await users.count()
  expect(heard.one('count').queueMs).toBeGreaterThanOrEqual(0)
  await db.flush()
  expect(heard.one('flush').queueMs).toBeGreaterThanOrEqual(0)

  const first = db.begin()
  await first.get(users, 'a', { forUpdate: true })
  const second = db.transaction((tx) => tx.get(users, 'a', { forUpdate: true }))
  await eventually('the second one to wait', () =>
    db.transactions().some(({ waitsFor }) => waitsFor.length > 0) ? true : undefined,
  )
  first.rollback()
  await second
  const locks = heard.operations.filter(({ operation }) => operation === 'get')
  expect(locks[0]?.lockMs).toBeUndefined()
  expect(locks[1]?.lockMs).toBeGreaterThan(0)
  expect(locks.map(({ cacheHit }) => cacheHit)).toEqual([undefined, undefined])
  await db.transaction((tx) => tx.put(users, 'z', '1'))
  await db.transaction((tx) => tx.put(users, 'z', '1'), { sync: true })
  expect(heard.operations.at(-1)?.queueMs).toBeGreaterThanOrEqual(0)
  await users.clear({ gte: 'z' })
  expect(heard.one('clear').queueMs).toBeGreaterThanOrEqual(0)
  expect(heard.one('clear').walMs).toBeGreaterThan(0)
  const commits = heard.operations.filter(({ operation }) => operation === 'commit')
  expect(commits.at(-1)?.walMs).toBeGreaterThan(0)
})

it('tells what level, Keyv and sessions do', async () => {
  const db = await openFresh({ columnFamilies: { cache: { expires: true } } })
  const level = track(RocksLevel.over<string, string>(db))
  heard = new Listener()
  await level.put('a', '1')
  await level.batch([{ type: 'put', key: 'b', value: '2' }])
  await level.get('a')
  for await (const row of level.iterator()) void row
  await level.clear()
  expect(heard.names).toEqual(['put', 'batch', 'get', 'scan', 'clear'])
  expect(heard.one('scan')).toMatchObject({ rows: 2, bytes: 4, columnFamily: 'default' })

  const keyv = new Keyv(RocksKeyv.over(db, { family: 'cache' }))
  await keyv.set('a', 1)
  expect(await keyv.get('a')).toBe(1)
  await keyv.delete('a')
  const store = new RocksSessionStore(path('sessions'))
  const session = { cookie: { maxAge: 60_000 }, user: 'ada' } as never
  await new Promise((resolve) => store.set('s', session, resolve))
  await new Promise((resolve) => store.get('s', resolve))
  await store.close()
  expect(new Set(heard.names)).toEqual(
    new Set(['put', 'batch', 'get', 'scan', 'clear', 'has', 'open', 'close']),
  )
  expect(heard.unended).toEqual([])
})

it('does not confuse operations that wait for a transaction to begin', async () => {
  const db = await openWithFamilies()
  const users = db.columnFamily('users')
  heard = new Listener()
  for (let i = 0; i < 50; i++) {
    await Promise.all([
      db.transaction(async (tx) => tx.put(users, `k${i}`, '1'), { isolation: 'snapshot' }),
      users.put('x', '1', { sync: true }),
      users.get('x'),
      db.transaction(async (tx) => tx.get(users, `k${i}`), { maxRetries: 3 }),
    ])
  }
  expect(heard.unended).toEqual([])
  for (const { operation, queueMs, cacheHit } of heard.operations) {
    if (operation === 'put') expect(queueMs).toBeGreaterThanOrEqual(0)
    if (operation === 'get' && cacheHit === true) expect(queueMs).toBeUndefined()
  }
})
