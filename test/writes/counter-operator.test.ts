/** The merge operator of counters: which openings take it, and what it does elsewhere. */
import { counter, Database, type OpenOptions } from 'rocksdb-live'
import { backup, directory, restore, startBackups } from 'rocksdb-live/backup'
import { openAt, openFresh, reopen, track, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow } from '../support/expectations'

const at = useTempDirectory()

const COUNTERS = { columnFamilies: { n: { key: 'utf8', value: counter() } } } as const
const CODECS = COUNTERS.columnFamilies.n
const MAX = 2n ** 63n - 1n
const OVERFLOW = ['ERR_OUT_OF_RANGE', 'the counter with key "k"'] as const
const NAMES = /rocksdb-live\.counter.*uint64add|(uint64add|UInt64Add).*rocksdb-live\.counter/s

describe('the operator', () => {
  const ADD = { columnFamilies: { n: { key: 'utf8', mergeOperator: 'uint64add' } } } as const

  it('is taken over by a plain opening, whose values are bytes', async () => {
    const first = await openFresh(COUNTERS)
    await first.columnFamily('n').increment('k', -2n)
    const plain = await reopen(first)
    const bytes = Buffer.from('7ffffffffffffffe', 'hex')
    expect(await plain.columnFamily('n').get('k')).toEqual(bytes)
    const n = plain.columnFamily('n', CODECS)
    await n.increment('k', 3n)
    expect(await n.get('k')).toBe(1n)
    for (const wrong of [Buffer.alloc(7), Buffer.alloc(9), 'text']) {
      await expectRejection(
        plain.columnFamily('n').merge('k', wrong),
        'ERR_INVALID_ARGUMENT',
        'rocksdb-live.counter takes 8 bytes',
      )
    }
    const again = await reopen(plain, {
      columnFamilies: { n: { ...CODECS, mergeOperator: 'rocksdb-live.counter' } },
    })
    expect(await again.columnFamily('n').get('k')).toBe(1n)
  })

  it.each([
    ['uint64add over counters', COUNTERS, ADD],
    ['counters over uint64add', ADD, COUNTERS],
  ] as [string, OpenOptions, OpenOptions][])('%s is refused, naming both', async (_, one, two) => {
    const db = await openAt(at('db'), one)
    // While it is open, and afterwards, in every mode.
    await expect(Database.open(at('db'), two)).rejects.toMatchObject({
      code: 'ERR_OPTIONS_MISMATCH',
      message: expect.stringMatching(NAMES),
    })
    await db.close()
    for (const mode of ['read-write', 'read-only', { secondary: at('secondary') }] as const) {
      await expect(Database.open(at('db'), { ...two, mode })).rejects.toMatchObject({
        code: 'ERR_OPTIONS_MISMATCH',
        message: expect.stringMatching(NAMES),
      })
    }
  })

  it('is no other one that is named beside counter()', async () => {
    const named = { n: { value: counter(), mergeOperator: 'uint64add' } }
    await expectRejection(
      openFresh({ columnFamilies: named }),
      'ERR_INVALID_ARG_VALUE',
      'counter()',
    )
    const merge_operator = 'stringappend'
    const passed = { n: { value: counter(), rocksdb: { columnFamily: { merge_operator } } } }
    await expectRejection(
      openFresh({ columnFamilies: passed }),
      'ERR_INVALID_ARG_VALUE',
      'counter()',
    )
    const all = { ...COUNTERS, rocksdb: { columnFamily: { merge_operator } } }
    await expectRejection(openFresh(all), 'ERR_INVALID_ARG_VALUE', 'counter()')
    const db = await openFresh()
    await expectRejection(db.createColumnFamily('n', named.n), 'ERR_INVALID_ARG_VALUE', 'counter()')
    const made = await db.createColumnFamily('n', { key: 'utf8', value: counter() })
    await made.increment('k')
    expect(await made.get('k')).toBe(1n)
    const key = counter() as never
    await expectRejection(openFresh({ columnFamilies: { n: { key } } }), 'ERR_INVALID_ARG_VALUE')
  })

  it('is asked for where a family gets its codec later', async () => {
    const db = await openFresh({ columnFamilies: { ...ADD.columnFamilies, plain: {} } })
    const codecs = { key: 'utf8', value: counter() } as const
    expectThrow(() => db.columnFamily('n', codecs), 'ERR_OPTIONS_MISMATCH', 'UInt64AddOperator')
    expectThrow(() => db.columnFamily('plain', codecs), 'ERR_OPTIONS_MISMATCH', 'none')
  })

  it('fails reads of what is no counter, and says so', async () => {
    const first = await openFresh({ columnFamilies: { n: { key: 'utf8', value: 'utf8' } } })
    await first.columnFamily('n').put('text', 'abc')
    const db = await reopen(first, COUNTERS)
    const n = db.columnFamily('n')
    await expectRejection(n.get('text'), 'ERR_CORRUPTION', 'not int64')
    await n.increment('text')
    await n.put('k', MAX)
    await n.increment('k')
    for (const _ of [1, 2]) {
      await expectRejection(n.get('text'), 'ERR_CORRUPTION', 'key "text"')
      await expectRejection(n.get('k'), ...OVERFLOW)
      await db.flush()
    }
  })
})

describe('elsewhere', () => {
  it('a database in memory', async () => {
    const db = track(await Database.open(Database.memory('counters'), COUNTERS))
    await db.columnFamily('n').increment('k', 2n)
    expect(await db.columnFamily('n').get('k')).toBe(2n)
  })

  it('a secondary and a reader', async () => {
    const db = await openAt(at('db'), COUNTERS)
    const n = db.columnFamily('n')
    await n.increment('k', 2n)
    const secondary = await openAt(at('db'), { ...COUNTERS, mode: { secondary: at('secondary') } })
    const plain = await openAt(at('db'), { mode: 'read-only' })
    expect(await secondary.columnFamily('n').get('k')).toBe(2n)
    expect(await plain.columnFamily('n', CODECS).get('k')).toBe(2n)
    await n.increment('k', MAX)
    await secondary.catchUp()
    await expectRejection(secondary.columnFamily('n').get('k'), ...OVERFLOW)
    await expectRejection(secondary.columnFamily('n').increment('k'), 'ERR_READ_ONLY')
    await n.increment('k', -MAX)
    await secondary.catchUp()
    expect(await secondary.columnFamily('n').get('k')).toBe(2n)
  })

  it('a backup, and a repaired database', async () => {
    const db = await openAt(at('db'), COUNTERS)
    const n = db.columnFamily('n')
    await n.put('k', MAX)
    await n.increment('k')
    await db.flush()
    await n.increment('other', -1n)
    await backup(db, directory(at('target')))
    await restore(directory(at('target')), at('restored'))
    await db.close()
    await Database.repair(at('db'), { force: true })
    for (const path of ['restored', 'db']) {
      const again = await openAt(at(path), COUNTERS)
      const counters = again.columnFamily('n')
      await expectRejection(counters.get('k'), ...OVERFLOW)
      await counters.increment('k', -3n)
      expect(await counters.getMany(['k', 'other'])).toEqual([MAX - 2n, -1n])
    }
  })

  it('a database restored to a moment, whose counters were made while it was backed up', async () => {
    const db = await openAt(at('db'), { tuning: { changesRetainMb: 8 } })
    const stream = await startBackups(db, directory(at('target')))
    const n = await db.createColumnFamily('n', CODECS)
    for (let by = 1n; by <= 10n; by++) await n.increment('k', by)
    await n.increment('over', MAX)
    await n.increment('over')
    await stream.flushed()
    await stream.stop()
    await restore(directory(at('target')), at('restored'))
    const again = await openAt(at('restored'), COUNTERS)
    const counters = again.columnFamily('n')
    expect(await counters.get('k')).toBe(55n)
    await counters.increment('over', -1n)
    expect(await counters.get('over')).toBe(MAX)
  })

  it('the feed gives increments, and a watch their sums', async () => {
    const db = await openFresh()
    await using feed = db.changes({ heartbeatMs: 5 })
    expect((await feed.next()).value?.operations).toEqual([])
    const n = await db.createColumnFamily('n', CODECS)
    const watch = n.watch({ initial: true })
    expect((await watch.next()).value).toMatchObject({ type: 'ready' })
    await n.increment('k', -3n)
    expect((await watch.next()).value).toMatchObject({ type: 'put', key: 'k', value: -3n })
    await db.batch().increment(n, 'k', 5n).put(n, 'k', 1n).write()
    await watch.return()
    const seen: unknown[] = []
    for await (const { operations } of feed) {
      seen.push(...operations)
      if (seen.length === 4) break
    }
    expect(seen).toEqual([
      { type: 'createFamily', family: 'n', mergeOperator: 'rocksdb-live.counter' },
      { type: 'merge', family: 'n', key: 'k', operand: -3n },
      { type: 'merge', family: 'n', key: 'k', operand: 5n },
      { type: 'put', family: 'n', key: 'k', value: 1n },
    ])
  })
})
