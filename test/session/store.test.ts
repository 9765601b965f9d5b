/** The contract of express-session's stores, as connect-redis and session-file-store test theirs; and odd input. */
import { spawnSync } from 'node:child_process'
import { Cookie, type SessionData } from 'express-session'
import type { Database } from 'rocksdb-live'
import { type RocksSessionOptions, RocksSessionStore } from 'rocksdb-live/session'
import { openFresh, track, useTempDirectory } from '../support/database'
import { root } from '../support/documents'

const dir = useTempDirectory()
const HOUR = 3_600_000

const storeAt = (options?: RocksSessionOptions) =>
  track(new RocksSessionStore(dir('sessions'), options))

/** A session as express-session saves it, with whatever the test has in it. */
const sessionWith = (cookie: object, rest: object = {}): SessionData =>
  ({ cookie, ...rest }) as unknown as SessionData

/** Resolves as the callback is called. */
function called<T>(call: (callback: (error: unknown, value?: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as T)))
  })
}

/** How long a session has, in milliseconds. */
async function leftOf(db: Database<never>, id: string): Promise<number | null | undefined> {
  const family = db.columnFamily('sessions', { key: 'utf8', value: 'utf8' })
  const moment = await family.expiresAt(id)
  return moment && moment.getTime() - Date.now()
}

const openSessions = () => openFresh({ columnFamilies: { sessions: { expires: true } } })

describe('the contract', () => {
  it('holds with callbacks', async () => {
    const store = storeAt()
    const session = sessionWith({ originalMaxAge: HOUR }, { user: 'ada' })
    expect(await called((done) => store.get('a', done))).toBeNull()
    expect(await called((done) => store.length(done))).toBe(0)
    expect(await called((done) => store.all(done))).toEqual([])
    await called((done) => store.set('a', session, done))
    expect(await called((done) => store.get('a', done))).toEqual(session)
    await called((done) => store.set('b', sessionWith({}), done))
    await called((done) => store.touch('a', session, done))
    expect(await called((done) => store.length(done))).toBe(2)
    expect(await called((done) => store.all(done))).toEqual([
      { ...session, id: 'a' },
      { cookie: {}, id: 'b' },
    ])
    await called((done) => store.destroy('a', done))
    await called((done) => store.destroy('a', done))
    expect(await called((done) => store.get('a', done))).toBeNull()
    await called((done) => store.clear(done))
    expect(await called((done) => store.length(done))).toBe(0)
  })

  it('holds with promises', async () => {
    const store = storeAt({ sync: true })
    await store.set('a', sessionWith({}, { n: 1 }))
    expect(await store.get('a')).toEqual({ cookie: {}, n: 1 })
    expect([await store.length(), (await store.all()).length]).toEqual([1, 1])
    await store.destroy('a')
    await store.clear()
    expect(await store.get('a')).toBeNull()
  })

  it('calls back in a turn of its own, and does not catch what a callback throws', () => {
    const program = `
      const { RocksSessionStore } = require('${root}/dist/session/index.js')
      const store = new RocksSessionStore(${JSON.stringify(dir('sessions'))})
      process.on('uncaughtException', (error) => { console.log(error.message); process.exit(0) })
      process.on('unhandledRejection', () => console.log('rejected'))
      let turn = 'same'
      store.get('a', (error, session) => { console.log(error, session, turn); throw new Error('mine') })
      turn = 'other'`
    const { stdout } = spawnSync(process.execPath, ['-e', program], { cwd: root, encoding: 'utf8' })
    expect(stdout).toBe('null null other\nmine\n')
  })

  it('makes sessions of what it has kept', async () => {
    const store = storeAt()
    const expires = new Date(Date.now() + HOUR)
    const cookie = Object.assign(new Cookie(), { expires })
    await store.set('a', sessionWith(cookie, { n: 1 }))
    const loaded = await called<SessionData & { n: number; id: string }>((done) =>
      store.load('a', done as never),
    )
    expect([loaded.id, loaded.n, loaded.cookie.expires]).toEqual(['a', 1, expires])
    expect(await called((done) => store.load('b', done as never))).toBeUndefined()
  })
})

describe('lifetimes', () => {
  const soon = () => new Date(Date.now() + 2 * HOUR)

  it.each<[string, () => object | undefined, number]>([
    ['expires', () => ({ expires: soon(), originalMaxAge: HOUR }), 2 * HOUR],
    ['expires as text', () => ({ expires: soon().toISOString() }), 2 * HOUR],
    ['originalMaxAge', () => ({ originalMaxAge: HOUR }), HOUR],
    ['expires: null', () => ({ expires: null, originalMaxAge: null }), 5 * HOUR],
    ['expires: false', () => ({ expires: false, originalMaxAge: false }), 5 * HOUR],
    ['no date', () => ({ expires: new Date(Number.NaN), originalMaxAge: HOUR }), HOUR],
    ['no text of a date', () => ({ expires: 'never' }), 5 * HOUR],
    ['no cookie', () => undefined, 5 * HOUR],
    ['fractions', () => ({ originalMaxAge: HOUR + 0.5 }), HOUR + 1],
  ])('come from the cookie: %s', async (_name, cookieOf, ms) => {
    const db = await openSessions()
    const store = RocksSessionStore.over(db, { ttlMs: 5 * HOUR })
    await store.set('a', sessionWith(cookieOf() as object))
    const left = await leftOf(db as never, 'a')
    expect(left).toBeLessThanOrEqual(ms)
    expect(left).toBeGreaterThan(ms - HOUR)
  })

  it('are a day by default', async () => {
    const db = await openSessions()
    await RocksSessionStore.over(db).set('a', sessionWith({}))
    expect(await leftOf(db as never, 'a')).toBeGreaterThan(23 * HOUR)
  })

  it('that are over end the session', async () => {
    const db = await openSessions()
    const store = RocksSessionStore.over(db)
    const past = new Date(Date.now() - 1)
    for (const cookie of [{ expires: past }, { originalMaxAge: -1 }, { originalMaxAge: 0 }]) {
      await store.set('a', sessionWith({}))
      await store.set('a', sessionWith(cookie))
      expect(await store.get('a')).toBeNull()
      await store.set('a', sessionWith({}))
      await store.touch('a', sessionWith(cookie))
      expect([await store.get('a'), await store.length(), await store.all()]).toEqual([null, 0, []])
    }
  })

  it('are moved by touch, and nothing else is', async () => {
    const db = await openSessions()
    const store = RocksSessionStore.over(db)
    const before = new Date(Date.now() + HOUR)
    const after = new Date(Date.now() + 2 * HOUR)
    await store.set('a', sessionWith({ expires: before, path: '/' }, { n: 1 }))
    const values = () => db.columnFamily('sessions').values()
    const [value] = [await values().next()]
    await store.touch('a', sessionWith({ expires: after }, { n: 2 }))
    expect((await values().next()).value).toEqual(value.value)
    const session = { cookie: { expires: after, path: '/' }, n: 1 }
    expect(await store.get('a')).toEqual(session)
    expect(await store.all()).toEqual([{ ...session, id: 'a' }])
    await store.touch('none', sessionWith({ expires: after }))
    expect(await store.length()).toBe(1)
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null])('are not %p', (ttlMs) => {
    const make = () => new RocksSessionStore(dir('sessions'), { ttlMs: ttlMs as never })
    expect(make).toThrow(/ttlMs/)
  })
})

describe('many at once', () => {
  it('keep the save that was called last, whole, whatever is touched meanwhile', async () => {
    const store = storeAt()
    const text = 'x'.repeat(10_000)
    const work: Promise<void>[] = []
    for (let n = 0; n < 200; n++) {
      for (const id of ['a', 'b']) {
        work.push(store.set(id, sessionWith({ originalMaxAge: HOUR }, { n, text, end: n })))
        work.push(store.touch(id, sessionWith({ originalMaxAge: HOUR })))
      }
    }
    await Promise.all(work)
    const kept = { cookie: { originalMaxAge: HOUR }, n: 199, text, end: 199 }
    expect(await store.get('a')).toEqual(kept)
    expect(await store.get('b')).toEqual(kept)
  })

  it('bring back nothing that was destroyed', async () => {
    const store = storeAt()
    for (let round = 0; round < 50; round++) {
      await store.set('a', sessionWith({}))
      const touches = [1, 2, 3].map(() => store.touch('a', sessionWith({})))
      await Promise.all([...touches, store.destroy('a'), store.touch('a', sessionWith({}))])
      expect(await store.get('a')).toBeNull()
    }
  })
})

describe('failures', () => {
  const closed = expect.objectContaining({ code: 'ERR_CLOSED' })

  it('of a closed store have a code', async () => {
    const store = storeAt()
    await store.set('a', sessionWith({}))
    await store.close()
    await store.close()
    const session = sessionWith({})
    const calls = [
      called((done) => store.get('a', done)),
      called((done) => store.set('a', session, done)),
      called((done) => store.touch('a', session, done)),
      called((done) => store.destroy('a', done)),
      called((done) => store.all(done)),
      called((done) => store.length(done)),
      called((done) => store.clear(done)),
      store.get('a'),
    ]
    for (const call of calls) await expect(call).rejects.toEqual(closed)
  })

  it('without a callback end no process', () => {
    const program = `
      const { RocksSessionStore } = require('${root}/dist/session/index.js')
      const store = new RocksSessionStore('/proc/none/such')
      store.destroy('a'); store.set('a', { cookie: {} }); store.clear()
      store.get('a', (error) => console.log(error.code))`
    const { status, stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, 'ERR_IO\n'])
  })

  it('of what is no session write nothing', async () => {
    const store = storeAt()
    const ring: Record<string, unknown> = { cookie: {} }
    ring['self'] = ring
    const trap = new Proxy(
      { cookie: {} },
      {
        ownKeys: () => {
          throw new Error('mine')
        },
      },
    )
    const plain = [undefined, null, 1, 'text', [], new Date(), { cookie: {}, toJSON: () => 1 }]
    const wrong = [...plain, { toJSON: () => undefined }, ring, { cookie: {}, n: 1n }, trap]
    for (const session of wrong) {
      await expect(store.set('a', session as never)).rejects.toHaveProperty(
        'code',
        expect.stringMatching('ERR_INVALID'),
      )
    }
    for (const id of [undefined, null, 1, {}, '\ud800']) {
      const calls = [store.get(id as never), store.set(id as never, sessionWith({}))]
      for (const call of calls) {
        await expect(call).rejects.toHaveProperty('code', expect.stringMatching('ERR_INVALID'))
      }
    }
    expect(await store.length()).toBe(0)
  })

  it('of a row that is no session are said', async () => {
    const db = await openSessions()
    const store = RocksSessionStore.over(db)
    for (const text of ['{', 'null', '1', '']) {
      await db.columnFamily('sessions').put('a', text)
      const damaged = { code: 'ERR_CORRUPTION' }
      await expect(store.get('a')).rejects.toMatchObject(damaged)
      await expect(store.all()).rejects.toMatchObject(damaged)
    }
  })

  it('of arguments are thrown at once', async () => {
    for (const place of [undefined, null, 1, '', 'a\0b']) {
      expect(() => new RocksSessionStore(place as never)).toThrow(TypeError)
    }
    expect(() => new RocksSessionStore(dir('s'), { ttl: 1 } as never)).toThrow('"ttlMs"')
    expect(() => RocksSessionStore.over({} as never)).toThrow(TypeError)
    const db = await openFresh({ columnFamilies: { sessions: {} } })
    expect(() => RocksSessionStore.over(db)).toThrow('"expires: true"')
  })
})

it('keeps ids of any text apart', async () => {
  const store = storeAt()
  const ids = ['', '\0', '__proto__', '../../etc/passwd', 'sess:a', 'é🦀', 'x'.repeat(100_000)]
  for (const id of ids) await store.set(id, sessionWith({}, { mine: id.length }))
  for (const id of ids) expect(await store.get(id)).toEqual({ cookie: {}, mine: id.length })
  expect((await store.all()).map(({ id }) => id).sort()).toEqual([...ids].sort())
})
