/** `db.changes`: whole commits in their order, decoded by family, from any place. */
import { Readable } from 'node:stream'
import { ChangesGapError } from 'rocksdb-live'
import { take, tokenOf } from '../support/changes'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { coded, expectRejection } from '../support/expectations'

useTempDirectory()

const SPECS = {
  users: { key: 'utf8', value: 'json' },
  events: { key: 'uint64', value: 'utf8' },
  sums: { key: 'utf8', value: 'buffer', mergeOperator: 'uint64add' },
} as const

const open = () => openFresh({ columnFamilies: SPECS })

const one = () => {
  const bytes = Buffer.alloc(8)
  bytes[0] = 1
  return bytes
}

describe('db.changes', () => {
  it('gives each commit whole, with operations as the codecs of their families have them', async () => {
    const db = await open()
    const after = await tokenOf(db)
    const users = db.columnFamily('users')
    const events = db.columnFamily('events')
    const sums = db.columnFamily('sums')
    await db.write([
      { type: 'put', columnFamily: users, key: 'ada', value: { name: 'Ada' } },
      { type: 'delete', columnFamily: users, key: 'bob' },
      { type: 'merge', columnFamily: sums, key: 'n', operand: one() },
    ])
    await events.deleteRange(1n, 9n)
    await db.default.put('k', 'v')
    await using feed = db.changes({ after })
    const changes = await take(feed, 3)
    expect(changes.map(({ operations }) => operations)).toEqual([
      [
        { type: 'put', family: 'users', key: 'ada', value: { name: 'Ada' } },
        { type: 'delete', family: 'users', key: 'bob' },
        { type: 'merge', family: 'sums', key: 'n', operand: one() },
      ],
      [{ type: 'deleteRange', family: 'events', begin: 1n, end: 9n }],
      [{ type: 'put', family: 'default', key: Buffer.from('k'), value: Buffer.from('v') }],
    ])
    const sequences = changes.map(({ sequence }) => sequence)
    expect(sequences[1]).toBe((sequences[0] as bigint) + 1n)
    expect(sequences[2]).toBe((sequences[1] as bigint) + 1n)
    for (const { timeMs } of changes) expect(timeMs === undefined || timeMs > 1e12).toBe(true)
  })

  it('begins now by default: what was before is not in it, all that comes is', async () => {
    const db = await open()
    await db.default.put('before', '')
    const feed = db.changes({ heartbeatMs: 5 })
    const [beat] = await take(feed, 1)
    expect(beat?.operations).toEqual([])
    await db.default.put('k', 'v')
    let change = beat
    while (change?.operations.length === 0) [change] = await take(feed, 1)
    expect(change?.operations).toEqual([textPut('k')])
    await feed.return()
  })

  it('waits for what comes, and answers calls of next in their order', async () => {
    const db = await open()
    const users = db.columnFamily('users')
    await users.put('before', 0)
    const feed = db.changes({ families: ['users'], after: await tokenOf(db) })
    const first = feed.next()
    const second = feed.next()
    await users.put('one', 1)
    await users.put('two', 2)
    const keys = [await first, await second].map(({ value }) => value?.operations)
    expect(keys).toEqual([
      [{ type: 'put', family: 'users', key: 'one', value: 1 }],
      [{ type: 'put', family: 'users', key: 'two', value: 2 }],
    ])
    await feed.return()
  })

  it('goes on behind a token, in this opening and the next', async () => {
    const options = { columnFamilies: SPECS, tuning: { changesRetainMb: 16 } }
    let db = await openFresh(options)
    const users = db.columnFamily('users')
    const after = await tokenOf(db)
    for (let n = 0; n < 5; n++) await users.put(`k${n}`, n)
    let token: string
    {
      await using feed = db.changes({ after })
      token = (await take(feed, 3)).at(-1)?.token as string
    }
    db = await reopen(db, options)
    await db.columnFamily('users').put('k5', 5)
    await using feed = db.changes({ after: token, families: ['users'] })
    const values = (await take(feed, 3)).flatMap(({ operations }) =>
      operations.map((operation) => operation.type === 'put' && operation.value),
    )
    expect(values).toEqual([3, 4, 5])
  })

  it('says that changes are gone, where the WAL was not kept', async () => {
    let db = await open()
    const after = await tokenOf(db)
    await db.default.put('k', 'v')
    db = await reopen(db, { columnFamilies: SPECS })
    const error = await db
      .changes({ after })
      .next()
      .catch((reason) => reason)
    expect(error).toBeInstanceOf(ChangesGapError)
    expect(error).toMatchObject({
      code: 'ERR_CHANGES_GAP',
      message: expect.stringContaining('wanted'),
    })
    expect(error.oldest).toBeGreaterThan(error.wanted)
    expect(error.wanted).toBeGreaterThan(0n)
  })

  it('gives commits of one page one by one, whatever is fetched at a time', async () => {
    const db = await open()
    const after = await tokenOf(db)
    for (let n = 0; n < 50; n++) await db.default.put(`k${n}`, Buffer.alloc(1000, n))
    for (const maxBufferedBytes of [1, 2500, 1 << 30]) {
      await using feed = db.changes({ after, maxBufferedBytes })
      const keys = (await take(feed, 50)).map(({ operations: [operation] }) => operation)
      expect(keys).toEqual(
        Array.from({ length: 50 }, (_, n) => ({
          type: 'put',
          family: 'default',
          key: Buffer.from(`k${n}`),
          value: Buffer.alloc(1000, n),
        })),
      )
    }
  })

  it('keeps a token that is read late, and every field is shown', async () => {
    const db = await open()
    const feed = db.changes({ after: await tokenOf(db) })
    await db.default.put('k', 'v')
    const { value: change } = await feed.next()
    await feed.return()
    expect(Object.keys(change as object)).toEqual(['token', 'sequence', 'timeMs', 'operations'])
    const token = change?.token
    await db.close()
    expect(change?.token).toBe(token)
  })
})

describe('families', () => {
  it('leaves out operations on others, and commits without any left', async () => {
    const db = await open()
    const [users, events] = [db.columnFamily('users'), db.columnFamily('events')]
    const after = await tokenOf(db)
    await events.put(1n, 'one')
    await db.write([
      { type: 'put', columnFamily: users, key: 'ada', value: 1 },
      { type: 'put', columnFamily: events, key: 2n, value: 'two' },
    ])
    await using feed = db.changes({ after, families: ['users'] })
    const [change] = await take(feed, 1)
    expect(change?.operations).toEqual([{ type: 'put', family: 'users', key: 'ada', value: 1 }])
  })

  it('reads a family that is given as itself with its own codecs', async () => {
    const db = await open()
    const raw = db.columnFamily('users', { key: 'buffer', value: 'utf8' })
    const after = await tokenOf(db)
    await db.columnFamily('users').put('ada', { n: 1 })
    await using feed = db.changes({ after, families: [raw] })
    const [change] = await take(feed, 1)
    expect(change?.operations).toEqual([
      { type: 'put', family: 'users', key: Buffer.from('ada'), value: '{"n":1}' },
    ])
  })

  it('fails where bytes are not of the codec, and is done then', async () => {
    const db = await open()
    const after = await tokenOf(db)
    await db.columnFamily('users', { key: 'buffer', value: 'buffer' }).put('ada', '{')
    const feed = db.changes({ after })
    await expectRejection(feed.next(), 'ERR_CORRUPTION', 'changes of')
    expect(await feed.next()).toEqual({ done: true, value: undefined })
  })

  it('tells of families that are made and dropped, in order with the commits', async () => {
    const db = await open()
    const feed = db.changes({ after: await tokenOf(db) })
    await db.default.put('k', 'v')
    await feed.next()
    const made = await db.createColumnFamily('made', { key: 'utf8', value: 'uint32' })
    await made.put('a', 7)
    const [created, put] = await take(feed, 2)
    expect(created?.operations).toEqual([{ type: 'createFamily', family: 'made' }])
    expect(put?.operations).toEqual([{ type: 'put', family: 'made', key: 'a', value: 7 }])
    await made.put('b', 8)
    await db.dropColumnFamily('made')
    const [typed, dropped] = await take(feed, 2)
    expect(typed?.operations).toEqual([{ type: 'put', family: 'made', key: 'b', value: 8 }])
    expect(dropped?.operations).toEqual([{ type: 'dropFamily', family: 'made' }])
    await feed.return()
  })

  it('gives bytes of a family that was dropped before, and none of it where families are named', async () => {
    const db = await open()
    const after = await tokenOf(db)
    const old = db.columnFamily('events')
    await old.put(7n, 'seven')
    await old.deleteRange(1n, 2n)
    await db.dropColumnFamily('events')
    const fresh = await db.createColumnFamily('events', { key: 'utf8', value: 'utf8' })
    await fresh.put('a', 'b')
    const key = Buffer.from([0, 0, 0, 0, 0, 0, 0, 7])
    await using all = db.changes({ after })
    expect((await take(all, 5)).flatMap(({ operations }) => operations)).toEqual([
      { type: 'put', family: 'events', key, value: Buffer.from('seven'), dropped: true },
      expect.objectContaining({ type: 'deleteRange', family: 'events', dropped: true }),
      { type: 'dropFamily', family: 'events' },
      { type: 'createFamily', family: 'events' },
      { type: 'put', family: 'events', key: 'a', value: 'b' },
    ])
    await using named = db.changes({ after, families: ['events'] })
    expect((await take(named, 3)).flatMap(({ operations }) => operations)).toEqual([
      { type: 'dropFamily', family: 'events' },
      { type: 'createFamily', family: 'events' },
      { type: 'put', family: 'events', key: 'a', value: 'b' },
    ])
  })

  it('gives the ends of a range as bytes where they are no keys of the codec', async () => {
    const db = await open()
    const events = db.columnFamily('events')
    await events.put(1n, 'one')
    const after = await tokenOf(db)
    const raw = db.columnFamily('events', { key: 'buffer', value: 'buffer' })
    await raw.deleteRange('', Buffer.from([1]))
    await using feed = db.changes({ after })
    const [change] = await take(feed, 1)
    expect(change?.operations).toEqual([
      { type: 'deleteRange', family: 'events', begin: Buffer.alloc(0), end: Buffer.from([1]) },
    ])
  })
})

describe('heartbeatMs', () => {
  it('gives empty changes while nothing is written, with the place so far', async () => {
    const db = await open()
    await using feed = db.changes({ heartbeatMs: 5 })
    const [beat, again] = await take(feed, 2)
    expect([beat?.operations, again?.operations]).toEqual([[], []])
    await db.default.put('k', 'v')
    await using other = db.changes({ after: again?.token as string })
    const [change] = await take(other, 1)
    expect(change?.operations).toHaveLength(1)
  })

  it('counts what was left out', async () => {
    const db = await open()
    const after = await tokenOf(db)
    for (let n = 0; n < 10; n++) await db.default.put(`k${n}`, 'v')
    await using feed = db.changes({ after, families: ['users'], heartbeatMs: 1 })
    let beat: { token: string; sequence: bigint; operations: unknown[] } | undefined
    do [beat] = await take(feed, 1)
    while (beat?.token === after)
    expect(beat?.operations).toEqual([])
    await db.default.put('last', 'v')
    await using rest = db.changes({ after: beat?.token as string })
    const [change] = await take(rest, 1)
    expect(change?.operations).toEqual([textPut('last')])
  })
})

/** A put of the default family, of text. */
function textPut(key: string): unknown {
  return { type: 'put', family: 'default', key: Buffer.from(key), value: Buffer.from('v') }
}

describe('Readable.from', () => {
  it('streams changes, and ends the feed', async () => {
    const db = await open()
    const after = await tokenOf(db)
    for (let n = 0; n < 3; n++) await db.default.put(`k${n}`, 'v')
    const seen: unknown[] = []
    const feed = db.changes({ after })
    const stream = Readable.from(feed)
    for await (const { operations } of stream) {
      seen.push(operations[0])
      if (seen.length === 3) break
    }
    expect(seen).toEqual([textPut('k0'), textPut('k1'), textPut('k2')])
    expect(await feed.next()).toEqual({ done: true, value: undefined })
  })
})

describe('places that cannot be read from', () => {
  it('refuses tokens of another database and texts that are none', async () => {
    const [db, other] = [await open(), await open()]
    await expectRejection(db.changes({ after: await tokenOf(other) }).next(), 'ERR_CHANGES_EPOCH')
    for (const after of ['x', 'NOW', 'latest']) {
      await expect(db.changes({ after }).next()).rejects.toEqual(coded('ERR_INVALID_ARGUMENT'))
    }
  })
})
