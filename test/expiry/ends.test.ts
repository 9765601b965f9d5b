/** `touch` and `expiresAt` on a closed database, a dropped family, a reader, with options of every read and write. */
import { openAt, useTempDirectory } from '../support/database'
import { MINUTE, openSessions, type Sessions } from './support'

useTempDirectory()

const USER = { user: 'ada' }

type Family = Awaited<ReturnType<typeof openSessions>>['sessions']

const CALLS: Record<string, (family: Family, options?: object) => unknown> = {
  touch: (family, options) => family.touch('a', { ttlMs: MINUTE, ...options }),
  touchSync: (family, options) => family.touchSync('a', { ttlMs: MINUTE, ...options }),
  expiresAt: (family, options) => family.expiresAt('a', options),
  expiresAtSync: (family, options) => family.expiresAtSync('a', options),
}
const NAMES = Object.keys(CALLS)

async function codeOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
    return undefined
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

it.each(NAMES)('%s fails on a closed database and a dropped family', async (name) => {
  const call = CALLS[name] as (typeof CALLS)[string]
  const { db, sessions, short } = await openSessions()
  await db.dropColumnFamily(short as never)
  expect(await codeOf(() => call(short as never))).toBe('ERR_DROPPED')
  await db.close()
  expect(await codeOf(() => call(sessions))).toBe('ERR_CLOSED')
})

it.each(NAMES)('%s takes the options of its kind, and no others', async (name) => {
  const call = CALLS[name] as (typeof CALLS)[string]
  const { db, sessions } = await openSessions()
  await sessions.put('a', USER)
  using snapshot = db.snapshot()
  const options = name.startsWith('touch') ? { sync: true, lowPri: true } : { snapshot }
  expect(await codeOf(() => call(sessions, options))).toBeUndefined()
  expect(await codeOf(() => call(sessions, { other: 1 }))).toBe('ERR_INVALID_ARG_VALUE')
  if (name !== 'expiresAt') return
  const signal = AbortSignal.abort()
  expect(await codeOf(() => call(sessions, { signal }))).toBe('ERR_ABORTED')
})

it.each(NAMES)('%s reads from a reader, and does not write to it', async (name) => {
  const call = CALLS[name] as (typeof CALLS)[string]
  const { db, sessions } = await openSessions()
  await sessions.put('a', USER)
  await db.flush()
  const reader: Sessions = (await openAt(db.path, { mode: 'read-only' })) as never
  const family = reader.columnFamily('sessions', { key: 'utf8', value: 'json' }) as never
  const code = name.startsWith('touch') ? 'ERR_READ_ONLY' : undefined
  expect(await codeOf(() => call(family))).toBe(code)
})

it.each(NAMES)('%s refuses keys that are none', async (name) => {
  const call = CALLS[name] as (typeof CALLS)[string]
  const { sessions } = await openSessions()
  for (const key of [undefined, null, 5, {}, '\ud800']) {
    const wrong = new Proxy(sessions, {
      get: (target, property) => {
        const method = Reflect.get(target, property) as (...args: unknown[]) => unknown
        return (_: unknown, ...rest: unknown[]) => Reflect.apply(method, target, [key, ...rest])
      },
    })
    expect(await codeOf(() => call(wrong as Family))).toMatch(/^ERR_INVALID_ARG/)
  }
})
