import { ColumnFamily, Database } from 'rocksdb-live'
import { openAt, openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'

useTempDirectory()

const text = (bytes: Buffer | undefined) => bytes?.toString()

describe('creating', () => {
  it('makes a family that is there after a reopen, with its codecs', async () => {
    const db = await openFresh()
    const users = await db.createColumnFamily('users', { key: 'utf8', value: 'json' })
    expect(users).toBeInstanceOf(ColumnFamily)
    expect(users.name).toBe('users')
    await users.put('ada', { born: 1815 })
    expect(db.columnFamilies()).toEqual(['default', 'users'])
    expect(await db.columnFamily<string, unknown>('users').get('ada')).toEqual({ born: 1815 })
    const again = await reopen(db)
    expect(text(again.columnFamily('users').getSync('ada'))).toBe('{"born":1815}')
    const json = again.columnFamily('users', { key: 'utf8', value: 'json' })
    expect(json.getSync('ada')).toEqual({ born: 1815 })
  })

  it.each(['ünïcödé 🦆', ' ', '__proto__', 'constructor', 'a/b', 'x'.repeat(1000), 'line\nbreak'])(
    'takes the name %j',
    async (name) => {
      const db = await openFresh()
      const family = await db.createColumnFamily(name, { value: 'utf8' })
      await family.put('a', name)
      expect(db.columnFamilies()).toEqual(['default', name])
      expect(Object.keys(db.options().columnFamilies).sort()).toEqual(['default', name].sort())
      const again = await reopen(db, { columnFamilies: Object.fromEntries([[name, {}]]) })
      expect(text(again.columnFamily(name).getSync('a'))).toBe(name)
      expect((await Database.listColumnFamilies(db.path)).sort()).toEqual(['default', name].sort())
    },
  )

  it('refuses names that cannot be', async () => {
    const db = await openFresh()
    const names: [unknown, string][] = [
      ['', 'ERR_INVALID_ARG_VALUE'],
      ['a\0b', 'ERR_INVALID_ARG_VALUE'],
      ['\ud800', 'ERR_INVALID_ARG_VALUE'],
      [undefined, 'ERR_INVALID_ARG_TYPE'],
      [null, 'ERR_INVALID_ARG_TYPE'],
      [7, 'ERR_INVALID_ARG_TYPE'],
      [Buffer.from('users'), 'ERR_INVALID_ARG_TYPE'],
    ]
    for (const [name, code] of names) {
      await expectRejection(db.createColumnFamily(name as string), code, '"name"')
      expectThrow(() => db.columnFamily(name as string), code, '"name"')
    }
    await expectRejection(
      db.createColumnFamily('default'),
      'ERR_INVALID_ARGUMENT',
      'createColumnFamily',
    )
    await db.createColumnFamily('a')
    await expectRejection(db.createColumnFamily('a'), 'ERR_INVALID_ARGUMENT', db.path)
    expect(db.columnFamilies()).toEqual(['default', 'a'])
    const opening = Database.open(`${db.path}-other`, { columnFamilies: { '': {} } })
    await expectRejection(opening, 'ERR_INVALID_ARG_VALUE', '"name"')
  })

  it('with wrong options makes nothing', async () => {
    const db = await openFresh()
    const wrong: [object, string][] = [
      [{ key: 'utf16' }, 'ERR_INVALID_ARG_VALUE'],
      [{ value: {} }, 'ERR_INVALID_ARG_TYPE'],
      [{ codec: 'json' }, 'ERR_INVALID_ARG_VALUE'],
      [{ tuning: { compresion: 'lz4' } }, 'ERR_INVALID_TUNING'],
      [{ tuning: { maxBackgroundJobs: 2 } }, 'ERR_INVALID_TUNING'],
      [{ rocksdb: { columnFamily: { no_such_option: 1 } } }, 'ERR_INVALID_ARGUMENT'],
    ]
    for (const [options, code] of wrong) {
      await expectRejection(db.createColumnFamily('a', options as never), code)
    }
    expect(db.columnFamilies()).toEqual(['default'])
  })

  it('of the same name at the same time happens once', async () => {
    const db = await openFresh()
    const all = Array.from({ length: 5 }, () => db.createColumnFamily('a'))
    const outcomes = (await Promise.allSettled(all)).map(({ status }) => status).sort()
    expect(outcomes).toEqual(['fulfilled', ...Array(4).fill('rejected')])
    expect(db.columnFamilies()).toEqual(['default', 'a'])
  })
})

describe('dropping', () => {
  it('removes the family and its rows, by name or by itself', async () => {
    const db = await openFresh({ columnFamilies: { a: {}, b: {} } })
    db.columnFamily('a').putSync('x', '1')
    await db.dropColumnFamily('a')
    await db.dropColumnFamily(db.columnFamily('b'))
    expect(db.columnFamilies()).toEqual(['default'])
    expectThrow(() => db.columnFamily('a'), 'ERR_INVALID_ARG_VALUE', '"name"')
    expect(await Database.listColumnFamilies(db.path)).toEqual(['default'])
    expect((await reopen(db)).columnFamilies()).toEqual(['default'])
  })

  it('makes every use of the family fail with ERR_DROPPED', async () => {
    const db = await openFresh({ columnFamilies: { a: {} } })
    const a = db.columnFamily('a')
    a.putSync('k', '1')
    const rows = a.entriesSync()
    await db.dropColumnFamily(a)
    const target = Buffer.alloc(8)
    const promises: [string, () => Promise<unknown>][] = [
      ['get', () => a.get('k')],
      ['getMany', () => a.getMany(['k'])],
      ['getInto', () => a.getInto('k', target)],
      ['has', () => a.has('k')],
      ['put', () => a.put('k', '2')],
      ['put synced', () => a.put('k', '2', { sync: true })],
      ['delete', () => a.delete('k')],
      ['deleteRange', () => a.deleteRange('a', 'z')],
      ['merge', () => a.merge('k', '2')],
      ['clear', () => a.clear()],
      ['count', () => a.count()],
      ['entries', () => listOf(a.entries())],
      ['pages', () => listOf(a.pages())],
      ['flush', () => db.flush(a)],
      ['compactRange', () => db.compactRange(a)],
      ['drop', () => db.dropColumnFamily(a)],
    ]
    for (const [name, call] of promises) {
      await expect([name, await call().catch((error) => error.code)]).toEqual([name, 'ERR_DROPPED'])
    }
    const calls: (() => unknown)[] = [
      () => a.getSync('k'),
      () => a.getManySync(['k']),
      () => a.getIntoSync('k', target),
      () => a.hasSync('k'),
      () => a.putSync('k', '2'),
      () => a.deleteSync('k'),
      () => a.deleteRangeSync('a', 'z'),
      () => a.mergeSync('k', '2'),
      () => [...a.entriesSync()],
      () => [...a.pagesSync()],
      () => a.cursor(),
      () => [...rows],
      () => db.property('rocksdb.stats', a),
      () => db.intProperty('rocksdb.estimate-num-keys', a),
      () => db.mapProperty('rocksdb.cfstats', a),
      () => db.approximateSize(a),
    ]
    for (const call of calls) expectThrow(call, 'ERR_DROPPED', '"a"')
    await db.default.put('k', 'lives')
    expect(db.health).toBe('ok')
  })

  it('of the default family is refused', async () => {
    const db = await openFresh()
    await expectRejection(db.dropColumnFamily('default'), 'ERR_INVALID_ARGUMENT', 'default')
    await expectRejection(db.dropColumnFamily(db.default), 'ERR_INVALID_ARGUMENT', 'default')
    await db.default.put('a', '1')
  })

  it('of what is none is refused', async () => {
    const db = await openFresh()
    const other = await openFresh({ columnFamilies: { a: {} } })
    await expectRejection(db.dropColumnFamily('a'), 'ERR_INVALID_ARG_VALUE', '"name"')
    const foreign = db.dropColumnFamily(other.columnFamily('a'))
    await expectRejection(foreign, 'ERR_INVALID_ARG_VALUE', 'same database')
    for (const wrong of [null, {}, 1, db, []] as never[]) {
      await expectRejection(db.dropColumnFamily(wrong), 'ERR_INVALID_ARG_TYPE', 'columnFamily')
    }
  })

  it('and creating again under the same name gives an empty family', async () => {
    const db = await openFresh({ columnFamilies: { a: { value: 'utf8' } } })
    const old = db.columnFamily('a')
    old.putSync('k', 'old')
    for (let round = 0; round < 3; round++) {
      await db.dropColumnFamily('a')
      const fresh = await db.createColumnFamily('a', { value: 'utf8' })
      expect(await fresh.get('k')).toBeUndefined()
      await fresh.put('k', `round ${round}`)
      expect(await db.columnFamily('a', { value: 'utf8' }).get('k')).toBe(`round ${round}`)
      await expectRejection(old.get('k'), 'ERR_DROPPED')
    }
    const again = await reopen(db)
    expect(text(again.columnFamily('a').getSync('k'))).toBe('round 2')
  })

  it('lets a cursor that is open go on, or end with ERR_DROPPED', async () => {
    const db = await openFresh({ columnFamilies: { a: { key: 'uint32' } } })
    const a = db.columnFamily('a')
    for (let i = 0; i < 5000; i++) a.putSync(i, 'x')
    const cursor = a.cursor()
    expect(cursor.next(10).length).toBe(10)
    await db.dropColumnFamily(a)
    try {
      expect(cursor.next(100).map(([key]) => key)).toEqual(
        Array.from({ length: 100 }, (_, i) => i + 10),
      )
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_DROPPED' })
    }
    cursor.close()
  })
})

describe('another Database on the same directory', () => {
  it('sees families that are made and dropped here', async () => {
    const here = await openFresh()
    const there = await openAt(here.path)
    const made = await here.createColumnFamily('a')
    made.putSync('k', '1')
    expect(there.columnFamilies()).toEqual(['default', 'a'])
    const theirs = there.columnFamily('a')
    expect(text(theirs.getSync('k'))).toBe('1')
    await here.dropColumnFamily('a')
    expect(there.columnFamilies()).toEqual(['default'])
    await expectRejection(theirs.get('k'), 'ERR_DROPPED', '"a"')
    expectThrow(() => theirs.putSync('k', '2'), 'ERR_DROPPED', '"a"')
    expectThrow(() => there.columnFamily('a'), 'ERR_INVALID_ARG_VALUE')
    await here.createColumnFamily('a')
    expect(there.columnFamily('a').getSync('k')).toBeUndefined()
  })
})

describe('columnFamily', () => {
  it('hints at a name that is meant, and takes codecs for this object alone', async () => {
    const db = await openFresh({ columnFamilies: { users: { value: 'json' } } })
    expectThrow(() => db.columnFamily('user' as 'users'), 'ERR_INVALID_ARG_VALUE', '"users"')
    expect(db.columnFamily('users')).toBe(db.columnFamily('users'))
    const raw = db.columnFamily('users', { value: 'buffer' })
    raw.putSync('a', Buffer.from('[1]'))
    expect(db.columnFamily('users').getSync('a')).toEqual([1])
    expect(db.columnFamily('default')).toBe(db.default)
  })

  it('gives the default family the codecs that it was opened with', async () => {
    const db = await openFresh({ columnFamilies: { default: { key: 'uint32', value: 'json' } } })
    await db.default.put(7, { seven: true })
    await db.write([{ type: 'put', key: 8, value: [8] }])
    expect(await listOf(db.default.entries())).toEqual([
      [7, { seven: true }],
      [8, [8]],
    ])
  })
})
