/** Backups of a replica's database: what is restored says how far it had come in its log. */
import { Database } from 'rocksdb-live'
import { backup, directory, restore, startBackups } from 'rocksdb-live/backup'
import { useNodes } from '../support/replica'

const { path, node } = useNodes()
const target = () => directory(path('target'))
const tuning = { changesRetainMb: 64 }

describe('a backup of a replica', () => {
  it('restores with the place that its rows have', async () => {
    const one = await node('one')
    await one.write()
    const users = await one.db.createColumnFamily('users')
    await users.put('a', '1')
    await backup(one.db, target())
    const { position } = one
    await one.db.default.put('after', '1')
    await restore(target(), path('restored'))
    await expect(Database.open(path('restored'))).rejects.toMatchObject({
      code: 'ERR_NOT_SUPPORTED',
    })
    const restored = await node('restored')
    expect(restored.position).toEqual(position)
    expect(restored.db.columnFamilies().sort()).toEqual(['default', 'users'])
    expect(String(await restored.db.columnFamily('users').get('a'))).toBe('1')
    expect(await restored.db.default.get('after')).toBeUndefined()
    // It goes on from there.
    await restored.catchUp()
    expect(String(await restored.db.default.get('after'))).toBe('1')
    expect(restored.position).toEqual(one.position)
  })

  it('replays the places of a continuous one', async () => {
    const one = await node('one', { tuning })
    await one.write()
    await one.db.default.put('before', '1')
    const stream = await startBackups(one.db, target(), { everyMs: 1000 })
    const users = await one.db.createColumnFamily('users')
    for (let n = 0; n < 100; n++) await users.put(`k${n}`, '1')
    await one.db.createColumnFamily('gone')
    await one.db.dropColumnFamily('gone')
    await stream.flushed()
    const { position } = one
    await stream.stop()
    const { segments } = await restore(target(), path('restored'))
    expect(segments).toBeGreaterThan(0)
    const restored = await node('restored')
    expect(restored.position).toEqual(position)
    expect(await restored.db.columnFamily('users').count()).toBe(100)
    expect(restored.db.columnFamilies().sort()).toEqual(['default', 'users'])
  })

  it('replays what made a plain database a replica', async () => {
    {
      await using plain = await Database.open(path('one'), { env: false, tuning })
      await plain.default.put('plain', '1')
      const stream = await startBackups(plain, target(), { everyMs: 1000 })
      await plain.default.put('plain', '2')
      await stream.flushed()
      await stream.stop()
    }
    const one = await node('one', { tuning })
    const stream = await startBackups(one.db, target(), { everyMs: 1000 })
    await one.write()
    await one.db.default.put('replicated', '1')
    await stream.flushed()
    const { position } = one
    await stream.stop()
    await restore(target(), path('restored'))
    const restored = await node('restored')
    expect(restored.position).toEqual(position)
    expect(String(await restored.db.default.get('plain'))).toBe('2')
    expect(String(await restored.db.default.get('replicated'))).toBe('1')
  })
})
