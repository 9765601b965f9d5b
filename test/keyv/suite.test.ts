/** The whole suite of Keyv over the adapter: by a path, over a family of an open database, and through `createKeyv`. */
import suite, { keyvIteratorTests } from '@keyv/test-suite'
import Keyv from 'keyv'
import { Database } from 'rocksdb-live'
import { RocksKeyv } from 'rocksdb-live/keyv'
import { useTempDirectory } from '../support/database'

const dir = useTempDirectory()

/** What the suite takes from vitest: jest has the same, but hands its tests no `expect`. */
const vitest = {
  beforeEach,
  afterEach,
  it: (name: string, test: (context: { expect: typeof expect }) => unknown) =>
    it(name, async () => {
      await test({ expect })
    }),
}

const all = (store: () => RocksKeyv) => {
  suite(vitest as never, Keyv, store)
  keyvIteratorTests(vitest as never, Keyv, store)
}

let made: RocksKeyv[] = []
const kept = (store: RocksKeyv) => {
  made.push(store)
  return store
}
const closeAll = async () => {
  const stores = made
  made = []
  await Promise.all(stores.map((store) => store.disconnect()))
}

describe('at a path', () => {
  afterEach(closeAll)
  all(() => kept(new RocksKeyv(dir('cache'))))
})

describe('over a family', () => {
  let db: Database<{ cache: { expires: true } }>
  beforeEach(async () => {
    db = await Database.open(dir('db'), { columnFamilies: { cache: { expires: true } } })
  })
  afterEach(async () => {
    await closeAll()
    expect(db.closed).toBe(false)
    await db.close()
  })
  all(() => kept(RocksKeyv.over(db, { family: 'cache' })))
})
