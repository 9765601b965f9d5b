/** Continuous backups, and what others do in the same target meanwhile: nothing that was `flushed` is lost by it. */
import { backup, backups, directory, restore, startBackups } from 'rocksdb-live/backup'
import { tokenOf } from '../support/changes'
import { openAt, reopen, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'
import { Between, rowsIn } from './support'

const dir = useTempDirectory()
const target = () => directory(dir('target'))
const OPTIONS = { tuning: { changesRetainMb: 16 } } as const
const HOUR_MS = 3_600_000
/** Sends only what is asked for. */
const SELDOM = { everyMs: HOUR_MS }

async function keysAt(at: 'latest' | Date | string, name: string): Promise<string[]> {
  await restore(target(), dir(name), { at })
  const { default: rows = [] } = await rowsIn(dir(name))
  return rows.map(([key]) => key).filter((key) => key.length === 1)
}

it('a stream that another one has taken over from makes no whole backup', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const slow = new Between(target())
  let goOn = () => {}
  const held = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let begun = () => {}
  const making = new Promise<void>((resolve) => {
    begun = resolve
  })
  slow.before = (call) => {
    if (!call.startsWith('put snapshots/')) return
    begun()
    return held
  }
  const first = await startBackups(db, slow, SELDOM)
  await making
  await using second = await startBackups(db, target(), SELDOM)
  await second.flushed()
  const late = first.flushed()
  goOn()
  await expectRejection(late, 'ERR_BACKUP_FENCED', 'another stream')
  await db.default.put('a', '')
  await second.flushed()
  expect(await keysAt('latest', 'restored')).toEqual(['a'])
})

it('of two backups, the newest is that of the later moment, whichever ends first', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  await db.default.put('a', '')
  const slow = new Between(target())
  let later: string | undefined
  slow.before = async (call) => {
    if (later !== undefined || !call.startsWith('put snapshots/')) return
    await db.default.put('b', '')
    later = (await backup(db, target())).id
  }
  const { id } = await backup(db, slow)
  expect((await backups(target()).list()).map((each) => each.id)).toEqual([id, later])
  expect(await keysAt('latest', 'restored')).toEqual(['a', 'b'])
  await backups(target()).keep({ last: 1 })
  expect((await backups(target()).list()).map((each) => each.id)).toEqual([later])
})

it('a stream goes on without a gap where it had ended before it sent what its whole backup has', async () => {
  let db = await openAt(dir('db'), OPTIONS)
  const between = new Between(target())
  const stream = await startBackups(db, between, SELDOM)
  await db.default.put('a', '')
  await stream.flushed()
  between.before = (call) => {
    if (call.startsWith('put wal/')) throw new Error('away')
  }
  await db.default.put('b', '')
  const token = await tokenOf(db)
  await db.default.put('c', '')
  const { id } = await stream.snapshot()
  db = await reopen(db, OPTIONS)
  await using next = await startBackups(db, target(), SELDOM)
  await db.default.put('d', '')
  await next.flushed()
  expect(next.status().snapshots).toBe(0)
  expect(await keysAt(token, 'token')).toEqual(['a', 'b'])
  await backups(target()).delete(id)
  expect(await keysAt('latest', 'latest')).toEqual(['a', 'b', 'c', 'd'])
})

it('what continuous backups go on from is kept', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  await using stream = await startBackups(db, target(), SELDOM)
  await db.default.put('a', '')
  await stream.flushed()
  await backup(db, target())
  await backups(target()).keep({ last: 1 })
  await db.default.put('b', '')
  await stream.flushed()
  expect(await keysAt('latest', 'restored')).toEqual(['a', 'b'])
})

it('a stream makes another whole backup where the one that it goes on from is deleted', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  await using stream = await startBackups(db, target(), SELDOM)
  await stream.flushed()
  await db.default.put('a', '')
  await stream.flushed()
  const { id } = await backup(db, target())
  const [base] = await backups(target()).list()
  await backups(target()).delete(base?.id as string)
  expect((await backups(target()).list()).map((each) => each.id)).toEqual([id])
  await db.default.put('b', '')
  await stream.flushed()
  expect(await keysAt('latest', 'restored')).toEqual(['a', 'b'])
})

it('a backup by hand is not what the moments of the window are restored from', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  const now = Date.now
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() - 2 * HOUR_MS)
  await using stream = await startBackups(db, target(), { ...SELDOM, keepMs: HOUR_MS })
  await db.default.put('a', '')
  await stream.flushed()
  await backup(db, target())
  clock.mockRestore()
  await db.default.put('b', '')
  const token = await tokenOf(db)
  await db.default.put('c', '')
  await stream.snapshot()
  await stream.flushed()
  expect(await keysAt(token, 'restored')).toEqual(['a', 'b'])
})

it('a backup from before a family was made does not replace one of the same number that has it', async () => {
  const db = await openAt(dir('db'), OPTIONS)
  await db.default.put('a', '')
  const slow = new Between(target())
  let begun = false
  await using stream = await startBackups(db, target(), SELDOM)
  await stream.flushed()
  slow.before = async (call) => {
    if (begun || !call.startsWith('put snapshots/')) return
    begun = true
    await db.createColumnFamily('made')
    await stream.flushed()
    await stream.snapshot()
  }
  await backup(db, slow)
  await db.columnFamily('made').put('b', '')
  await stream.flushed()
  await restore(target(), dir('restored'))
  expect(Object.keys(await rowsIn(dir('restored')))).toEqual(['default', 'made'])
})
