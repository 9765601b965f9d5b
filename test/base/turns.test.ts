/** Calls that memory can answer settle at once, and must not starve the event loop. */
import type { Database } from 'rocksdb-live'
import { openFresh, useTempDirectory } from '../support/database'
import { listOf } from '../support/expectations'

const MOST_CALLS = 1_000_000

const calls: [string, (db: Database) => Promise<unknown>][] = [
  ['put', (db) => db.default.put('key', 'value')],
  ['get', (db) => db.default.get('key')],
  ['get of a missing key', (db) => db.default.get('none')],
  ['has', (db) => db.default.has('key')],
  ['getInto', (db) => db.default.getInto('key', new Uint8Array(8))],
  ['getInto of a missing key', (db) => db.default.getInto('none', new Uint8Array(8))],
  ['getMany', (db) => db.default.getMany(['key', 'none'])],
  ['batch.write', (db) => db.batch().put(db.default, 'key', 'value').write()],
  ['a scan of one row', (db) => listOf(db.default.entries())],
  ['a scan of no row', (db) => listOf(db.default.keys({ gt: 'key' }))],
  ['a scan of a range that is empty', (db) => listOf(db.default.values({ gt: 'b', lt: 'a' }))],
  ['pages of one row', (db) => listOf(db.default.pages())],
]

describe('the event loop', () => {
  useTempDirectory()

  it.each(calls)('has its turn while a loop awaits %s', async (_name, call) => {
    const db = await openFresh()
    await db.default.put('key', 'value')
    let turned = false
    setImmediate(() => {
      turned = true
    })
    let made = 0
    while (!turned && made < MOST_CALLS) {
      await call(db)
      made++
    }
    expect(made).toBeLessThan(MOST_CALLS)
  })

  it('has its turn in a scan that is left meanwhile', async () => {
    const db = await openFresh()
    await db.default.put('key', 'value')
    let left = 0
    for (let i = 0; i < 10_000; i++) {
      for (const scan of [db.default.entries(), db.default.pages()]) {
        const first = scan.next()
        await scan.return?.()
        if ((await first).done) left++
        expect(await scan.next()).toEqual({ done: true, value: undefined })
      }
    }
    expect(left).toBeGreaterThan(0)
  })
})
