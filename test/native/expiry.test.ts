/** Families whose rows expire, seen from the boundary: they stay so in copies, repairs and replicas. */
import { readdirSync, truncateSync } from 'node:fs'
import { Database } from 'rocksdb-live'
import { addon } from '../../lib/native/addon'
import { partsOf } from '../../lib/open-database'
import { tokenOf } from '../support/changes'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'
import { useNodes } from '../support/replica'

const EXPIRES = '{id=rocksdb-live.expires;grace_ms=60000;after_ms=5000}'
const AFTER = 5000
const HOUR = 3_600_000
const LONG_GONE = Buffer.from('0000000000000001ff', 'hex')

const familyOf = (filter: string) => ({
  rocksdb: { columnFamily: { compaction_filter_factory: filter } },
})
const specOf = (filter: string) => ({ columnFamilies: { s: familyOf(filter) } })

const dir = useTempDirectory()
const { node } = useNodes()
afterEach(() => {
  addon.shiftClock(-addon.shiftClock(0))
})

/** afterMs by family. */
function expiryOf(db: unknown): Record<string, number> {
  const { session } = partsOf(db as Parameters<typeof partsOf>[0]).connection
  return Object.fromEntries(session.families().map(([name, , after]) => [name, after]))
}

describe('a family whose rows expire', () => {
  it('is one in a checkpoint', async () => {
    const db = await openFresh(specOf(EXPIRES))
    expect(expiryOf(db)).toEqual({ default: -1, s: AFTER })
    await db.checkpoint(dir('copy'))
    const copy = await openAt(dir('copy'))
    expect(expiryOf(copy)).toEqual({ default: -1, s: AFTER })
  })

  it('is one after a repair, which drops none of its rows', async () => {
    const db = await openAt(dir('db'), specOf(EXPIRES))
    for (const name of ['s', 'default']) {
      const family = db.columnFamily(name)
      const batch = db.batch()
      for (let i = 0; i < 100; i++) batch.put(family, `key ${i}`, LONG_GONE)
      batch.writeSync()
      await db.flush(name)
    }
    addon.shiftClock(HOUR)
    await db.close()
    const tables = readdirSync(dir('db')).filter((file) => file.endsWith('.sst'))
    expect(tables).toHaveLength(2)
    // The one of the default family.
    truncateSync(dir('db', tables.sort().at(-1) as string), 100)
    expect(await Database.repair(dir('db'))).toMatchObject({ repaired: true })
    // A writer's compactions would drop them at once.
    const repaired = await openAt(dir('db'), { mode: 'read-only' })
    expect(expiryOf(repaired)).toEqual({ default: -1, s: AFTER })
    expect(await repaired.columnFamily('s').count()).toBe(0)
    const { session } = partsOf(repaired).connection
    const s = session.families().find(([name]) => name === 's')?.[1] as number
    expect(Number(session.property(s, 'rocksdb.estimate-num-keys'))).toBe(100)
    await repaired.close()
    await openAt(dir('db'), specOf(EXPIRES))
  })

  it('has no merge operator in the change feed', async () => {
    const db = await openFresh()
    // 'now' would be shortly after the call.
    const feed = db.changes({ after: await tokenOf(db) })
    const next = feed.next()
    await db.createColumnFamily('s', familyOf(EXPIRES))
    const { value } = await next
    expect(value?.operations).toMatchObject([
      { type: 'createFamily', family: 's', mergeOperator: undefined },
    ])
    await feed.return?.()
  })
})

describe('on replicas', () => {
  it('a family expires on all of them, with the times that it was made with', async () => {
    const one = await node('one')
    const two = await node('two')
    const three = await node('three', specOf('{id=rocksdb-live.expires;after_ms=7}'))
    await one.write()
    await one.db.createColumnFamily('s', familyOf(EXPIRES))
    await one.db.columnFamily('s').put('a', Buffer.alloc(9))
    await two.catchUp()
    await three.catchUp()
    expect(expiryOf(one.db)).toEqual({ default: -1, s: AFTER })
    expect(expiryOf(two.db)).toEqual({ default: -1, s: AFTER })
    expect(expiryOf(three.db)).toEqual({ default: -1, s: 7 })
    expect(await two.db.columnFamily('s').has('a')).toBe(true)
  })

  it('a follower that wants the contrary is refused', async () => {
    const one = await node('one')
    const two = await node('two', specOf('nullptr'))
    const three = await node('three', { columnFamilies: { t: familyOf(EXPIRES) } })
    await one.write()
    await one.db.createColumnFamily('s', familyOf(EXPIRES))
    await expectRejection(two.catchUp(), 'ERR_OPTIONS_MISMATCH', '"s" has rows that expire in')
    await one.db.createColumnFamily('t')
    await expectRejection(three.catchUp(), 'ERR_OPTIONS_MISMATCH', 'rows that expire here')
  })
})
