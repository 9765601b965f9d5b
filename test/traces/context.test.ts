import { AsyncLocalStorage } from 'node:async_hooks'
import { writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Database, watchTuning } from 'rocksdb-live'
import { backup, directory, startBackups } from 'rocksdb-live/backup'
import { RocksLevel } from 'rocksdb-live/level'
import { tokenOf } from '../support/changes'
import { openFresh, reopen, track, useTempDirectory } from '../support/database'
import { eventually } from '../support/tools'

/** What AsyncLocalStorage holds in every callback of the API is what it held where the callback was given. */

const path = useTempDirectory()
const storage = new AsyncLocalStorage<string>()
const here = () => storage.getStore()
const inside = <T>(run: () => T): T => storage.run('mine', run)

const FAMILIES = { users: { key: 'utf8', value: 'utf8' } } as const
const openUsers = async () => {
  const db = await openFresh({ columnFamilies: FAMILIES })
  return { db, users: db.columnFamily('users') }
}

it('survives promises, those of other threads and those in memory', async () => {
  const { db, users } = await openUsers()
  await users.put('a', '1')
  await db.flush()
  const cold = await reopen(db)
  const family = cold.columnFamily('users')
  let copies = 0
  const calls: (() => Promise<unknown>)[] = [
    () => family.get('a'),
    () => family.getMany(['a', 'b']),
    () => family.has('a'),
    () => family.getInto('a', Buffer.alloc(9)),
    () => family.put('b', '2', { sync: true }),
    () => family.put('c', '3'),
    () => cold.batch().put(family, 'd', '4').write({ sync: true }),
    () => family.count(),
    () => family.first(),
    () => family.clear({ gte: 'x' }),
    () => cold.compareAndWrite({ checks: [], operations: [] }),
    () => cold.flush(),
    () => cold.flushWAL(),
    () => cold.compactRange('users'),
    () => cold.checkpoint(path(`copy-${++copies}`)),
    () => family.get(5 as never).catch(() => {}),
  ]
  for (const call of calls) {
    const [awaited, then] = await inside(async () => {
      const seen = call().then(here)
      await call()
      return [here(), await seen]
    })
    expect([awaited, then, String(call)]).toEqual(['mine', 'mine', String(call)])
  }
  const opened = await inside(async () => {
    const other = await Database.open(path('other'))
    await other.close()
    return here()
  })
  expect(opened).toBe('mine')
})

it('survives the steps of scans', async () => {
  const { db, users } = await openUsers()
  for (let i = 0; i < 3000; i++) users.putSync(`k${i}`, 'v'.repeat(100))
  await db.flush()
  const seen = new Set<unknown>()
  await inside(async () => {
    for await (const row of users.entries()) seen.add(row.length && here())
    for await (const page of users.pages()) seen.add(page.count && here())
  })
  expect([...seen]).toEqual(['mine'])
})

it('survives streams', async () => {
  const { users } = await openUsers()
  const rows = Array.from({ length: 3000 }, (_, i) => [`k${i}`, 'v'.repeat(100)])
  const seen = await inside(async () => {
    const stream = users.writable({ batchBytes: 10_000 })
    const finished = new Promise((resolve) => stream.on('finish', () => resolve(here())))
    await pipeline(Readable.from(rows), stream)
    const other = users.writable()
    const written = new Promise((resolve) => other.write(['x', '1'], () => resolve(here())))
    const ended = new Promise((resolve) => other.end(() => resolve(here())))
    return [here(), await finished, await written, await ended]
  })
  expect(seen).toEqual(['mine', 'mine', 'mine', 'mine'])
})

it('survives the change feed and watched ranges', async () => {
  const { db, users } = await openUsers()
  await users.put('a', '1')
  const after = await tokenOf(db)
  const seen = inside(async () => {
    const contexts: unknown[] = []
    for await (const change of db.changes({ after })) {
      void change
      contexts.push(here())
      if (contexts.length === 2) break
    }
    return contexts
  })
  const watched = inside(async () => {
    for await (const event of users.watch({ initial: true })) {
      if (event.type === 'put' && event.key === 'c') return here()
    }
    return 'ended'
  })
  await storage.run('writer', async () => {
    await users.put('b', '1')
    await users.put('c', '1')
  })
  expect(await seen).toEqual(['mine', 'mine'])
  expect(await watched).toBe('mine')
})

it('survives in listeners of events, which are found again by off', async () => {
  const { db, users } = await openUsers()
  const seen: unknown[] = []
  const listener = () => void seen.push(here())
  inside(() => {
    db.on('flush', listener)
    db.once('flush', () => seen.push(`once ${here()}`))
  })
  await storage.run('writer', async () => {
    await users.put('a', '1')
    await db.flush()
  })
  await eventually('both listeners', () => (seen.length === 2 ? true : undefined))
  expect(seen).toEqual(['mine', 'once mine'])
  db.off('flush', listener)
  const again = new Promise((resolve) => db.once('flush', resolve))
  await users.put('b', '1')
  await db.flush()
  await again
  expect(seen).toHaveLength(2)
})

it('survives transactions, waiting for locks, and their attempts', async () => {
  const { db, users } = await openUsers()
  await users.put('a', '1')
  const seen: unknown[] = []
  let attempts = 0
  await inside(() =>
    db.transaction(async (tx) => {
      seen.push(here())
      await tx.get(users, 'a')
      seen.push(here())
      await tx.savepoint(async () => void seen.push(here()))
      if (++attempts === 1) await users.put('a', 'changed')
      tx.put(users, 'a', '2')
    }),
  )
  expect(attempts).toBe(2)
  expect(new Set(seen)).toEqual(new Set(['mine']))
  const holder = db.begin()
  await holder.get(users, 'a', { forUpdate: true })
  const waited = inside(() =>
    db.transaction(async (tx) => {
      await tx.get(users, 'a', { forUpdate: true })
      return here()
    }),
  )
  await eventually('it to wait', () =>
    db.transactions().some(({ waitsFor }) => waitsFor.length > 0) ? true : undefined,
  )
  holder.rollback()
  expect(await waited).toBe('mine')
})

it('survives backups', async () => {
  const { db, users } = await openUsers()
  await users.put('a', '1')
  const seen: unknown[] = []
  await inside(async () => {
    const onProgress = () => void seen.push(here())
    await backup(db, directory(path('backups')), { onProgress })
    seen.push(here())
  })
  expect(new Set(seen)).toEqual(new Set(['mine']))
  const told = new Promise((resolve) => {
    void inside(async () => {
      const stream = await startBackups(db, directory(path('stream')), { everyMs: 10 })
      await stream.flushed()
      await stream.stop()
      resolve(here())
    })
  })
  expect(await told).toBe('mine')
})

it('survives a signal that has the tuning read anew', async () => {
  const { db } = await openUsers()
  const configFile = path('tuning.json')
  writeFileSync(configFile, JSON.stringify({ tuning: { nonsense: 1 } }))
  const told = new Promise((resolve) => {
    const onError = () => resolve(here())
    const watch = inside(() => watchTuning(db, { signal: 'SIGHUP', configFile, onError }))
    expect(watch).toBeDefined()
  })
  process.emit('SIGHUP')
  expect(await told).toBe('mine')
})

it('survives in a level database', async () => {
  const level = track(RocksLevel.over(await openFresh()))
  const seen = await inside(async () => {
    await level.put('a', '1')
    const contexts = [here()]
    for await (const row of level.iterator()) contexts.push(row.length > 0 ? here() : 'empty')
    return contexts
  })
  expect(seen).toEqual(['mine', 'mine'])
})
