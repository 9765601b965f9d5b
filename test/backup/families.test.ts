/** Families that come and go while files are captured are in a backup once: in its files, or in what follows. */
import { directory, restore, startBackups } from 'rocksdb-live/backup'
import { openAt, useTempDirectory } from '../support/database'

const dir = useTempDirectory()
const ROUNDS = 30

it('restores families that were made and dropped while the first backup was taken', async () => {
  const db = await openAt(dir('db'), { tuning: { changesRetainMb: 16 } })
  for (let round = 0; round < ROUNDS; round++) {
    const target = directory(dir(`target-${round}`))
    const working = (async () => {
      for (let n = 0; n < 3; n++) {
        const family = await db.createColumnFamily(`${round}-${n}`)
        await family.put('k', String(n))
        if (n === 1) await db.dropColumnFamily(family)
      }
    })()
    const stream = await startBackups(db, target, { everyMs: 1 })
    await working
    await stream.flushed()
    await stream.stop()
    await restore(target, dir(`restored-${round}`))
    const restored = await openAt(dir(`restored-${round}`))
    expect(restored.columnFamilies().sort()).toEqual(db.columnFamilies().sort())
    expect(String(await restored.columnFamily(`${round}-2`).get('k'))).toBe('2')
    await restored.close()
  }
}, 120_000)
