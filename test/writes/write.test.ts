/** Writes of one record, their options, their order, and snapshots. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { RocksDBError } from 'rocksdb-live'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'

useTempDirectory()

const text = (bytes: Buffer | undefined) => bytes?.toString()
const MERGED = {
  sums: { key: 'utf8', rocksdb: { columnFamily: { merge_operator: 'uint64add' } } },
  lists: {
    key: 'utf8',
    value: 'utf8',
    rocksdb: { columnFamily: { merge_operator: 'stringappend' } },
  },
} as const

describe('put and delete', () => {
  it('set, replace and remove, and are there after a reopen', async () => {
    const db = await openFresh()
    await db.default.put('a', '1')
    db.default.putSync('b', '2')
    await db.default.put('a', 'one')
    await db.default.put('c', '3')
    await db.default.delete('c')
    db.default.putSync('d', '4')
    db.default.deleteSync('d')
    await db.default.delete('never there')
    db.default.deleteSync('never there')
    const expected = ['a,one', 'b,2']
    expect((await listOf(db.default.entries())).map(String)).toEqual(expected)
    const again = await reopen(db)
    expect((await listOf(again.default.entries())).map(String)).toEqual(expected)
  })

  it('keep every byte of keys and values', async () => {
    const db = await openFresh()
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    for (const byte of all) db.default.putSync(Buffer.from([byte]), Buffer.from([byte, 0, byte]))
    db.default.putSync(all, all)
    const keys = [...db.default.keysSync()]
    expect(keys.length).toBe(257)
    expect(keys.every((key, i) => i === 0 || Buffer.compare(keys[i - 1] as Buffer, key) < 0)).toBe(
      true,
    )
    expect(db.default.getSync(all)).toEqual(all)
    expect(db.default.getSync(Buffer.from([0]))).toEqual(Buffer.from([0, 0, 0]))
  })

  it('tell an empty value from none', async () => {
    const db = await openFresh()
    await db.default.put('empty', '')
    expect(await db.default.get('empty')).toEqual(Buffer.alloc(0))
    expect(await db.default.has('empty')).toBe(true)
    expect(await db.default.get('none')).toBeUndefined()
  })

  it('take keys up to 8 MiB, and values far larger than any buffer of ours', async () => {
    const db = await openFresh()
    const key = Buffer.alloc(8 * 1024 * 1024, 'k')
    const value = Buffer.alloc(20 * 1024 * 1024, 'v')
    await db.default.put(key, value)
    expect((await db.default.get(key))?.equals(value)).toBe(true)
    expect(db.default.getSync(key)?.equals(value)).toBe(true)
    await expectRejection(db.default.put(Buffer.alloc(key.length + 1), 'v'), 'ERR_OUT_OF_RANGE')
    const [row] = db.default.entriesSync({ gte: key, lte: key })
    expect(row?.[0].equals(key) && row[1].equals(value)).toBe(true)
  })
})

describe('deleteRange', () => {
  it('removes from begin up to, not including, end', async () => {
    const db = await openFresh()
    const letters = [...'abcdefgh']
    for (const key of letters) db.default.putSync(key, key)
    await db.default.deleteRange('c', 'e')
    db.default.deleteRangeSync('g', 'zzz')
    expect([...db.default.keysSync()].map(text)).toEqual(['a', 'b', 'e', 'f'])
    await db.default.deleteRange('a', 'a')
    db.default.deleteRangeSync('b', 'b')
    expect(await db.default.count()).toBe(4)
  })

  it('refuses a range that is upside down', async () => {
    const db = await openFresh()
    db.default.putSync('b', '1')
    await expectRejection(db.default.deleteRange('c', 'a'), 'ERR_INVALID_ARG_VALUE', '"begin"')
    expectThrow(() => db.default.deleteRangeSync('c', 'a'), 'ERR_INVALID_ARG_VALUE', '"begin"')
    expect(await db.default.has('b')).toBe(true)
  })
})

describe('merge', () => {
  const number = (value: bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(value)
    return bytes
  }

  it('adds with uint64add', async () => {
    const db = await openFresh({ columnFamilies: MERGED })
    const sums = db.columnFamily('sums')
    await Promise.all(Array.from({ length: 100 }, (_, i) => sums.merge('n', number(BigInt(i)))))
    sums.mergeSync('n', number(50n))
    expect((await sums.get('n'))?.readBigUInt64LE()).toBe(5000n)
    await db.flush()
    sums.mergeSync('n', number(1n))
    const again = await reopen(db, { columnFamilies: MERGED })
    expect(again.columnFamily('sums').getSync('n')?.readBigUInt64LE()).toBe(5001n)
  })

  it('appends with stringappend, in the order of the calls', async () => {
    const db = await openFresh({ columnFamilies: MERGED })
    const lists = db.columnFamily('lists')
    const merges = Array.from({ length: 50 }, (_, i) => lists.merge('l', String(i)))
    lists.mergeSync('l', 'sync')
    await Promise.all(merges)
    const expected = [...Array(50).keys(), 'sync'].join(',')
    expect(await lists.get('l')).toBe(expected)
    expect([...lists.valuesSync()]).toEqual([expected])
  })

  it('without an operator is refused, and nothing of it applied', async () => {
    const db = await openFresh()
    db.default.putSync('a', '1')
    const refused = expect.objectContaining({
      code: 'ERR_NOT_SUPPORTED',
      outcome: 'notApplied',
      message: expect.stringContaining('merge_operator'),
    })
    await expect(db.default.merge('a', 'x')).rejects.toEqual(refused)
    expect(() => db.default.mergeSync('a', 'x')).toThrow(refused)
    expect(text(await db.default.get('a'))).toBe('1')
    const batch = db.batch().put(db.default, 'b', '2').merge(db.default, 'a', 'x')
    await expect(batch.write()).rejects.toEqual(refused)
    expect(await db.default.has('b')).toBe(false)
    db.default.putSync('c', 'writes go on')
    expect(db.health).toBe('ok')
  })
})

describe('the option mergeOperator', () => {
  it('names RocksDB’s operator, at open and at creation', async () => {
    const options = { value: 'utf8', mergeOperator: 'stringappend' } as const
    const db = await openFresh({ columnFamilies: { a: options } })
    const b = await db.createColumnFamily('b', options)
    for (const family of [db.columnFamily('a'), b]) {
      family.mergeSync('k', '1')
      await family.merge('k', '2')
      expect(family.getSync('k')).toBe('1,2')
    }
    const wrong = { mergeOperator: 'no such operator' } as never
    await expectRejection(
      db.createColumnFamily('c', wrong),
      'ERR_INVALID_ARGUMENT',
      'no such operator',
    )
    expect(db.columnFamilies()).toEqual(['default', 'a', 'b'])
  })
})

describe('write options', () => {
  const names = ['sync', 'disableWAL', 'lowPri', 'noSlowdown'] as const

  it.each(names)('%s: true writes the same', async (name) => {
    const db = await openFresh()
    await db.default.put('a', '1', { [name]: true })
    db.default.putSync('b', '2', { [name]: true })
    await db
      .batch()
      .put(db.default, 'c', '3')
      .write({ [name]: true })
    expect((await listOf(db.default.values())).map(text)).toEqual(['1', '2', '3'])
    const [, writes, syncs] = /Cumulative WAL: (\d+) writes, (\d+) syncs/.exec(
      db.property('rocksdb.stats') ?? '',
    ) as RegExpExecArray
    expect([writes, syncs]).toEqual([
      name === 'disableWAL' ? '0' : '3',
      name === 'sync' ? '3' : '0',
    ])
  })

  it('disableWAL keeps a write out of the WAL', async () => {
    const db = await openFresh()
    const written = () => {
      const logs = readdirSync(db.path).filter((name) => name.endsWith('.log'))
      return logs.reduce((sum, name) => sum + statSync(join(db.path, name)).size, 0)
    }
    db.default.putSync('a', 'x'.repeat(10_000), { disableWAL: true })
    await db.default.put('b', 'x'.repeat(10_000), { disableWAL: true })
    await db.flushWAL()
    expect(written()).toBe(0)
    await db.default.put('c', 'x'.repeat(10_000))
    await db.flushWAL()
    expect(written()).toBeGreaterThan(10_000)
    expect(await (await reopen(db)).default.count()).toBe(3)
  })

  it('sync without a WAL is refused', async () => {
    const db = await openFresh({ tuning: { walEnabled: false } })
    await expectRejection(db.default.put('a', '1', { sync: true }), 'ERR_INVALID_ARG_VALUE', 'sync')
    await db.default.put('a', '1', { sync: true, disableWAL: false })
    const both = { sync: true, disableWAL: true }
    expectThrow(() => db.default.putSync('a', '1', both), 'ERR_INVALID_ARG_VALUE', 'sync')
  })

  it('without the WAL, a close keeps what was written', async () => {
    const db = await openFresh({ tuning: { walEnabled: false }, columnFamilies: { other: {} } })
    await db.default.put('a', '1')
    db.columnFamily('other').putSync('b', '2')
    const again = await reopen(db)
    expect(text(again.default.getSync('a'))).toBe('1')
    expect(text(again.columnFamily('other').getSync('b'))).toBe('2')
  })
})

describe('the order of writes', () => {
  it('is that of the calls, however they are made', async () => {
    const db = await openFresh({ columnFamilies: MERGED })
    const lists = db.columnFamily('lists')
    const writes: Promise<unknown>[] = []
    const merge = (i: number) => {
      const value = String(i)
      if (i % 5 === 0) return lists.mergeSync('key', value)
      if (i % 5 === 1) return writes.push(lists.merge('key', value, { sync: i % 100 === 1 }))
      if (i % 5 === 2) return writes.push(db.batch().merge(lists, 'key', value).write())
      if (i % 5 === 3) return db.batch().merge(lists, 'key', value).writeSync()
      const operation = { type: 'merge', columnFamily: lists, key: 'key', operand: value } as const
      return writes.push(db.write([operation], { noSlowdown: i % 2 === 0 }))
    }
    const random = Array.from({ length: 2000 }, (_, i) => (i * 7919) % 2000)
    for (const i of random) merge(i)
    await Promise.all(writes)
    expect(await lists.get('key')).toBe(random.join())
  })

  it('holds for clear and deleteRange among puts', async () => {
    const db = await openFresh()
    const writes: Promise<unknown>[] = []
    for (let round = 0; round < 50; round++) {
      writes.push(db.default.put(`a${round}`, 'x'), db.default.put(`b${round}`, 'x'))
      if (round % 3 === 0) writes.push(db.default.clear())
      else if (round % 3 === 1) writes.push(db.default.deleteRange('b', 'c'))
      else writes.push(db.default.clear({ prefix: 'a' }, { sync: round === 20 }))
      writes.push(db.default.put(`after ${round}`, 'x'))
    }
    writes.push(db.default.clear())
    writes.push(db.default.put('last', 'x'))
    db.default.putSync('very last', 'x')
    await Promise.all(writes)
    expect([...db.default.keysSync()].map(text)).toEqual(['last', 'very last'])
  })

  it('a synced write is not overtaken by what came after it', async () => {
    const db = await openFresh()
    const synced = db.default.put('key', 'first', { sync: true })
    const plain = db.default.put('key', 'second')
    await Promise.all([synced, plain])
    expect(text(await db.default.get('key'))).toBe('second')
  })

  it('a refused write takes none of its neighbours with it', async () => {
    const db = await openFresh({ columnFamilies: { gone: {} } })
    const gone = db.columnFamily('gone')
    const other = await openFresh({ columnFamilies: { gone: {} } })
    await other.dropColumnFamily('gone')
    await db.dropColumnFamily('gone')
    const outcomes = await Promise.allSettled([
      db.default.put('a', '1', { sync: true }),
      gone.put('b', '2', { sync: true }),
      db.default.put('c', '3', { sync: true }),
      gone.put('d', '4', { sync: true }),
      db.default.put('e', '5', { sync: true }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect([...db.default.keysSync()].map(text)).toEqual(['a', 'c', 'e'])
  })

  it('10,000 writes of one turn all arrive', async () => {
    const db = await openFresh({ columnFamilies: { n: { key: 'uint32', value: 'uint32' } } })
    const n = db.columnFamily('n')
    await Promise.all(
      Array.from({ length: 10_000 }, (_, i) => n.put(i, i, { sync: i % 1000 === 0 })),
    )
    let next = 0
    for (const [key, value] of n.entriesSync()) {
      if (key !== next || value !== next) break
      next++
    }
    expect(next).toBe(10_000)
  })
})

describe('snapshots', () => {
  it('keep what they saw, for every kind of read', async () => {
    const db = await openFresh()
    for (const key of ['a', 'b', 'c']) db.default.putSync(key, 'old')
    const snapshot = db.snapshot()
    db.default.putSync('a', 'new')
    await db.default.delete('b')
    db.default.putSync('d', 'new')
    await db.flush()
    await db.compactRange(db.default)
    const options = { snapshot }
    const read = async (given?: typeof options) => [
      text(db.default.getSync('a', given)),
      text(await db.default.get('a', given)),
      db.default.hasSync('b', given),
      await db.default.has('b', given),
      (await db.default.getMany(['a', 'b', 'd'], given)).map(text).join(),
      db.default.getManySync(['a', 'b', 'd'], given).map(text).join(),
      db.default.getIntoSync('d', Buffer.alloc(9), given),
      await db.default.getInto('d', Buffer.alloc(9), given),
      [...db.default.keysSync(given)].map(text).join(),
      (await listOf(db.default.keys(given))).map(text).join(),
      await db.default.count(given),
      db.default.cursor(given).next(9).length,
    ]
    const old = ['old', 'old', true, true, 'old,old,', 'old,old,', -1, -1, 'a,b,c', 'a,b,c', 3, 3]
    const now = ['new', 'new', false, false, 'new,,new', 'new,,new', 3, 3, 'a,c,d', 'a,c,d', 3, 3]
    expect(await read(options)).toEqual(old)
    expect(await read()).toEqual(now)
    snapshot.release()
    snapshot.release()
    expect(snapshot.released).toBe(true)
    expect(db.intProperty('rocksdb.num-snapshots')).toBe(0)
  })

  it('are released by using, and by closing the database', async () => {
    const db = await openFresh()
    {
      using snapshot = db.snapshot()
      expect([snapshot.released, db.intProperty('rocksdb.num-snapshots')]).toEqual([false, 1])
    }
    expect(db.intProperty('rocksdb.num-snapshots')).toBe(0)
    const left = db.snapshot()
    await db.close()
    left.release()
  })

  it('released or of another database are refused', async () => {
    const db = await openFresh()
    const other = await openFresh()
    const released = db.snapshot()
    released.release()
    await expectRejection(db.default.get('a', { snapshot: released }), 'ERR_CLOSED', 'snapshot')
    const foreign = { snapshot: other.snapshot() }
    expectThrow(() => db.default.getSync('a', foreign), 'ERR_INVALID_ARG_VALUE', 'snapshot')
    expect(() => db.default.entriesSync({ snapshot: released })).toThrow(RocksDBError)
  })
})
