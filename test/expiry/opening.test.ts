/** Expiry belongs to a family: it is taken over by later opens, and the contrary is refused. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { openAt, openFresh, reopen, track, useTempDirectory } from '../support/database'
import { FAMILIES, HOUR, keysOf, MINUTE, openSessions, useClock } from './support'

const dir = useTempDirectory()
const clock = useClock()

const USER = { user: 'ada' }

async function closed(): Promise<string> {
  const { db, sessions, short } = await openSessions()
  await sessions.put('a', USER, { ttlMs: MINUTE })
  await short.put('a', 'x')
  await db.close()
  return db.path
}

it('is taken over by an open that does not name it', async () => {
  const db = await openAt(await closed())
  const sessions = db.columnFamily('sessions', { key: 'utf8', value: 'json' })
  const short = db.columnFamily('short', { key: 'utf8', value: 'utf8' })
  expect(await sessions.get('a')).toEqual(USER)
  await short.put('b', 'y')
  expect(await short.expiresAt('b')).toBeInstanceOf(Date)
  clock.pass(MINUTE + 1)
  expect(await keysOf(sessions)).toEqual([])
  expect(await keysOf(short)).toEqual([])
})

it('takes another lifetime and another grace', async () => {
  const path = await closed()
  const expires = { afterMs: HOUR, graceMs: 0 }
  const db = await openAt(path, { columnFamilies: { short: { ...FAMILIES.short, expires } } })
  const short = db.columnFamily('short')
  await short.put('b', 'y')
  clock.pass(MINUTE + 1)
  expect(await keysOf(short)).toEqual(['b'])
  await db.close()
  const again = await openAt(path)
  const bytes = again.columnFamily('short', { key: 'utf8', value: 'utf8' })
  await bytes.put('c', 'z')
  clock.pass(MINUTE)
  expect(await keysOf(bytes)).toEqual(['b', 'c'])
})

const MISMATCH = { code: 'ERR_OPTIONS_MISMATCH' }

it('refuses to open it without', async () => {
  const path = await closed()
  const columnFamilies = { sessions: { ...FAMILIES.sessions, expires: false } } as const
  await expect(Database.open(path, { columnFamilies })).rejects.toMatchObject({
    ...MISMATCH,
    message: expect.stringMatching(/"sessions".*expire/),
  })
})

it('refuses to open with it what was written without', async () => {
  const path = await closed()
  const columnFamilies = { plain: { ...FAMILIES.plain, expires: true } } as const
  await expect(Database.open(path, { columnFamilies })).rejects.toMatchObject({
    ...MISMATCH,
    message: expect.stringMatching(/"plain".*expire/),
  })
})

it('refuses a merge operator where rows expire, and expiry where there is one', async () => {
  const path = await closed()
  const merging = { sessions: { mergeOperator: 'stringappend' } } as const
  await expect(Database.open(path, { columnFamilies: merging })).rejects.toMatchObject({
    code: expect.stringMatching(/ERR_(OPTIONS_MISMATCH|INVALID_ARGUMENT)/),
  })
  const db = await openFresh({ columnFamilies: { m: { mergeOperator: 'stringappend' } } })
  await db.close()
  await expect(
    Database.open(db.path, { columnFamilies: { m: { expires: true } } }),
  ).rejects.toMatchObject({
    code: expect.stringMatching(/ERR_(OPTIONS_MISMATCH|INVALID_ARGUMENT)/),
  })
})

it('is there in families that are made later, and in the default one', async () => {
  const db = await openFresh({ columnFamilies: { default: { expires: true } } })
  await db.default.put('a', 'x')
  await db.default.put('b', 'y', { ttlMs: MINUTE })
  const later = await db.createColumnFamily('later', { ...FAMILIES.short })
  await later.put('a', 'x')
  clock.pass(MINUTE + 1)
  expect(await later.count()).toBe(0)
  expect(await db.default.count()).toBe(1)
  const again = await reopen(db)
  expect(await again.default.expiresAt('a')).toBeNull()
  expect(await again.columnFamily('later').count()).toBe(0)
})

it('is there in memory, in a secondary and in a reader', async () => {
  const { db, sessions } = await openSessions()
  await sessions.put('a', USER, { ttlMs: MINUTE })
  await sessions.put('b', USER)
  await db.flush()
  for (const mode of ['read-only', { secondary: dir('second') }] as const) {
    const reader = await openAt(db.path, { mode })
    const family = reader.columnFamily('sessions', { key: 'utf8', value: 'json' })
    expect(await keysOf(family)).toEqual(['a', 'b'])
    expect(await family.get('a')).toEqual(USER)
    expect(await family.expiresAt('a')).toBeInstanceOf(Date)
    clock.pass(MINUTE)
    expect(await keysOf(family)).toEqual(['b'])
    expect(await family.get('a')).toBeUndefined()
    expect(await family.count()).toBe(1)
    clock.pass(-MINUTE)
  }
  const memory = track(await Database.open(Database.memory('expiry'), { columnFamilies: FAMILIES }))
  const short = memory.columnFamily('short')
  await short.put('a', 'x')
  clock.pass(MINUTE)
  expect(await keysOf(short)).toEqual([])
})

describe('without its OPTIONS file', () => {
  async function written(): Promise<string> {
    const { db, sessions, plain } = await openSessions()
    await sessions.put('a', USER, { ttlMs: MINUTE })
    await sessions.put('b', USER)
    await plain.put('a', 'x')
    await db.flush()
    await db.close()
    return db.path
  }

  function lose(path: string, names: RegExp): void {
    for (const name of readdirSync(path)) if (names.test(name)) rmSync(join(path, name))
  }

  async function expectSessions(path: string): Promise<void> {
    const db = await openAt(path)
    const sessions = db.columnFamily('sessions', { key: 'utf8', value: 'json' })
    expect(await keysOf(sessions)).toEqual(['a', 'b'])
    expect(await sessions.get('a')).toEqual(USER)
    expect(await sessions.expiresAt('a')).toBeInstanceOf(Date)
    clock.pass(MINUTE)
    expect(await keysOf(sessions)).toEqual(['b'])
    expect(String(await db.columnFamily('plain').get('a'))).toBe('x')
    await db.close()
  }

  it('is known from its tables', async () => {
    const path = await written()
    lose(path, /^OPTIONS-/)
    await expectSessions(path)
  })

  it('is known from its tables after a repair, too', async () => {
    const path = await written()
    lose(path, /^OPTIONS-/)
    await Database.repair(path, { force: true })
    await expectSessions(path)
  })

  it('is known from its tables where the MANIFEST is gone as well', async () => {
    const path = await written()
    lose(path, /^(OPTIONS-|MANIFEST-|CURRENT)/)
    await Database.repair(path)
    await expectSessions(path)
  })

  it('refuses the contrary', async () => {
    const path = await written()
    lose(path, /^OPTIONS-/)
    for (const columnFamilies of [
      { sessions: { ...FAMILIES.sessions, expires: false } },
      { plain: { ...FAMILIES.plain, expires: true } },
    ] as const) {
      await expect(Database.open(path, { columnFamilies })).rejects.toMatchObject({
        ...MISMATCH,
        message: expect.stringContaining('its tables'),
      })
    }
  })
})
