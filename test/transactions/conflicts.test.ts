/** What is a conflict and what is not, for each kind of read and each kind of write by others. */
import { once } from 'node:events'
import type { ColumnFamily, Database, Transaction } from 'rocksdb-live'
import { openFresh, useTempDirectory } from '../support/database'
import { expectRejection, listOf } from '../support/expectations'

useTempDirectory()

type Family = ColumnFamily<string, string>
type Read = (tx: Transaction, family: Family) => unknown
type Write = (db: Database, family: Family) => unknown

const SPECS = { a: { key: 'utf8', value: 'utf8' }, out: { key: 'utf8', value: 'utf8' } } as const

const stop = async (rows: AsyncIterable<unknown>) => {
  for await (const _ of rows) break
}

/** Reads that saw whether the key `k` exists. */
const READS: Record<string, Read> = {
  get: (tx, a) => tx.get(a, 'k'),
  getSync: (tx, a) => tx.getSync(a, 'k'),
  'get for update': (tx, a) => tx.get(a, 'k', { forUpdate: true }),
  'getSync for update': (tx, a) => tx.getSync(a, 'k', { forUpdate: true }),
  getMany: (tx, a) => tx.getMany(a, ['j', 'k']),
  'getMany of many': (tx, a) =>
    tx.getMany(a, ['k', ...Array.from({ length: 3000 }, (_, i) => `${i}`)]),
  getManySync: (tx, a) => tx.getManySync(a, ['j', 'k']),
  has: (tx, a) => tx.has(a, 'k'),
  hasSync: (tx, a) => tx.hasSync(a, 'k'),
  entries: (tx, a) => listOf(tx.entries(a, { gte: 'j', lt: 'l' })),
  entriesSync: (tx, a) => [...tx.entriesSync(a, { gte: 'j', lt: 'l' })],
  keys: (tx, a) => listOf(tx.keys(a, { prefix: 'k' })),
  keysSync: (tx, a) => [...tx.keysSync(a)],
  values: (tx, a) => listOf(tx.values(a, { gt: 'j' })),
  valuesSync: (tx, a) => [...tx.valuesSync(a, { lte: 'k' })],
  'entries in reverse': (tx, a) => listOf(tx.entries(a, { reverse: true })),
  count: (tx, a) => tx.count(a),
  first: (tx, a) => tx.first(a, { gte: 'k' }),
  firstSync: (tx, a) => tx.firstSync(a, { gte: 'k' }),
  last: (tx, a) => tx.last(a, { lte: 'k' }),
  lastSync: (tx, a) => tx.lastSync(a, { lte: 'k' }),
  'a scan that was left behind it': async (tx, a) => {
    for await (const [key] of tx.entries(a)) if (key >= 'k') break
  },
  'a scan that is under way at the commit': async (tx, a) => {
    const rows = tx.entries(a)
    for (let step = await rows.next(); step.done !== true; step = await rows.next()) {
      if (step.value[0] >= 'k') return
    }
  },
  'a scan that is under way at the commit, on this thread': (tx, a) => {
    const rows = tx.entriesSync(a)
    for (let step = rows.next(); step.done !== true; step = rows.next()) {
      if (step.value[0] >= 'k') return
    }
  },
}

/** Reads that did not reach `k`. */
const READS_OF_OTHERS: Record<string, Read> = {
  'of another key': (tx, a) => tx.get(a, 'kk'),
  'of another range': (tx, a) => listOf(tx.entries(a, { lt: 'k' })),
  'up to a row before it': (tx, a) => stop(tx.entries(a)),
  'of a first row before it': (tx, a) => tx.first(a),
  'with a limit before it': (tx, a) => listOf(tx.keys(a, { limit: 2 })),
  'in reverse, down to a row behind it': (tx, a) => stop(tx.entries(a, { reverse: true })),
  'of a family beside it': (tx) => tx.get(tx_out(tx), 'k'),
}

let out: Family
const tx_out = (_: Transaction) => out

/** All ways to write the key `k`. */
const WRITES: Record<string, Write> = {
  put: (_, a) => a.put('k', 'other'),
  putSync: (_, a) => a.putSync('k', 'other'),
  'synced put': (_, a) => a.put('k', 'other', { sync: true }),
  'put without the WAL': (_, a) => a.put('k', 'other', { disableWAL: true }),
  delete: (_, a) => a.delete('k'),
  deleteRange: (_, a) => a.deleteRange('j', 'l'),
  clear: (_, a) => a.clear(),
  'clear with a limit': (_, a) => a.clear({ gte: 'k', limit: 1 }),
  batch: (db, a) => db.batch().put(a, 'z', '').put(a, 'k', 'other').write(),
  write: (db, a) => db.write([{ type: 'put', columnFamily: a, key: 'k', value: 'other' }]),
  writable: async (_, a) => {
    const stream = a.writable()
    stream.end(['k', 'other'])
    await once(stream, 'finish')
  },
  transaction: (db, a) => db.transaction((tx) => tx.put(a, 'k', 'other')),
  compareAndWrite: (db, a) =>
    db.compareAndWrite({
      checks: [],
      operations: [{ type: 'put', columnFamily: a, key: 'k', value: 'other' }],
    }),
}

async function open() {
  const db = await openFresh({ columnFamilies: SPECS })
  const a = db.columnFamily('a')
  for (const key of ['a', 'b', 'k', 'y', 'z']) await a.put(key, 'old')
  out = db.columnFamily('out')
  return { db: db as unknown as Database, a }
}

/** Reads, lets others write, and commits a write of its own. */
async function commitAfter(read: Read, write: Write): Promise<void> {
  const { db, a } = await open()
  await using tx = db.begin()
  await read(tx, a)
  await write(db, a)
  tx.put(out, 'mine', 'x')
  await tx.commit()
}

describe('others who wrote meanwhile', () => {
  it.each(Object.keys(READS))('are a conflict after %s', async (name) => {
    const read = READS[name] as Read
    await expectRejection(commitAfter(read, WRITES.put as Write), 'ERR_CONFLICT')
    // A missing key counts as read, too.
    const { db, a } = await open()
    await a.delete('k')
    await using tx = db.begin()
    await read(tx, a)
    await a.put('k', 'new')
    tx.put(out, 'mine', 'x')
    await expectRejection(tx.commit(), 'ERR_CONFLICT')
    expect(await out.get('mine')).toBeUndefined()
  })

  it.each(Object.keys(WRITES))('are a conflict by %s', async (name) => {
    const write = WRITES[name] as Write
    await expectRejection(commitAfter(READS.get as Read, write), 'ERR_CONFLICT')
    await expectRejection(commitAfter(READS.entries as Read, write), 'ERR_CONFLICT')
  })

  it('are a conflict by merge', async () => {
    const db = await openFresh({ columnFamilies: { m: { mergeOperator: 'stringappend' } } })
    const m = db.columnFamily('m')
    await using tx = db.begin()
    await tx.get(m, 'k')
    await m.merge('k', 'x')
    tx.put(m, 'mine', 'x')
    await expectRejection(tx.commit(), 'ERR_CONFLICT')
  })

  it('are a conflict where they dropped the family', async () => {
    const { db, a } = await open()
    await using tx = db.begin()
    await tx.get(a, 'k')
    await db.dropColumnFamily(a)
    await expectRejection(tx.get(a, 'k'), 'ERR_DROPPED')
    tx.put(out, 'mine', 'x')
    await expectRejection(tx.commit(), 'ERR_CONFLICT')
  })

  it.each(Object.keys(READS_OF_OTHERS))('are none after a read %s', async (name) => {
    await commitAfter(READS_OF_OTHERS[name] as Read, WRITES.put as Write)
    expect(await out.get('mine')).toBe('x')
  })

  it('are none to who only reads, and sees one moment', async () => {
    const { db, a } = await open()
    await using tx = db.begin()
    expect(await tx.get(a, 'k')).toBe('old')
    await a.put('k', 'other')
    await a.put('b', 'other')
    expect([await tx.get(a, 'k'), await tx.get(a, 'b')]).toEqual(['old', 'old'])
    await tx.commit()
  })

  it('are a conflict where both put a key, whatever was read', async () => {
    for (const isolation of ['serializable', 'snapshot'] as const) {
      const { db, a } = await open()
      await using tx = db.begin({ isolation })
      tx.put(a, 'k', 'mine')
      await a.put('k', 'other')
      await expectRejection(tx.commit(), 'ERR_CONFLICT')
      await using range = db.begin({ isolation })
      range.deleteRange(a, 'a', 'l')
      await a.put('b', 'other')
      await expectRejection(range.commit(), 'ERR_CONFLICT')
    }
  })

  it('are none to what is merged into whatever is there', async () => {
    const db = await openFresh({ columnFamilies: { m: { mergeOperator: 'stringappend' } } })
    const m = db.columnFamily('m')
    await using tx = db.begin()
    tx.merge(m, 'k', 'b')
    await m.put('k', 'a')
    await tx.commit()
    expect(String(await m.get('k'))).toBe('a,b')
  })

  it("are none after plain reads with isolation 'snapshot', and one after reads that lock", async () => {
    const { db, a } = await open()
    await using plain = db.begin({ isolation: 'snapshot' })
    await plain.get(a, 'k')
    await listOf(plain.entries(a))
    await a.put('k', 'other')
    plain.put(out, 'mine', 'x')
    await plain.commit()
    await using locking = db.begin({ isolation: 'snapshot' })
    await locking.get(a, 'k', { forUpdate: true })
    await a.put('k', 'again')
    locking.put(out, 'mine', 'y')
    await expectRejection(locking.commit(), 'ERR_CONFLICT')
    expect(await out.get('mine')).toBe('x')
  })

  it('are a conflict that says so, and that nothing was applied', async () => {
    const failed = await commitAfter(READS.get as Read, WRITES.put as Write).catch((error) => error)
    expect({ ...failed }).toEqual({
      code: 'ERR_CONFLICT',
      severity: 'none',
      retryable: true,
      outcome: 'notApplied',
    })
  })
})
