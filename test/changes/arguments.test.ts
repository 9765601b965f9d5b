/** Wrong arguments of the change feed, of watches and of places that are kept. */
import type { Database } from 'rocksdb-live'
import { tokenOf } from '../support/changes'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow } from '../support/expectations'

useTempDirectory()

type Given = Record<string, unknown>

const OPENERS: Record<string, (db: Database, options: never) => unknown> = {
  changes: (db, options) => db.changes(options),
  watch: (db, options) => db.default.watch(options),
}

describe.each(Object.keys(OPENERS))('%s', (name) => {
  const WRONG: [given: unknown, code: string, text: string][] = [
    [null, 'ERR_INVALID_ARG_TYPE', '"options"'],
    ['now', 'ERR_INVALID_ARG_TYPE', '"options"'],
    [{ from: 'now' }, 'ERR_INVALID_ARG_VALUE', '"from"'],
    [{ heartbeatMS: 1 }, 'ERR_INVALID_ARG_VALUE', 'did you mean "heartbeatMs"'],
    [{ maxBufferedBytes: '1' }, 'ERR_INVALID_ARG_TYPE', 'maxBufferedBytes'],
    [{ maxBufferedBytes: 0 }, 'ERR_OUT_OF_RANGE', 'maxBufferedBytes'],
    [{ maxBufferedBytes: 1.5 }, 'ERR_OUT_OF_RANGE', 'maxBufferedBytes'],
    [{ maxBufferedBytes: 2 ** 30 + 1 }, 'ERR_OUT_OF_RANGE', 'maxBufferedBytes'],
    [{ heartbeatMs: 0 }, 'ERR_OUT_OF_RANGE', 'heartbeatMs'],
    [{ heartbeatMs: Number.NaN }, 'ERR_OUT_OF_RANGE', 'heartbeatMs'],
    [{ heartbeatMs: 2 ** 31 }, 'ERR_OUT_OF_RANGE', 'heartbeatMs'],
    [{ heartbeatMs: 1n }, 'ERR_INVALID_ARG_TYPE', 'heartbeatMs'],
    [{ durable: 1 }, 'ERR_INVALID_ARG_TYPE', 'durable'],
    [{ signal: {} }, 'ERR_INVALID_ARG_TYPE', 'signal'],
  ]
  it.each(WRONG)('refuses %p at once', async (given, code, text) => {
    const db = await openFresh()
    expectThrow(() => OPENERS[name]?.(db, given as never), code, text)
  })
})

describe('changes', () => {
  const WRONG: [given: Given, code: string, text: string][] = [
    [{ after: 7 }, 'ERR_INVALID_ARG_TYPE', 'options.after'],
    [{ after: '' }, 'ERR_INVALID_ARG_VALUE', 'options.after'],
    [{ after: '\ud800' }, 'ERR_INVALID_ARG_VALUE', 'lone surrogate'],
    [{ families: 'users' }, 'ERR_INVALID_ARG_TYPE', 'options.families'],
    [{ families: [] }, 'ERR_INVALID_ARG_VALUE', 'must not be empty'],
    [{ families: [undefined] }, 'ERR_INVALID_ARG_TYPE', 'options.families'],
    [{ families: [null] }, 'ERR_INVALID_ARG_TYPE', 'columnFamily'],
    [{ families: [{}] }, 'ERR_INVALID_ARG_TYPE', 'columnFamily'],
    [{ families: ['defualt'] }, 'ERR_INVALID_ARG_VALUE', 'the nearest is "default"'],
  ]
  it.each(WRONG)('refuses %p at once', async (given, code, text) => {
    const db = await openFresh()
    expectThrow(() => db.changes(given as never), code, text)
  })

  it('refuses a family of another database', async () => {
    const [db, other] = [await openFresh(), await openFresh()]
    const families = [other.default]
    expectThrow(() => db.changes({ families }), 'ERR_INVALID_ARG_VALUE', 'of the same database')
  })

  it('reads its options once', async () => {
    const db = await openFresh()
    let reads = 0
    const options = {
      get after() {
        reads++
        return 'now'
      },
    }
    const feed = db.changes(options)
    const next = feed.next()
    await feed.return()
    await next
    expect(reads).toBe(1)
  })
})

describe('watch', () => {
  it.each([
    [{ initial: 1 }, 'ERR_INVALID_ARG_TYPE', 'options.initial'],
    [{ after: 'now' }, 'ERR_INVALID_ARG_VALUE', '"after"'],
    [{ limit: 1 }, 'ERR_INVALID_ARG_VALUE', '"limit"'],
    [{ reverse: true }, 'ERR_INVALID_ARG_VALUE', '"reverse"'],
    [{ gte: 'a' }, 'ERR_INVALID_ARG_TYPE', 'options.gte'],
    [{ prefix: 1n }, 'ERR_INVALID_ARG_VALUE', 'options.prefix'],
  ])('refuses %p at once', async (given, code, text) => {
    const db = await openFresh({ columnFamilies: { events: { key: 'uint64' } } })
    expectThrow(() => db.columnFamily('events').watch(given as never), code, text)
  })
})

describe('places that are kept', () => {
  it('are listed, moved and given up', async () => {
    const db = await openFresh({ tuning: { changesRetainMb: 16 } })
    const token = await tokenOf(db)
    expect(await db.retainedChanges()).toEqual([])
    await db.retainChanges('search', { after: token, maxBytes: 1 << 30 })
    await db.retainChanges('é'.repeat(127), { maxAgeMs: 1000 })
    const all = await db.retainedChanges()
    const search = all.find(({ name }) => name === 'search')
    expect(all).toHaveLength(2)
    expect(search).toEqual({
      name: 'search',
      token,
      lagBytes: expect.any(Number),
      ageSeconds: expect.any(Number),
      maxBytes: 1 << 30,
      maxAgeMs: undefined,
      lost: false,
    })
    await db.default.put('k', 'v')
    const later = await tokenOf(db)
    await db.retainChanges('search', { after: later })
    expect(await db.retainedChanges()).toContainEqual(
      expect.objectContaining({ name: 'search', token: later, maxBytes: undefined }),
    )
    expect([await db.releaseChanges('search'), await db.releaseChanges('search')]).toEqual([
      true,
      false,
    ])
    expect(await db.retainedChanges()).toHaveLength(1)
  })

  it('are still there after a reopen', async () => {
    let db = await openFresh({ tuning: { changesRetainMb: 16 } })
    const token = await tokenOf(db)
    await db.retainChanges('search', { after: token, maxAgeMs: 1e9 })
    db = await reopen(db)
    expect(await db.retainedChanges()).toEqual([
      expect.objectContaining({ name: 'search', token, maxAgeMs: 1e9, lost: false }),
    ])
  })

  it.each([
    [undefined, undefined, 'ERR_INVALID_ARG_TYPE', '"name"'],
    [7, undefined, 'ERR_INVALID_ARG_TYPE', '"name"'],
    ['', undefined, 'ERR_INVALID_ARG_VALUE', '"name"'],
    ['\udc00', undefined, 'ERR_INVALID_ARG_VALUE', 'lone surrogate'],
    ['é'.repeat(128), undefined, 'ERR_INVALID_ARG_VALUE', '255 bytes'],
    ['a', { after: 1 }, 'ERR_INVALID_ARG_TYPE', 'options.after'],
    ['a', { maxBytes: 0 }, 'ERR_OUT_OF_RANGE', 'maxBytes'],
    ['a', { maxBytes: 1.5 }, 'ERR_OUT_OF_RANGE', 'maxBytes'],
    ['a', { maxAgeMs: -1 }, 'ERR_OUT_OF_RANGE', 'maxAgeMs'],
    ['a', { maxAgeMs: '1' }, 'ERR_INVALID_ARG_TYPE', 'maxAgeMs'],
    ['a', { maxage: 1 }, 'ERR_INVALID_ARG_VALUE', '"maxage"'],
    ['a', { after: 'nowhere' }, 'ERR_INVALID_ARGUMENT', 'retainChanges'],
  ])('refuse %p, %p', async (name, options, code, text) => {
    const db = await openFresh({ tuning: { changesRetainMb: 16 } })
    await expectRejection(db.retainChanges(name as never, options as never), code, text)
    expect(await db.retainedChanges()).toEqual([])
  })

  it('are refused where no WAL is kept, by a message that says how', async () => {
    const db = await openFresh()
    await expectRejection(db.retainChanges('a'), 'ERR_NOT_SUPPORTED', 'changesRetainMb')
  })

  it('refuse a name that is none to give up', async () => {
    const db = await openFresh({ tuning: { changesRetainMb: 16 } })
    await expectRejection(db.releaseChanges(undefined as never), 'ERR_INVALID_ARG_TYPE', '"name"')
    await expectRejection(db.releaseChanges(''), 'ERR_INVALID_ARG_VALUE', '"name"')
  })
})
