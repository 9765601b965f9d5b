/**
 * Whatever a transaction has read, in any way, is remembered: any later write to it makes the
 * commit fail.
 */
import { type ColumnFamily, Database, type Transaction } from 'rocksdb-live'
import { openFresh, track, useTempDirectory } from '../support/database'

const dir = useTempDirectory()

const families = {
  read: { key: 'utf8', value: 'utf8', mergeOperator: 'stringappend' },
  written: { key: 'utf8', value: 'utf8' },
} as const

type Family = ColumnFamily<string, string>

const ROWS = 2000
/** The key that is read, among others, and then written. */
const KEY = 'key0100'
const keyOf = (number: number) => `key${String(number).padStart(4, '0')}`
const ALL = Array.from({ length: ROWS }, (_, number) => keyOf(number))

async function filled(): Promise<void> {
  const db = await Database.open(dir('db'), { columnFamilies: families })
  const batch = db.batch()
  for (const key of ALL) batch.put(db.columnFamily('read'), key, 'x'.repeat(100))
  await batch.write()
  await db.flush()
  await db.close()
}

async function all(rows: AsyncIterable<unknown>, most = Number.POSITIVE_INFINITY): Promise<void> {
  let count = 0
  for await (const _ of rows) if (++count === most) break
}

async function undone(tx: Transaction, work: () => Promise<unknown>): Promise<void> {
  const part = tx.savepoint(async () => {
    await work()
    throw new Error('undone')
  })
  await expect(part).rejects.toThrow('undone')
}

/** Each reads the key, and as little else as possible. */
const READS: Record<string, (tx: Transaction, family: Family) => unknown> = {
  get: (tx, family) => tx.get(family, KEY),
  'get with options': (tx, family) => {
    const { signal } = new AbortController()
    return tx.get(family, KEY, { signal, fillCache: false, verifyChecksums: true })
  },
  'get forUpdate': (tx, family) => tx.get(family, KEY, { forUpdate: true }),
  getSync: (tx, family) => tx.getSync(family, KEY),
  has: (tx, family) => tx.has(family, KEY),
  hasSync: (tx, family) => tx.hasSync(family, KEY),
  getMany: (tx, family) => tx.getMany(family, [KEY, 'none']),
  'getMany of hundreds': (tx, family) => tx.getMany(family, ALL.slice(0, 600)),
  'getMany of thousands': (tx, family) => tx.getMany(family, ALL),
  'getManySync of thousands': (tx, family) => tx.getManySync(family, ALL),
  entries: (tx, family) => all(tx.entries(family)),
  keys: (tx, family) => all(tx.keys(family, { gte: KEY, lt: keyOf(101) })),
  values: (tx, family) => all(tx.values(family, { prefix: KEY })),
  'entries backwards': (tx, family) => all(tx.entries(family, { reverse: true })),
  'entries with a limit': (tx, family) => all(tx.entries(family, { limit: 101 })),
  'entries backwards with a limit': (tx, family) =>
    all(tx.entries(family, { reverse: true, limit: ROWS - 100 })),
  'entries, left': (tx, family) => all(tx.entries(family), 101),
  'entries, not ended': async (tx, family) => {
    const rows = tx.entries(family)
    for (let i = 0; i < 101; i++) await rows.next()
  },
  entriesSync: (tx, family) => [...tx.entriesSync(family)],
  keysSync: (tx, family) => [...tx.keysSync(family, { prefix: KEY })],
  valuesSync: (tx, family) => [...tx.valuesSync(family, { lte: KEY, reverse: true, limit: 1 })],
  'keysSync, not ended': (tx, family) => {
    const rows = tx.keysSync(family)
    for (let i = 0; i < 101; i++) rows.next()
  },
  count: (tx, family) => tx.count(family, { gt: keyOf(99), lte: KEY }),
  'count with a limit': (tx, family) => tx.count(family, { limit: 101 }),
  first: (tx, family) => tx.first(family, { gte: KEY }),
  firstSync: (tx, family) => tx.firstSync(family, { gte: KEY }),
  last: (tx, family) => tx.last(family, { lte: KEY }),
  lastSync: (tx, family) => tx.lastSync(family, { lte: KEY }),
  'get beside its own writes': (tx, family) => {
    tx.put(family, 'own', 'x')
    return tx.get(family, KEY)
  },
  'getMany beside its own writes': (tx, family) => {
    tx.put(family, 'own', 'x')
    return tx.getMany(family, ['own', KEY])
  },
  'a scan beside its own writes': (tx, family) => {
    tx.deleteRange(family, keyOf(200), keyOf(300))
    return all(tx.keys(family))
  },
  'count beside its own writes': (tx, family) => {
    tx.put(family, `${KEY}own`, 'x')
    return tx.count(family, { prefix: KEY })
  },
  'get of what it merges into': (tx, family) => {
    tx.merge(family, KEY, 'own')
    return tx.get(family, KEY)
  },
  'get in a savepoint that was undone': (tx, family) => undone(tx, () => tx.get(family, KEY)),
  'a scan in a savepoint that was undone': (tx, family) =>
    undone(tx, () => all(tx.keys(family, { prefix: KEY }))),
}

/** Each writes the key. */
const WRITES: Record<string, (db: Database<typeof families>, family: Family) => unknown> = {
  put: (_, family) => family.put(KEY, 'other'),
  putSync: (_, family) => family.putSync(KEY, 'other'),
  'put of the same value': (_, family) => family.put(KEY, 'x'.repeat(100)),
  delete: (_, family) => family.delete(KEY),
  merge: (_, family) => family.merge(KEY, 'other'),
  deleteRange: (_, family) => family.deleteRange(keyOf(90), keyOf(110)),
  clear: (_, family) => family.clear(),
  'a batch': (db, family) => db.batch().put(family, 'other', 'x').put(family, KEY, 'x').write(),
  'a synced batch': (db, family) => db.batch().delete(family, KEY).write({ sync: true }),
  'a transaction': (db, family) => db.transaction((tx) => tx.put(family, KEY, 'other')),
  compareAndWrite: (db, family) => {
    const operation = { type: 'put', columnFamily: family, key: KEY, value: 'other' } as const
    return db.compareAndWrite({ checks: [], operations: [operation] })
  },
}

const conflict = { code: 'ERR_CONFLICT', retryable: true, outcome: 'notApplied' }

it.each(Object.entries(READS))(
  '%s',
  async (_, read) => {
    await filled()
    // What it reads is in files at first, and in memory later.
    const db = track(await Database.open(dir('db'), { columnFamilies: families }))
    const family = db.columnFamily('read')
    for (const [name, write] of Object.entries(WRITES)) {
      await using tx = db.begin()
      await read(tx, family)
      tx.put(db.columnFamily('written'), name, 'x')
      await write(db, family)
      const outcome = await tx.commit().catch(({ code, retryable, outcome: how }) => {
        return { code, retryable, outcome: how }
      })
      expect([name, outcome]).toEqual([name, conflict])
      expect(await db.columnFamily('written').count()).toBe(0)
      await family.put(KEY, 'again')
    }
  },
  60_000,
)

it.each(Object.entries(READS))('%s, and others write other keys', async (_, read) => {
  await filled()
  const db = track(await Database.open(dir('db'), { columnFamilies: families }))
  await using tx = db.begin()
  await read(tx, db.columnFamily('read'))
  tx.put(db.columnFamily('written'), 'sum', 'x')
  await db.columnFamily('written').put('other', 'x')
  await tx.commit()
  expect(await db.columnFamily('written').count()).toBe(2)
})

it('nothing is a conflict where nobody else writes, though RocksDB slows writes down', async () => {
  const columnFamily = {
    compaction_style: 'kCompactionStyleNone',
    level0_file_num_compaction_trigger: 2,
    level0_slowdown_writes_trigger: 2,
    level0_stop_writes_trigger: 30,
  }
  const db = await openFresh({ rocksdb: { db: { delayed_write_rate: 50_000 }, columnFamily } })
  for (let i = 0; i < 2; i++) {
    await db.default.put('key', 'value')
    await db.flush()
  }
  const value = Buffer.alloc(1000)
  let refused = 0
  for (let i = 0; i < 10; i++) {
    await db.transaction((tx) => tx.put(db.default, 'key', value), { maxRetries: 0 })
    db.transactionSync((tx) => tx.put(db.default, 'key', value), { maxRetries: 0 })
    const checks = [{ key: 'key', equals: value }]
    const operations = [{ type: 'put', key: 'key', value }] as const
    expect(await db.compareAndWrite({ checks, operations })).toBe(true)
    await db.default.put('key', value, { noSlowdown: true }).catch(() => refused++)
  }
  expect(refused).toBeGreaterThan(0)
})
