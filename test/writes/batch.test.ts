import type { Operation } from '../../lib/families'
import { KINDS } from '../../lib/types/kinds'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'

useTempDirectory()

const SPECS = {
  users: { key: 'utf8', value: 'json' },
  events: { key: 'uint64', value: 'utf8' },
  gone: {},
} as const

async function open() {
  const db = await openFresh({ columnFamilies: SPECS })
  return { db, users: db.columnFamily('users'), events: db.columnFamily('events') }
}

/** Every row of every family, as text. */
async function contents(db: Awaited<ReturnType<typeof open>>['db']): Promise<string[]> {
  const rows: string[] = []
  for (const name of db.columnFamilies().sort()) {
    for await (const [key, value] of db.columnFamily(name, {}).entries()) {
      rows.push(`${name} ${key.toString('latin1')}=${value}`)
    }
  }
  return rows
}

describe('a batch', () => {
  it('is committed at once over all families, in its order', async () => {
    const { db, users, events } = await open()
    events.putSync(1n, 'old')
    events.putSync(2n, 'old')
    const batch = db
      .batch()
      .put(users, 'ada', { born: 1815 })
      .put(users, 'bob', 1)
      .delete(users, 'bob')
      .deleteRange(events, 1n, 3n)
      .put(events, 2n, 'new')
      .put(db.default, 'key', Buffer.from('value'))
    expect(batch.count).toBe(6)
    await batch.write()
    const expected = [
      'default key=value',
      'events \0\0\0\0\0\0\0\x02=new',
      'users ada={"born":1815}',
    ]
    expect(await contents(db)).toEqual(expected)
    expect(await contents(await reopen(db, { columnFamilies: SPECS }))).toEqual(expected)
  })

  it('is empty after a write, and can be used again, before the write is done', async () => {
    const { db, events } = await open()
    const batch = db.batch()
    expect([batch.count, batch.byteLength]).toEqual([0, 12])
    const writes: Promise<void>[] = []
    for (let i = 0; i < 100; i++) {
      for (let j = 0; j < 50; j++) batch.put(events, BigInt(i * 50 + j), `${i} ${j}`)
      expect(batch.count).toBe(50)
      if (i % 10 === 9) batch.writeSync({ sync: i === 49 })
      else writes.push(batch.write({ sync: i === 3 }))
      expect([batch.count, batch.byteLength]).toEqual([0, 12])
    }
    await Promise.all(writes)
    expect(await events.count()).toBe(5000)
    expect(await events.get(4321n)).toBe('86 21')
  })

  it('has its operations again where its write failed, before what was added meanwhile', async () => {
    const { db, events, users } = await open()
    const gone = await db.createColumnFamily('passing')
    const batch = db.batch().put(events, 1n, 'one').put(gone, 'key', 'value')
    const { byteLength } = batch
    await db.dropColumnFamily('passing')
    const failing = batch.write({ sync: true })
    batch.put(users, 'ada', 1)
    await expectRejection(failing, 'ERR_DROPPED')
    expect(batch.count).toBe(3)
    await expectRejection(batch.write(), 'ERR_DROPPED')
    expect(() => batch.writeSync()).toThrow(expect.objectContaining({ code: 'ERR_DROPPED' }))
    expect(batch.count).toBe(3)
    expect(batch.byteLength).toBeGreaterThan(byteLength)
    expect(await contents(db)).toEqual([])
  })

  it('does not overwrite with what failed what it wrote meanwhile', async () => {
    const { db, events } = await open()
    const gone = await db.createColumnFamily('passing')
    for (const sync of [false, true]) {
      const batch = db.batch().put(events, 1n, 'older').put(gone, 'key', 'value')
      if (!sync) await db.dropColumnFamily('passing')
      const failing = batch.write({ sync: true })
      batch.put(events, 1n, 'newer')
      if (sync) batch.writeSync()
      else await Promise.all([batch.write(), expect(failing).rejects.toThrow('dropped')])
      await expectRejection(failing, 'ERR_DROPPED')
      expect(batch.count).toBe(0)
      expect(await events.get(1n)).toBe('newer')
    }
  })

  it('that is empty, or cleared, writes nothing', async () => {
    const { db, users } = await open()
    const batch = db.batch()
    await batch.write()
    batch.writeSync({ sync: true })
    await batch.put(users, 'a', 1).clear().write()
    await db.write([])
    db.writeSync([])
    expect(await contents(db)).toEqual([])
  })

  it('has its own copy of what was put in', async () => {
    const { db } = await open()
    const key = Buffer.from('key')
    const value = Buffer.alloc(100_000, 'v')
    const batch = db.batch().put(db.default, key, value)
    key.fill('x')
    value.fill('x')
    const writing = batch.write({ sync: true })
    batch.put(db.default, 'other', 'row')
    await writing
    expect((await db.default.get('key'))?.equals(Buffer.alloc(100_000, 'v'))).toBe(true)
    expect(await db.default.count()).toBe(1)
  })

  it('is as it was after an operation that was refused', async () => {
    const { db, users, events } = await open()
    const batch = db.batch().put(users, 'a', 1)
    const before = batch.byteLength
    expectThrow(() => batch.put(users, 'a\ud800', 1), 'ERR_INVALID_ARG_VALUE', '"key"')
    expectThrow(() => batch.put(users, 'b', undefined), 'ERR_INVALID_ARG_TYPE', '"value"')
    expectThrow(() => batch.put(events, -1n, 'x'), 'ERR_OUT_OF_RANGE', '"key"')
    expectThrow(() => batch.deleteRange(events, 2n, 1n), 'ERR_INVALID_ARG_VALUE', '"begin"')
    expectThrow(() => batch.delete(users, '\ud800'), 'ERR_INVALID_ARG_VALUE', '"key"')
    expectThrow(
      () => batch.put({} as never, 'a' as never, 1 as never),
      'ERR_INVALID_ARG_TYPE',
      'columnFamily',
    )
    expect([batch.count, batch.byteLength]).toEqual([1, before])
    batch.deleteRange(events, 2n, 2n)
    expect([batch.count, batch.byteLength]).toEqual([1, before])
    await batch.put(events, 7n, 'ok').write()
    expect((await contents(db)).length).toBe(2)
  })

  it('takes values of every length around those of its length fields', async () => {
    const { db, events } = await open()
    const lengths = [0, 1, 127, 128, 129, 16383, 16384, 2097151, 2097152].map((n) => n)
    const batch = db.batch()
    for (const length of lengths) {
      batch.put(events, BigInt(length), 'a'.repeat(length))
      // If the bytes of a text outnumber its characters, what was written after the length has to
      // move.
      batch.put(events, BigInt(length) + (1n << 32n), 'é'.repeat(length))
    }
    await batch.write()
    for (const length of lengths) {
      expect((await events.get(BigInt(length))) === 'a'.repeat(length)).toBe(true)
      expect((await events.get(BigInt(length) + (1n << 32n))) === 'é'.repeat(length)).toBe(true)
    }
  })
})

describe('nothing of a batch is applied', () => {
  it('where one of its families was dropped, and the rest of the database goes on', async () => {
    const { db, users, events } = await open()
    const gone = db.columnFamily('gone')
    const early = db.batch().put(users, 'a', 1).put(gone, 'b', '2').put(events, 3n, 'c')
    await db.dropColumnFamily(gone)
    const refused = expect.objectContaining({ code: 'ERR_DROPPED', outcome: 'notApplied' })
    await expect(early.write()).rejects.toEqual(refused)
    const late = () => db.batch().put(users, 'a', 1).put(gone, 'b', '2').put(events, 3n, 'c')
    await expect(late().write({ sync: true })).rejects.toEqual(refused)
    expect(() => late().writeSync()).toThrow(refused)
    const operations: Operation[] = [
      { type: 'put', columnFamily: users, key: 'a', value: 1 },
      { type: 'delete', columnFamily: gone, key: 'b' },
    ]
    await expect(db.write(operations)).rejects.toEqual(refused)
    expect(await contents(db)).toEqual([])
    await users.put('z', 26)
    expect(db.health).toBe('ok')
    expect(await contents(await reopen(db, { columnFamilies: SPECS }))).toEqual(['users z=26'])
  })

  it.each([0, 1, 5, 99])('where operation %i of its array is wrong', async (wrong) => {
    const { db, users } = await open()
    const list = (bad: unknown) =>
      Array.from({ length: 100 }, (_, i) =>
        i === wrong ? bad : { type: 'put', columnFamily: users, key: `k${i}`, value: i },
      ) as Operation[]
    const bads: [unknown, string][] = [
      [undefined, 'ERR_INVALID_ARG_TYPE'],
      [null, 'ERR_INVALID_ARG_TYPE'],
      ['put', 'ERR_INVALID_ARG_TYPE'],
      [{}, 'ERR_INVALID_ARG_VALUE'],
      [{ type: 'insert', columnFamily: users, key: 'a', value: 1 }, 'ERR_INVALID_ARG_VALUE'],
      [{ type: 'put', columnFamily: users, key: 'a' }, 'ERR_INVALID_ARG_TYPE'],
      [{ type: 'put', columnFamily: users, key: 'a\ud800', value: 1 }, 'ERR_INVALID_ARG_VALUE'],
      [{ type: 'put', columnFamily: 'users', key: 'a', value: 1 }, 'ERR_INVALID_ARG_TYPE'],
      [{ type: 'delete', columnFamily: users }, 'ERR_INVALID_ARG_TYPE'],
      [{ type: 'merge', columnFamily: users, key: 'a', operand: 1 }, 'ERR_NOT_SUPPORTED'],
      [{ type: 'deleteRange', columnFamily: users, begin: 'b', end: 'a' }, 'ERR_INVALID_ARG_VALUE'],
    ]
    for (const [bad, code] of bads) {
      await expectRejection(db.write(list(bad)), code)
      expectThrow(() => db.writeSync(list(bad)), code)
    }
    expect(await users.count()).toBe(0)
    await db.write(list({ type: 'delete', columnFamily: users, key: 'x' }))
    expect(await users.count()).toBe(99)
  })

  it('where a family is of another database', async () => {
    const { db, users } = await open()
    const other = await openFresh({ columnFamilies: { theirs: {} } })
    const theirs = other.columnFamily('theirs')
    expectThrow(() => db.batch().put(theirs, 'a', 'b'), 'ERR_INVALID_ARG_VALUE', 'same database')
    const operations: Operation[] = [
      { type: 'put', columnFamily: users, key: 'a', value: 1 },
      { type: 'put', columnFamily: theirs, key: 'a', value: 'b' },
    ]
    await expectRejection(db.write(operations), 'ERR_INVALID_ARG_VALUE', 'same database')
    expect(await users.count()).toBe(0)
  })
})

describe('the array form', () => {
  it.each(Object.values(KINDS))('has $type, which native takes for any family', async (kind) => {
    const specs = { joined: { mergeOperator: 'stringappend' } }
    const db = await openFresh({ columnFamilies: specs })
    const operation: object = { type: kind.type, [kind.secondName]: 'b', [kind.first]: 'a' }
    const columnFamily = db.columnFamily('joined')
    columnFamily.putSync('a', 'old')
    await db.write([{ ...operation, columnFamily } as Operation])
    const now = { put: 'b', merge: 'old,b', delete: undefined, deleteRange: undefined }[kind.type]
    expect(columnFamily.getSync('a')?.toString()).toBe(now)
    if (kind.type !== 'merge') await db.write([operation as Operation])
  })

  it('does what its operations say', async () => {
    const { db, users, events } = await open()
    for (let i = 0n; i < 10n; i++) events.putSync(i, 'old')
    users.putSync('bob', 1)
    const operations: Operation[] = [
      { type: 'put', columnFamily: users, key: 'ada', value: { born: 1815 } },
      { type: 'delete', columnFamily: users, key: 'bob' },
      { type: 'deleteRange', columnFamily: events, begin: 2n, end: 8n },
      { type: 'put', key: 'default', value: 'family' },
    ]
    await db.write(operations, { sync: true })
    expect(await listOf(events.keys())).toEqual([0n, 1n, 8n, 9n])
    expect(await listOf(users.entries())).toEqual([['ada', { born: 1815 }]])
    expect(String(db.default.getSync('default'))).toBe('family')
    db.writeSync([{ type: 'deleteRange', columnFamily: events, begin: 0n, end: 100n }])
    expect(await events.count()).toBe(0)
  })

  it('reads only what the operations themselves say', async () => {
    const { db, users } = await open()
    const prototype = Object.prototype as unknown as Record<string, unknown>
    prototype['columnFamily'] = users
    try {
      await db.write([{ type: 'put', key: 'a', value: '1' }])
    } finally {
      delete prototype['columnFamily']
    }
    expect(await users.count()).toBe(0)
    expect(await db.default.count()).toBe(1)
  })

  it('refuses properties that it does not know', async () => {
    const { db, users } = await open()
    const misspelt = { type: 'put', columFamily: users, key: 'a', value: '1' } as never
    await expectRejection(db.write([misspelt]), 'ERR_INVALID_ARG_VALUE', 'columFamily')
    expect(await contents(db)).toEqual([])
  })
})
