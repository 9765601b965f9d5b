/** Calls that memory answers settle at once, and must not keep the event loop from its turn. */
import type { Database } from 'rocksdb-live'
import { openFresh, useTempDirectory } from './support/database'

const MOST_CALLS = 1_000_000

const calls: [string, (db: Database) => Promise<unknown>][] = [
  ['put', (db) => db.default.put('key', 'value')],
  ['get', (db) => db.default.get('key')],
  ['get of a missing key', (db) => db.default.get('none')],
  ['has', (db) => db.default.has('key')],
  ['getInto', (db) => db.default.getInto('key', new Uint8Array(8))],
  ['getMany', (db) => db.default.getMany(['key', 'none'])],
  ['batch.write', (db) => db.batch().put(db.default, 'key', 'value').write()],
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
})
