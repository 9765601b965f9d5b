/** What is refused, and how it is said. */
import { openFresh, useTempDirectory } from '../support/database'
import { HOUR, openSessions, useClock } from './support'

useTempDirectory()
useClock()

const USER = { user: 'ada' }

const REFUSED: [string, object, string, RegExp][] = [
  ['a ttlMs of 0', { ttlMs: 0 }, 'ERR_OUT_OF_RANGE', /"options\.ttlMs".*>= 1/],
  ['a negative one', { ttlMs: -1 }, 'ERR_OUT_OF_RANGE', /"options\.ttlMs"/],
  ['2⁵³', { ttlMs: 2 ** 53 }, 'ERR_OUT_OF_RANGE', /"options\.ttlMs".*<= 8\d{15}/],
  ['NaN', { ttlMs: Number.NaN }, 'ERR_OUT_OF_RANGE', /an integer/],
  ['infinity', { ttlMs: Number.POSITIVE_INFINITY }, 'ERR_OUT_OF_RANGE', /an integer/],
  ['a fraction', { ttlMs: 1.5 }, 'ERR_OUT_OF_RANGE', /an integer/],
  ['text', { ttlMs: '1000' }, 'ERR_INVALID_ARG_TYPE', /"options\.ttlMs"/],
  ['a bigint', { ttlMs: 1000n }, 'ERR_INVALID_ARG_TYPE', /"options\.ttlMs"/],
  ['a null', { ttlMs: null }, 'ERR_INVALID_ARG_TYPE', /"options\.ttlMs"/],
  ['an invalid date', { expiresAt: new Date(Number.NaN) }, 'ERR_OUT_OF_RANGE', /a valid date/],
  ['a moment before 1970', { expiresAt: new Date(-1) }, 'ERR_OUT_OF_RANGE', /"options\.expiresAt"/],
  ['1970', { expiresAt: 0 }, 'ERR_OUT_OF_RANGE', /"options\.expiresAt"/],
  ['a moment beyond dates', { expiresAt: 8.64e15 + 1 }, 'ERR_OUT_OF_RANGE', /<= 864/],
  ['a moment in words', { expiresAt: '2030-01-01' }, 'ERR_INVALID_ARG_TYPE', /a Date/],
  ['both', { ttlMs: 1, expiresAt: 1 }, 'ERR_INVALID_ARG_VALUE', /together with "ttlMs"/],
  ['another name', { ttl: 1 }, 'ERR_INVALID_ARG_VALUE', /no property "ttl"/],
]

describe.each(REFUSED)('%s', (_, options, code, message) => {
  const failure = { code, message: expect.stringMatching(message) }

  it('is refused by put and touch', async () => {
    const { sessions } = await openSessions()
    await sessions.put('a', USER)
    await expect(sessions.put('a', USER, options)).rejects.toMatchObject(failure)
    await expect(sessions.touch('a', options)).rejects.toMatchObject(failure)
    expect(() => sessions.putSync('a', USER, options)).toThrow(expect.objectContaining(failure))
    expect(() => sessions.touchSync('a', options)).toThrow(expect.objectContaining(failure))
    expect(await sessions.expiresAt('a')).toBeNull()
  })

  it('is refused by batches and transactions, which stay as they were', async () => {
    const { db, sessions } = await openSessions()
    const batch = db.batch().put(sessions, 'b', USER)
    expect(() => batch.put(sessions, 'a', USER, options)).toThrow(expect.objectContaining(failure))
    expect(batch.count).toBe(1)
    await db.transaction((tx) => {
      expect(() => tx.put(sessions, 'a', USER, options)).toThrow(expect.objectContaining(failure))
    })
    expect(await sessions.count()).toBe(0)
  })
})

it('refuses lifetimes in families without expiry, and says so', async () => {
  const { db, plain } = await openSessions()
  const failure = {
    code: 'ERR_INVALID_ARG_VALUE',
    message: expect.stringMatching(/is for column families with "expires", and "plain" has none/),
  }
  await expect(plain.put('a', 'x', { ttlMs: 1 })).rejects.toMatchObject(failure)
  await expect(plain.touch('a', { ttlMs: 1 })).rejects.toMatchObject(failure)
  expect(() => db.batch().put(plain, 'a', 'x', { expiresAt: null })).toThrow(/"plain" has none/)
  expect(() => db.begin().put(plain, 'a', 'x', { ttlMs: 1 })).toThrow(/"plain" has none/)
  await expect(
    db.write([{ type: 'put', columnFamily: plain, key: 'a', value: 'x', ttlMs: 1 }]),
  ).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  await expect(plain.expiresAt('a')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  expect(() => plain.expiresAtSync('a')).toThrow(/must have "expires"/)
  await expect(plain.touch('a')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
})

it('refuses lifetimes of what is no put', async () => {
  const { db, sessions } = await openSessions()
  const operation = { type: 'delete', columnFamily: sessions, key: 'a', ttlMs: 1 }
  await expect(db.write([operation as never])).rejects.toMatchObject({
    code: 'ERR_INVALID_ARG_VALUE',
    message: expect.stringMatching(/must be 'put'/),
  })
})

const WRONG: [string, unknown, string, RegExp][] = [
  ['text', 'yes', 'ERR_INVALID_ARG_TYPE', /expires/],
  ['a number', 1000, 'ERR_INVALID_ARG_TYPE', /expires/],
  ['null', null, 'ERR_INVALID_ARG_TYPE', /expires/],
  ['afterMs: 0', { afterMs: 0 }, 'ERR_OUT_OF_RANGE', /afterMs.*>= 1/],
  ['afterMs: -1', { afterMs: -1 }, 'ERR_OUT_OF_RANGE', /afterMs/],
  ['afterMs: 2⁵³', { afterMs: 2 ** 53 }, 'ERR_OUT_OF_RANGE', /afterMs/],
  ['graceMs: NaN', { graceMs: Number.NaN }, 'ERR_OUT_OF_RANGE', /graceMs/],
  ['graceMs: -1', { graceMs: -1 }, 'ERR_OUT_OF_RANGE', /graceMs/],
  ['another name', { after: 1 }, 'ERR_INVALID_ARG_VALUE', /no property "after"/],
]

it.each(WRONG)('refuses a family with expires: %s', async (_, expires, code, message) => {
  const family = { key: 'utf8', value: 'utf8', expires } as never
  const failure = { code, message: expect.stringMatching(message) }
  await expect(openFresh({ columnFamilies: { f: family } })).rejects.toMatchObject(failure)
  const db = await openFresh()
  await expect(db.createColumnFamily('f', family)).rejects.toMatchObject(failure)
})

it('refuses expiry with a merge operator', async () => {
  const family = { mergeOperator: 'stringappend', expires: { afterMs: HOUR } }
  const failure = {
    code: 'ERR_INVALID_ARG_VALUE',
    message: expect.stringMatching(/cannot be combined with a merge operator/),
  }
  await expect(openFresh({ columnFamilies: { f: family } })).rejects.toMatchObject(failure)
  const db = await openFresh()
  await expect(db.createColumnFamily('f', family)).rejects.toMatchObject(failure)
})

it('refuses operands in a family whose rows expire', async () => {
  const { db, short } = await openSessions()
  await expect(short.merge('a', 'x')).rejects.toMatchObject({ code: 'ERR_NOT_SUPPORTED' })
  await expect(db.transaction((tx) => tx.merge(short, 'a', 'x'))).rejects.toMatchObject({
    code: 'ERR_NOT_SUPPORTED',
  })
})

it('reads the options once', async () => {
  const { sessions } = await openSessions()
  let times = 0
  const options = {
    get ttlMs() {
      times++
      return HOUR
    },
  }
  await sessions.put('a', USER, options)
  await sessions.touch('a', options)
  expect(times).toBe(2)
})
