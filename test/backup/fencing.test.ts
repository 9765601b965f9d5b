/** Two who write to one target: the second takes over, and the first is told at its next write. */
import { cpSync } from 'node:fs'
import { backup, backups, directory, restore, startBackups } from 'rocksdb-live/backup'
import { openAt, reopen, useTempDirectory } from '../support/database'
import { coded, expectRejection } from '../support/expectations'
import { allRows, Between, rowsIn } from './support'

const dir = useTempDirectory()
const target = () => directory(dir('target'))
const OPTIONS = { tuning: { changesRetainMb: 16 } } as const

it('a restored database takes over; what it came from is fenced, and loses nothing silently', async () => {
  const first = await openAt(dir('db'), OPTIONS)
  await using old = await startBackups(first, target(), { everyMs: 1 })
  await first.default.put('a', '1')
  await old.flushed()
  await restore(target(), dir('restored'))
  const second = await openAt(dir('restored'), OPTIONS)
  await using stream = await startBackups(second, target(), { everyMs: 1 })
  await second.default.put('b', '2')
  await stream.flushed()
  await first.default.put('lost', '')
  await expectRejection(old.flushed(), 'ERR_BACKUP_FENCED')
  expect(old.status()).toMatchObject({ state: 'fenced', error: coded('ERR_BACKUP_FENCED') })
  await expectRejection(old.snapshot(), 'ERR_BACKUP_FENCED')
  await expectRejection(backup(first, target()), 'ERR_BACKUP_FENCED')
  await expectRejection(startBackups(first, target()), 'ERR_BACKUP_FENCED')
  await restore(target(), dir('again'))
  expect(await rowsIn(dir('again'))).toEqual(await allRows(second))
})

it('a second stream of the same database takes over from the first', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const first = await startBackups(db, target(), { everyMs: 1 })
  await first.flushed()
  await using second = await startBackups(db, target(), { everyMs: 1 })
  await db.default.put('a', '1')
  await second.flushed()
  await expectRejection(first.flushed(), 'ERR_BACKUP_FENCED', 'another stream')
  expect(second.status()).toMatchObject({ state: 'running', snapshots: 0 })
  await restore(target(), dir('restored'))
  expect(await rowsIn(dir('restored'))).toEqual(await allRows(db))
})

it('a copy of the directory takes over, and the first is fenced', async () => {
  let db = await openAt(dir('db'), OPTIONS)
  await db.default.put('a', '1')
  await backup(db, target())
  await db.close()
  cpSync(dir('db'), dir('copy'), { recursive: true })
  db = await openAt(dir('db'), OPTIONS)
  const copy = await openAt(dir('copy'), OPTIONS)
  await backup(copy, target())
  await expectRejection(backup(db, target()), 'ERR_BACKUP_FENCED')
  await backup(copy, target())
})

it('of those that take over at the same time, one goes on', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  await db.default.put('a', '1')
  await backup(db, target())
  const paths = ['one', 'two', 'three']
  const others = await Promise.all(
    paths.map(async (name) => {
      await restore(target(), dir(name))
      return openAt(dir(name), OPTIONS)
    }),
  )
  const streams = await Promise.all(
    others.map((each) => startBackups(each, target(), { everyMs: 1 }).catch((error) => error)),
  )
  const outcomes = await Promise.all(
    streams.map(async (stream, n) => {
      if (stream instanceof Error) return stream
      await others[n]?.default.put('of', paths[n] as string)
      return stream.flushed().then(
        () => n,
        (error: Error) => error,
      )
    }),
  )
  const winners = outcomes.filter((outcome) => typeof outcome === 'number')
  expect(winners.length).toBe(1)
  for (const outcome of outcomes) {
    if (typeof outcome !== 'number') expect(outcome).toEqual(coded('ERR_BACKUP_FENCED'))
  }
  await restore(target(), dir('latest'))
  const [winner] = winners as [number]
  expect(await rowsIn(dir('latest'))).toEqual(await allRows(others[winner] as never))
  for (const stream of streams) if (!(stream instanceof Error)) await stream.stop()
})

it('many backups of one database at once all count', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const made = await Promise.all(
    Array.from({ length: 6 }, async (_, n) => {
      await db.default.put(`k${n}`, '')
      return backup(db, target())
    }),
  )
  const all = await backups(target()).list()
  expect(new Set(all.map(({ id }) => id))).toEqual(new Set(made.map(({ id }) => id)))
  for (const { id } of all) expect((await backups(target()).verify(id)).problems).toEqual([])
})

it('what is deleted while it is shared is copied again', async () => {
  let db = await openAt(dir('db'), OPTIONS)
  await db.default.put('a', '1')
  const { id } = await backup(db, target())
  await db.default.put('b', '2')
  const between = new Between(target())
  let deleted = false
  between.before = async (call) => {
    // The files of the first backup are known to be there by now; those of the second are not named yet.
    if (deleted || !call.startsWith('put snapshots/')) return
    deleted = true
    await backups(target()).delete(id)
  }
  const second = await backup(db, between)
  expect(deleted).toBe(true)
  expect((await backups(target()).list()).map((each) => each.id)).toEqual([second.id])
  expect((await backups(target()).verify(second.id)).problems).toEqual([])
  db = await reopen(db, OPTIONS)
  await restore(target(), dir('restored'))
  expect(await rowsIn(dir('restored'))).toEqual(await allRows(db))
})

it('readers of databases without a history are told apart, too', async () => {
  const first = await openAt(dir('db'))
  await first.default.put('a', '1')
  const backUp = async (path: string) => {
    const reader = await openAt(path, { mode: 'read-only' })
    return backup(reader, target()).finally(() => reader.close())
  }
  const { id } = await backUp(dir('db'))
  await restore(target(), dir('restored'))
  const second = await openAt(dir('restored'))
  // The same number, and other rows.
  await first.default.put('b', 'of the first')
  await second.default.put('b', 'of the second')
  const { id: later } = await backUp(dir('restored'))
  await expectRejection(backUp(dir('db')), 'ERR_BACKUP_FENCED')
  expect((await backups(target()).list()).map((each) => each.id)).toEqual([id, later])
  await restore(target(), dir('latest'))
  expect(await rowsIn(dir('latest'))).toEqual(await allRows(second))
})
