/** Rows that expire in backups, and on other nodes: their moment goes with them. */
import type { FamilySpecs } from 'rocksdb-live'
import { backup, restore, startBackups } from 'rocksdb-live/backup'
import { openReplica } from 'rocksdb-live/replica'
import { MemoryTarget } from '../backup/memory-target'
import { openAt, track, useTempDirectory } from '../support/database'
import { MemoryLog } from '../support/memory-log'
import { MemoryStore } from '../support/memory-store'
import { FAMILIES, HOUR, keysOf, MINUTE, openSessions, useClock } from './support'

const dir = useTempDirectory()
const clock = useClock()

const USER = { user: 'ada' }

it('restores them with their moments, and hides those that have passed', async () => {
  const { db, sessions, short } = await openSessions()
  const target = new MemoryTarget()
  const at = new Date(clock.now() + HOUR)
  await sessions.put('a', USER, { expiresAt: at })
  await short.put('a', 'x')
  await backup(db, target)
  clock.pass(MINUTE + 1)
  await restore(target, dir('restored'))
  const restored = await openAt(dir('restored'), { columnFamilies: FAMILIES })
  expect(await restored.columnFamily('sessions').get('a')).toEqual(USER)
  expect(await restored.columnFamily('sessions').expiresAt('a')).toEqual(at)
  expect(await keysOf(restored.columnFamily('short'))).toEqual([])
})

it('replays them as they were written, in families that were made meanwhile as well', async () => {
  const { db, sessions } = await openSessions()
  const target = new MemoryTarget()
  const stream = await startBackups(db, target, { everyMs: 1 })
  await stream.flushed()
  const at = new Date(clock.now() + HOUR)
  await sessions.put('a', USER, { expiresAt: at })
  await sessions.touch('a', { expiresAt: null })
  const made = await db.createColumnFamily('made', {
    key: 'utf8',
    value: 'utf8',
    expires: { afterMs: 2 * MINUTE },
  })
  await made.put('b', 'y', { expiresAt: at })
  await made.put('c', 'z')
  const moment = await made.expiresAt('c')
  await stream.flushed()
  await stream.stop()
  await restore(target, dir('restored'))
  const restored = await openAt(dir('restored'), { columnFamilies: FAMILIES })
  expect(await restored.columnFamily('sessions').get('a')).toEqual(USER)
  expect(await restored.columnFamily('sessions').expiresAt('a')).toBeNull()
  const codecs = { key: 'utf8', value: 'utf8' } as const
  const family = restored.columnFamily('made', codecs)
  expect(await family.get('b')).toBe('y')
  expect(await family.expiresAt('b')).toEqual(at)
  expect(await family.expiresAt('c')).toEqual(moment)
  await family.put('d', 'w')
  expect(await family.expiresAt('d')).toBeInstanceOf(Date)
})

it('is the same on every node', async () => {
  const store = new MemoryStore('expiry')
  const target = new MemoryTarget()
  const open = async (node: string) => {
    const log = new MemoryLog(store)
    const options = { log, node, heartbeatMs: 20, snapshots: target, columnFamilies: FAMILIES }
    return track(await openReplica(dir(node), options))
  }
  const writer = await open('one')
  await writer.db.columnFamily('sessions').put('a', USER, { ttlMs: HOUR })
  const follower = await open('two')
  const made = await writer.db.createColumnFamily('made', {
    key: 'utf8',
    value: 'utf8',
    expires: { afterMs: MINUTE },
  })
  await made.put('b', 'y')
  await writer.db.columnFamily('short').put('c', 'z')
  expect(await writer.db.columnFamily('short').touch('c', { ttlMs: HOUR })).toBe(true)
  await follower.waitFor(writer.token(), { timeoutMs: 20_000 })
  const codecs = { key: 'utf8', value: 'utf8' } as const
  const there = follower.db.columnFamily('made', codecs)
  expect(await there.get('b')).toBe('y')
  expect(await there.expiresAt('b')).toEqual(await made.expiresAt('b'))
  expect(await follower.db.columnFamily('sessions').get('a')).toEqual(USER)
  clock.pass(MINUTE + 1)
  expect(await there.get('b')).toBeUndefined()
  expect(await keysOf(follower.db.columnFamily('short'))).toEqual(['c'])
  expect(await follower.db.columnFamily('sessions').get('a')).toEqual(USER)
})

it('refuses a node whose family expires otherwise', async () => {
  const store = new MemoryStore('expiry otherwise')
  const open = async (node: string, columnFamilies: FamilySpecs) => {
    const log = new MemoryLog(store)
    return track(await openReplica(dir(node), { log, node, heartbeatMs: 20, columnFamilies }))
  }
  await open('one', { f: { key: 'utf8', value: 'utf8' } })
  await expect(
    open('two', { f: { key: 'utf8', value: 'utf8', expires: true } }),
  ).rejects.toMatchObject({
    code: expect.stringMatching(/ERR_REPLICA_MISMATCH|ERR_OPTIONS_MISMATCH/),
  })
})
