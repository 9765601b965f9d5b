/** Rows that have expired are hidden from every read, from their moment on. */
import { useTempDirectory } from '../support/database'
import { FAMILIES, HOUR, keysOf, MINUTE, openSessions, type Session, useClock } from './support'

useTempDirectory()
const clock = useClock()

async function filled() {
  const opened = await openSessions()
  const { sessions } = opened
  await sessions.put('a', { user: 'ada' }, { ttlMs: MINUTE })
  await sessions.put('b', { user: 'bob' }, { ttlMs: HOUR })
  await sessions.put('c', { user: 'cid' }, { ttlMs: MINUTE })
  await sessions.put('d', { user: 'dan' })
  await sessions.put('e', { user: 'eve' }, { ttlMs: MINUTE })
  return opened
}

const ALL = ['a', 'b', 'c', 'd', 'e']
const LEFT = ['b', 'd']

/** Every read of the family, as the keys that it sees. */
const READS: Record<string, (opened: Awaited<ReturnType<typeof filled>>) => Promise<string[]>> = {
  get: async ({ sessions }) => {
    const all = await Promise.all(ALL.map((key) => sessions.get(key)))
    return ALL.filter((_, i) => all[i] !== undefined)
  },
  getSync: async ({ sessions }) => ALL.filter((key) => sessions.getSync(key) !== undefined),
  getMany: async ({ sessions }) => {
    const all = await sessions.getMany(ALL)
    return ALL.filter((_, i) => all[i] !== undefined)
  },
  getManySync: async ({ sessions }) => {
    const all = sessions.getManySync(ALL)
    return ALL.filter((_, i) => all[i] !== undefined)
  },
  getInto: async ({ sessions }) => {
    const sizes = await Promise.all(ALL.map((key) => sessions.getInto(key, Buffer.alloc(100))))
    return ALL.filter((_, i) => sizes[i] !== -1)
  },
  getIntoSync: async ({ sessions }) =>
    ALL.filter((key) => sessions.getIntoSync(key, Buffer.alloc(100)) !== -1),
  has: async ({ sessions }) => {
    const all = await Promise.all(ALL.map((key) => sessions.has(key)))
    return ALL.filter((_, i) => all[i])
  },
  hasSync: async ({ sessions }) => ALL.filter((key) => sessions.hasSync(key)),
  expiresAt: async ({ sessions }) => {
    const all = await Promise.all(ALL.map((key) => sessions.expiresAt(key)))
    return ALL.filter((_, i) => all[i] !== undefined)
  },
  expiresAtSync: async ({ sessions }) =>
    ALL.filter((key) => sessions.expiresAtSync(key) !== undefined),
  keys: ({ sessions }) => keysOf(sessions),
  keysSync: async ({ sessions }) => [...sessions.keysSync()],
  entries: async ({ sessions }) => {
    const rows: string[] = []
    for await (const [key, { user }] of sessions.entries()) {
      expect(user[0]).toBe(key)
      rows.push(key)
    }
    return rows
  },
  'entriesSync, in reverse': async ({ sessions }) =>
    [...sessions.entriesSync({ reverse: true })].map(([key]) => key).reverse(),
  values: async ({ sessions }) => {
    const rows: string[] = []
    for await (const { user } of sessions.values()) rows.push(user[0] as string)
    return rows
  },
  pages: async ({ sessions }) => {
    const rows: string[] = []
    for await (const { bytes, offsets, count } of sessions.pages()) {
      for (let i = 0; i < count; i++) {
        const [start, middle, end] = offsets.subarray(2 * i, 2 * i + 3)
        const { user } = JSON.parse(bytes.toString('utf8', middle, end)) as Session
        expect(user[0]).toBe(bytes.toString('utf8', start, middle))
        rows.push(user[0] as string)
      }
    }
    return rows
  },
  cursor: async ({ sessions }) => {
    using cursor = sessions.cursor()
    return cursor.next(100).map(([key]) => key)
  },
  'first and what follows': async ({ sessions }) => {
    const rows: string[] = []
    for (let row = await sessions.first(); row; row = await sessions.first({ gt: row[0] })) {
      rows.push(row[0])
    }
    return rows
  },
  'lastSync and what is before': async ({ sessions }) => {
    const rows: string[] = []
    for (let row = sessions.lastSync(); row; row = sessions.lastSync({ lt: row[0] })) {
      rows.unshift(row[0])
    }
    return rows
  },
  'scans by limit': async ({ sessions }) => {
    const rows = [...sessions.keysSync({ limit: 2 })]
    return [...rows, ...sessions.keysSync({ gt: rows.at(-1), limit: 10 })]
  },
  'a transaction': ({ db, sessions }) =>
    db.transaction(async (tx) => {
      const rows: string[] = []
      for await (const [key] of tx.entries(sessions)) rows.push(key)
      const all = await tx.getMany(sessions, ALL)
      expect(ALL.filter((_, i) => all[i] !== undefined)).toEqual(rows)
      return rows
    }),
}

describe.each(Object.keys(READS))('%s', (name) => {
  it.each(['memory', 'tables'])('sees what has not expired, in %s', async (where) => {
    const opened = await filled()
    const read = READS[name] as (typeof READS)[string]
    if (where === 'tables') await opened.db.flush()
    expect(await read(opened)).toEqual(ALL)
    clock.pass(MINUTE - 1000)
    expect(await read(opened)).toEqual(ALL)
    clock.pass(1000)
    expect(await read(opened)).toEqual(LEFT)
    clock.pass(2 * HOUR)
    expect(await read(opened)).toEqual(['d'])
  })
})

it('counts what has not expired', async () => {
  const { sessions } = await filled()
  expect(await sessions.count()).toBe(5)
  expect(await sessions.count({ gte: 'b', limit: 2 })).toBe(2)
  clock.pass(MINUTE)
  expect(await sessions.count()).toBe(2)
  expect(await sessions.count({ gte: 'b', reverse: true, limit: 1 })).toBe(1)
  expect(await sessions.count({ gte: 'e' })).toBe(0)
})

it('reads values of every size without their envelopes', async () => {
  const { short } = await openSessions()
  for (const size of [0, 1, 7, 8, 9, 4087, 4088, 4089, 4096, 4097, 70_000, 1 << 20]) {
    const value = 'x'.repeat(size)
    await short.put('k', value)
    expect(short.getSync('k') === value).toBe(true)
    expect((await short.get('k')) === value).toBe(true)
    const target = Buffer.alloc(size)
    expect(short.getIntoSync('k', target)).toBe(size)
    expect(await short.getInto('k', target)).toBe(size)
    if (size > 0) {
      expect(() => short.getIntoSync('k', Buffer.alloc(size - 1))).toThrow(
        `the value has ${size} bytes, the buffer ${size - 1}`,
      )
    }
    expect((await short.getMany(['k', 'none', 'k'])).map((found) => found?.length)).toEqual([
      size,
      undefined,
      size,
    ])
    expect([...short.valuesSync()][0]?.length).toBe(size)
  }
})

it('clears a range with rows that have expired in it', async () => {
  const { sessions } = await filled()
  clock.pass(MINUTE)
  await sessions.clear({ limit: 1 })
  expect(await keysOf(sessions)).toEqual(['d'])
  await sessions.clear()
  clock.pass(-MINUTE)
  expect(await sessions.get('d')).toBeUndefined()
  expect(await sessions.get('b')).toBeUndefined()
})

it('lives for as long as the family says where the put does not', async () => {
  const { short } = await openSessions()
  const before = clock.now()
  await short.put('a', '1')
  await short.put('b', '2', { expiresAt: null })
  const at = (await short.expiresAt('a')) as Date
  expect(at.getTime()).toBeGreaterThanOrEqual(before + MINUTE)
  expect(at.getTime()).toBeLessThanOrEqual(clock.now() + MINUTE)
  expect(await short.expiresAt('b')).toBeNull()
  expect(await short.expiresAt('c')).toBeUndefined()
  clock.pass(MINUTE)
  expect(await keysOf(short)).toEqual(['b'])
})

it('takes lifetimes in batches, arrays, streams and transactions', async () => {
  const { db, sessions, short } = await openSessions()
  const user = { user: 'x' }
  await db
    .batch()
    .put(sessions, 'batch', user, { ttlMs: MINUTE })
    .put(short, 'batch', 'x')
    .put(sessions, 'batch-for-good', user)
    .write()
  await db.write([
    { type: 'put', columnFamily: sessions, key: 'array', value: user, ttlMs: MINUTE },
    { type: 'put', columnFamily: sessions, key: 'array-for-good', value: user },
  ])
  const stream = sessions.writable()
  stream.write({ type: 'put', key: 'stream', value: user, ttlMs: MINUTE })
  stream.write(['stream-for-good', user])
  await new Promise<void>((resolve) => stream.end(resolve))
  await db.transaction((tx) => {
    tx.put(sessions, 'transaction', user, { expiresAt: new Date(clock.now() + MINUTE) })
    tx.put(sessions, 'transaction-for-good', user)
  })
  expect(await sessions.count()).toBe(8)
  clock.pass(MINUTE + 1000)
  const left = ['array-for-good', 'batch-for-good', 'stream-for-good', 'transaction-for-good']
  expect(await keysOf(sessions)).toEqual(left)
  expect(await short.count()).toBe(0)
})

it('expires at once where the moment has passed', async () => {
  const { sessions } = await openSessions()
  await sessions.put('a', { user: 'ada' }, { expiresAt: clock.now() - 1 })
  expect(await sessions.get('a')).toBeUndefined()
  await sessions.put('a', { user: 'ada' })
  expect(await sessions.get('a')).toEqual({ user: 'ada' })
})

it('gives a row that was written anew the lifetime of the last put', async () => {
  const { sessions } = await openSessions()
  await sessions.put('a', { user: 'ada' }, { ttlMs: MINUTE })
  await sessions.put('a', { user: 'ada' })
  clock.pass(HOUR)
  expect(await sessions.get('a')).toEqual({ user: 'ada' })
})

it('is the same with another handle of the family, and with its bytes', async () => {
  const { db, sessions } = await filled()
  const bytes = db.columnFamily('sessions', { key: 'buffer', value: 'buffer' })
  expect(String(await bytes.get('a'))).toBe('{"user":"ada"}')
  await bytes.put('f', '{"user":"fay"}', { ttlMs: MINUTE })
  expect(await sessions.get('f')).toEqual({ user: 'fay' })
  clock.pass(MINUTE)
  expect(await bytes.get('f')).toBeUndefined()
  expect(FAMILIES.sessions.expires).toBe(true)
})
