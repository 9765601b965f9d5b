/** `ColumnFamily.watch`: rows of a range and what happens to them, and none of it missed without a word. */
import type { ChangeStream, WatchEvent } from 'rocksdb-live'
import { take } from '../support/changes'
import { openFresh, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'

useTempDirectory()

const SPECS = {
  users: { key: 'utf8', value: 'json' },
  events: { key: 'uint64', value: 'utf8' },
  sums: { key: 'utf8', value: 'buffer', mergeOperator: 'uint64add' },
} as const

async function open() {
  const db = await openFresh({ columnFamilies: SPECS })
  const users = db.columnFamily('users')
  return { db, users }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes[0] = value
  return bytes
}

/** Events without their tokens. */
function plain<K, V>(events: WatchEvent<K, V>[]): unknown[] {
  return events.map((event) => {
    const fields: Record<string, unknown> = { ...event }
    Reflect.deleteProperty(fields, 'token')
    return fields
  })
}

/** Waits until a watch without `initial` follows. */
async function begun<K, V>(watch: ChangeStream<WatchEvent<K, V>>): Promise<void> {
  const { value } = await watch.next()
  expect(value).toMatchObject({ type: 'progress' })
}

const WATCHED = { prefix: 'u:', heartbeatMs: 5 } as const

/** The next events that are no `progress`. */
async function next<K, V>(watch: ChangeStream<WatchEvent<K, V>>, count: number) {
  const events: WatchEvent<K, V>[] = []
  while (events.length < count) {
    const [event] = await take(watch, 1)
    if (event !== undefined && event.type !== 'progress') events.push(event)
  }
  return plain(events)
}

describe('watch', () => {
  it('gives puts and deletes in its range, in their order, and no others', async () => {
    const { db, users } = await open()
    await users.put('u:before', 0)
    await using watch = users.watch(WATCHED)
    await begun(watch)
    await users.put('t', 1)
    await db.default.put('u:1', 'another family')
    await db.write([
      { type: 'put', columnFamily: users, key: 'u:1', value: { n: 1 } },
      { type: 'delete', columnFamily: users, key: 'u:2' },
      { type: 'delete', columnFamily: users, key: 'v' },
    ])
    await users.put('u:3', 3)
    expect(await next(watch, 3)).toEqual([
      { type: 'put', key: 'u:1', value: { n: 1 } },
      { type: 'delete', key: 'u:2' },
      { type: 'put', key: 'u:3', value: 3 },
    ])
  })

  it.each([
    [{ gte: 2n, lt: 4n }, [2n, 3n]],
    [{ gt: 2n, lte: 4n }, [3n, 4n]],
    [{ gt: 4n }, [5n]],
    [{}, [1n, 2n, 3n, 4n, 5n]],
  ])('takes the bounds that scans take: %j', async (bounds, expected) => {
    const { db } = await open()
    const events = db.columnFamily('events')
    await using watch = events.watch({ ...bounds, heartbeatMs: 5 })
    await begun(watch)
    for (let n = 1n; n <= 5n; n++) await events.put(n, 'x')
    const keys = (await next(watch, expected.length)) as { key: bigint }[]
    expect(keys.map(({ key }) => key)).toEqual(expected)
  })

  it('gives what deleteRange removes of the range', async () => {
    const { db, users } = await open()
    const events = db.columnFamily('events')
    await using watch = events.watch({ gte: 10n, lt: 20n, heartbeatMs: 5 })
    await begun(watch)
    await events.deleteRange(1n, 10n)
    await events.deleteRange(20n, 30n)
    await events.deleteRange(5n, 12n)
    await events.deleteRange(12n, 13n)
    await events.deleteRange(18n, 30n)
    await users.deleteRange('a', 'z')
    expect(await next(watch, 3)).toEqual([
      { type: 'deleteRange', gte: 10n, lt: 12n },
      { type: 'deleteRange', gte: 12n, lt: 13n },
      { type: 'deleteRange', gte: 18n, lt: 20n },
    ])
  })

  it('tells that clear emptied it', async () => {
    const { users } = await open()
    for (const key of ['t', 'u:1', 'u:2', 'v']) await users.put(key, 1)
    await using watch = users.watch({ prefix: 'u:', initial: true })
    const cache = new Set<string>()
    for await (const event of watch) {
      if (event.type === 'put') cache.add(event.key)
      else if (event.type === 'ready') await users.clear({ prefix: 'u:' })
      else if (event.type === 'delete') cache.delete(event.key)
      else if (event.type === 'deleteRange') {
        for (const key of cache) if (key >= event.gte && key < event.lt) cache.delete(key)
      }
      if (cache.size === 0) break
    }
    expect(await users.count({ prefix: 'u:' })).toBe(0)
  })

  it('gives the value that a merge made', async () => {
    const { db } = await open()
    const sums = db.columnFamily('sums')
    await using watch = sums.watch({ heartbeatMs: 5 })
    await begun(watch)
    await sums.merge('n', number(3))
    expect(await next(watch, 1)).toEqual([{ type: 'put', key: 'n', value: number(3) }])
    await sums.merge('n', number(4))
    expect(await next(watch, 1)).toEqual([{ type: 'put', key: 'n', value: number(7) }])
    await db.write([
      { type: 'merge', columnFamily: sums, key: 'n', operand: number(1) },
      { type: 'delete', columnFamily: sums, key: 'n' },
    ])
    expect(await next(watch, 2)).toEqual([
      { type: 'delete', key: 'n' },
      { type: 'delete', key: 'n' },
    ])
  })

  it('gives places that the feed takes', async () => {
    const { db, users } = await open()
    await using watch = users.watch({ initial: true })
    const [ready] = await take(watch, 1)
    await users.put('a', 1)
    await users.put('b', 2)
    const [first] = await take(watch, 1)
    for (const [token, key] of [
      [ready?.token, 'a'],
      [first?.token, 'b'],
    ]) {
      await using feed = db.changes({ after: token as string })
      const [change] = await take(feed, 1)
      expect(change?.operations[0]).toMatchObject({ type: 'put', key })
    }
  })
})

describe('initial', () => {
  it('gives the rows, then ready, then what was written since it began', async () => {
    const { users } = await open()
    for (const key of ['t', 'u:1', 'u:2', 'u:3', 'v']) await users.put(key, `old ${key}`)
    await using watch = users.watch({ prefix: 'u:', initial: true })
    const [row] = await take(watch, 1)
    expect(row).toEqual({ type: 'put', key: 'u:1', value: 'old u:1' })
    await users.delete('u:2')
    await users.put('u:3', 'new')
    await users.put('u:4', 'new')
    expect(plain(await take(watch, 6))).toEqual([
      { type: 'put', key: 'u:2', value: 'old u:2' },
      { type: 'put', key: 'u:3', value: 'old u:3' },
      { type: 'ready' },
      { type: 'delete', key: 'u:2' },
      { type: 'put', key: 'u:3', value: 'new' },
      { type: 'put', key: 'u:4', value: 'new' },
    ])
  })

  it('misses nothing and repeats nothing while others write', async () => {
    const { users } = await open()
    let writing = true
    const write = async () => {
      let n = 0
      for (; writing; n++) await users.put('u:n', n)
      return n - 1
    }
    const writer = write()
    for (let round = 0; round < 20; round++) {
      await using watch = users.watch({ prefix: 'u:', initial: true })
      let before = -1
      for await (const event of watch) {
        if (event.type === 'ready') continue
        const value = event.type === 'put' ? (event.value as number) : -1
        if (before !== -1) expect(value).toBe(before + 1)
        if (before !== -1 && value > before + 1) break
        before = value
        if (value % 7 === 0 && value > 0) break
      }
    }
    writing = false
    await using watch = users.watch({ initial: true })
    const [row] = await take(watch, 1)
    expect(row).toMatchObject({ value: await writer })
  })

  it('is ready at once where there is nothing', async () => {
    const { users } = await open()
    await using watch = users.watch({ prefix: 'u:', initial: true })
    expect(plain(await take(watch, 1))).toEqual([{ type: 'ready' }])
  })

  it('gives what the compiler thinks, whatever the bounds exclude', async () => {
    const { users } = await open()
    await users.put('a', 1)
    await using watch = users.watch({ gte: 'z', lt: 'b', initial: true, heartbeatMs: 5 })
    expect(plain(await take(watch, 1))).toEqual([{ type: 'ready' }])
    await users.put('c', 1)
    expect(plain(await take(watch, 1))).toEqual([{ type: 'progress' }])
  })
})

describe('a consumer that stands still', () => {
  /** Writes until a watch that nobody takes from must have dropped its changes. */
  async function flood(put: (n: number) => Promise<void>): Promise<void> {
    for (let n = 0; n < 200; n++) {
      await put(n)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  it('is told to begin again, from now on', async () => {
    const { users } = await open()
    await using watch = users.watch({ ...WATCHED, maxBufferedBytes: 1000 })
    await begun(watch)
    await flood((n) => users.put('u:1', `value ${n}`))
    expect(await next(watch, 1)).toEqual([{ type: 'reset', reason: 'behind' }])
    await begun(watch)
    await users.put('u:1', 'last')
    expect(await next(watch, 1)).toEqual([{ type: 'put', key: 'u:1', value: 'last' }])
  })

  it('gets the rows again with initial', async () => {
    const { users } = await open()
    await using watch = users.watch({ prefix: 'u:', initial: true, maxBufferedBytes: 1000 })
    expect(plain(await take(watch, 1))).toEqual([{ type: 'ready' }])
    // What waits is asked for once, so that it follows.
    await flood((n) => users.put(`u:${n % 3}`, `value ${n}`))
    expect(plain(await take(watch, 5))).toEqual([
      { type: 'reset', reason: 'behind' },
      { type: 'put', key: 'u:0', value: 'value 198' },
      { type: 'put', key: 'u:1', value: 'value 199' },
      { type: 'put', key: 'u:2', value: 'value 197' },
      { type: 'ready' },
    ])
  })

  it('is not disturbed by what happens elsewhere', async () => {
    const { db, users } = await open()
    await using watch = users.watch({ ...WATCHED, maxBufferedBytes: 1 })
    await begun(watch)
    await users.put('u:1', 1)
    await flood((n) => db.default.put(`u:${n}`, 'v'))
    expect(await next(watch, 1)).toEqual([{ type: 'put', key: 'u:1', value: 1 }])
  })

  it('loses nothing where it takes, however little waits', async () => {
    const { users } = await open()
    await using watch = users.watch({ prefix: 'u:', initial: true, maxBufferedBytes: 1 })
    let seen = -1
    for await (const event of watch) {
      if (event.type === 'put') seen = Math.max(seen, event.value as number)
      if (event.type === 'ready') await users.put('u:', 0)
      else if (seen < 50 && event.type === 'put') await users.put('u:', seen + 1)
      if (seen === 50) break
      expect(event.type).not.toBe('reset')
    }
    expect(seen).toBe(50)
  })
})

describe('a family that is dropped', () => {
  it('ends its watches, after what was before', async () => {
    const { db, users } = await open()
    const watch = users.watch({ initial: true })
    await take(watch, 1)
    await users.put('a', 1)
    await db.dropColumnFamily('users')
    expect(plain(await take(watch, 1))).toEqual([{ type: 'put', key: 'a', value: 1 }])
    await expectRejection(watch.next(), 'ERR_DROPPED', 'watch of "users"')
    expect(await watch.next()).toEqual({ done: true, value: undefined })
  })

  it.each([true, false])('cannot be watched any more, initial: %j', async (initial) => {
    const { db, users } = await open()
    await db.dropColumnFamily('users')
    await expectRejection(users.watch({ initial }).next(), 'ERR_DROPPED')
  })
})
