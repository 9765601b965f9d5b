/** Snapshots, transactions and conditional writes in families whose rows expire. */
import { useTempDirectory } from '../support/database'
import { HOUR, keysOf, MINUTE, openSessions, useClock } from './support'

useTempDirectory()
const clock = useClock()

const USER = { user: 'ada' }
const TOO_OLD = {
  code: 'ERR_SNAPSHOT_TOO_OLD',
  message: expect.stringMatching(/older than 3600000 ms.*"sessions"/),
}

const TOO_OLD_COMMIT = { code: TOO_OLD.code, outcome: 'notApplied' }

it('lets a snapshot judge by its own start', async () => {
  const { db, sessions } = await openSessions()
  await sessions.put('a', USER, { ttlMs: MINUTE })
  await sessions.put('b', USER)
  using snapshot = db.snapshot()
  clock.pass(MINUTE)
  expect(await sessions.get('a')).toBeUndefined()
  expect(await sessions.get('a', { snapshot })).toEqual(USER)
  expect(sessions.getManySync(['a', 'b'], { snapshot })).toEqual([USER, USER])
  expect(sessions.hasSync('a', { snapshot })).toBe(true)
  expect([...sessions.keysSync({ snapshot })]).toEqual(['a', 'b'])
  expect(await sessions.count({ snapshot })).toBe(2)
  expect((await sessions.expiresAt('a', { snapshot }))?.getTime()).toBeLessThanOrEqual(clock.now())
  using later = db.snapshot()
  expect(await sessions.get('a', { snapshot: later })).toBeUndefined()
})

it('refuses a snapshot that is older than graceMs', async () => {
  const { db, sessions, plain } = await openSessions()
  await sessions.put('a', USER, { ttlMs: MINUTE })
  await plain.put('a', 'x')
  using snapshot = db.snapshot()
  clock.pass(HOUR - 1000)
  expect(await sessions.get('a', { snapshot })).toEqual(USER)
  clock.pass(2000)
  await expect(sessions.get('a', { snapshot })).rejects.toMatchObject(TOO_OLD)
  await expect(sessions.getMany(['a'], { snapshot })).rejects.toMatchObject(TOO_OLD)
  await expect(sessions.has('a', { snapshot })).rejects.toMatchObject(TOO_OLD)
  await expect(sessions.count({ snapshot })).rejects.toMatchObject(TOO_OLD)
  await expect(sessions.first({ snapshot })).rejects.toMatchObject(TOO_OLD)
  expect(() => sessions.getSync('a', { snapshot })).toThrow(expect.objectContaining(TOO_OLD))
  expect(() => [...sessions.keysSync({ snapshot })]).toThrow(expect.objectContaining(TOO_OLD))
  expect(await plain.get('a', { snapshot })).toBe('x')
})

it('goes on with a scan that began in time', async () => {
  const { sessions } = await openSessions()
  for (let i = 0; i < 5000; i++) sessions.putSync(`k${i}`, USER, { ttlMs: MINUTE })
  let rows = 0
  for await (const [, value] of sessions.entries()) {
    expect(value).toEqual(USER)
    if (rows++ === 10) clock.pass(2 * MINUTE)
  }
  expect(rows).toBe(5000)
})

it('lets a transaction judge by its own start', async () => {
  const { db, sessions } = await openSessions()
  await sessions.put('a', USER, { ttlMs: MINUTE })
  await using tx = db.begin()
  expect(await tx.get(sessions, 'a')).toEqual(USER)
  clock.pass(MINUTE)
  expect(await tx.get(sessions, 'a')).toEqual(USER)
  expect(tx.getManySync(sessions, ['a'])).toEqual([USER])
  tx.put(sessions, 'b', USER, { ttlMs: MINUTE })
  expect(await tx.get(sessions, 'b')).toEqual(USER)
  const rows: string[] = []
  for await (const [key] of tx.entries(sessions)) rows.push(key)
  expect(rows).toEqual(['a', 'b'])
  await tx.commit()
  expect(await keysOf(sessions)).toEqual(['b'])
})

it('hides what a transaction wrote with a moment that has passed', async () => {
  const { db, sessions } = await openSessions()
  await sessions.put('a', USER)
  await using tx = db.begin()
  tx.put(sessions, 'a', { user: 'late' }, { expiresAt: clock.now() - MINUTE })
  expect(await tx.get(sessions, 'a')).toBeUndefined()
  expect(tx.getManySync(sessions, ['a'])).toEqual([undefined])
  expect(await tx.count(sessions)).toBe(0)
  expect(await tx.first(sessions)).toBeUndefined()
  await tx.commit()
  expect(await sessions.get('a')).toBeUndefined()
})

it('does not let a transaction outlive the grace', async () => {
  const { db, sessions, plain } = await openSessions()
  await sessions.put('a', USER)
  await using read = db.begin()
  await read.get(sessions, 'a')
  read.put(plain, 'a', 'x')
  await using written = db.begin()
  await written.get(plain, 'none')
  written.put(sessions, 'b', USER)
  await using other = db.begin()
  await other.get(plain, 'b')
  other.put(plain, 'b', 'x')
  clock.pass(HOUR + 1000)
  await expect(read.get(sessions, 'a')).rejects.toMatchObject(TOO_OLD)
  await expect(read.commit()).rejects.toMatchObject(TOO_OLD_COMMIT)
  await expect(written.commit()).rejects.toMatchObject(TOO_OLD_COMMIT)
  await other.commit()
  expect(await plain.get('a')).toBeUndefined()
  expect(await plain.get('b')).toBe('x')
  expect(await sessions.get('b')).toBeUndefined()
})

it('compares values, and takes an expired row for an absent one', async () => {
  const { db, sessions } = await openSessions()
  const swap = (check: { equals: { user: string } } | { absent: true }) =>
    db.compareAndWrite({
      checks: [{ columnFamily: sessions, key: 'a', ...check }],
      operations: [{ type: 'put', columnFamily: sessions, key: 'b', value: USER, ttlMs: HOUR }],
    })
  await sessions.put('a', USER, { ttlMs: MINUTE })
  expect(await swap({ equals: USER })).toBe(true)
  expect(await swap({ equals: { user: 'bob' } })).toBe(false)
  expect(await swap({ absent: true })).toBe(false)
  clock.pass(MINUTE)
  expect(await swap({ equals: USER })).toBe(false)
  expect(await swap({ absent: true })).toBe(true)
  expect((await sessions.expiresAt('b'))?.getTime()).toBeGreaterThan(clock.now())
})
