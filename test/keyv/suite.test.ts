/** The whole suite of Keyv over the adapter: by a path, and over a family of an open database. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import suite, { keyvIteratorTests } from '@keyv/test-suite'
import Keyv from 'keyv'
import { Database } from 'rocksdb-live'
import { RocksKeyv } from 'rocksdb-live/keyv'

// The suite counts assertions, so that no other hook may make any.
const folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-keyv-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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

let stores: RocksKeyv[] = []
const kept = (store: RocksKeyv) => {
  stores.push(store)
  return store
}

async function disconnectAll(): Promise<void> {
  const made = stores
  stores = []
  await Promise.all(made.map((store) => store.disconnect()))
}

describe('at a path', () => {
  all(() => kept(new RocksKeyv(join(folder, 'cache'))))
  afterEach(disconnectAll)
})

describe('over a family', () => {
  let db: Database<{ cache: { expires: true } }>
  beforeAll(async () => {
    const path = join(folder, 'db')
    db = await Database.open(path, { columnFamilies: { cache: { expires: true } } })
  })
  all(() => kept(RocksKeyv.over(db, { family: 'cache' })))
  afterEach(disconnectAll)
  afterAll(() => db.close())
})
