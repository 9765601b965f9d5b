/** `touch`: another lifetime, the same value. */
import { useTempDirectory } from '../support/database'
import { HOUR, MINUTE, openSessions, useClock } from './support'

useTempDirectory()
const clock = useClock()

it.each(['touch', 'touchSync'] as const)('%s gives a row another lifetime', async (touch) => {
  const { sessions } = await openSessions()
  await sessions.put('a', { user: 'ada' }, { ttlMs: MINUTE })
  expect(await sessions[touch]('a', { ttlMs: HOUR })).toBe(true)
  clock.pass(HOUR - 1000)
  expect(await sessions.get('a')).toEqual({ user: 'ada' })
  expect(await sessions[touch]('a', { expiresAt: null })).toBe(true)
  clock.pass(HOUR)
  expect(await sessions.expiresAt('a')).toBeNull()
  expect(await sessions[touch]('a', { expiresAt: new Date(clock.now() + MINUTE) })).toBe(true)
  clock.pass(MINUTE + 1)
  expect(await sessions.get('a')).toBeUndefined()
})

it.each(['touch', 'touchSync'] as const)('%s makes no row', async (touch) => {
  const { sessions } = await openSessions()
  expect(await sessions[touch]('a', { ttlMs: HOUR })).toBe(false)
  await sessions.put('a', { user: 'ada' }, { ttlMs: MINUTE })
  clock.pass(MINUTE)
  expect(await sessions[touch]('a', { ttlMs: HOUR })).toBe(false)
  clock.pass(-MINUTE)
  expect(await sessions.get('a')).toEqual({ user: 'ada' })
})

it('takes the lifetime of the family', async () => {
  const { short, sessions } = await openSessions()
  await short.put('a', '1')
  clock.pass(MINUTE - 1000)
  expect(await short.touch('a')).toBe(true)
  clock.pass(MINUTE - 1000)
  expect(await short.get('a')).toBe('1')
  await expect(sessions.touch('a')).rejects.toMatchObject({
    code: 'ERR_INVALID_ARG_VALUE',
    message: expect.stringMatching(/"sessions" has no "afterMs"/),
  })
})

it('keeps what is written meanwhile', async () => {
  const { short } = await openSessions()
  await short.put('a', '0')
  const touches: Promise<boolean>[] = []
  for (let i = 1; i <= 200; i++) {
    touches.push(short.touch('a', { ttlMs: HOUR + i }))
    short.put('a', String(i)).catch(() => {})
  }
  expect(new Set(await Promise.all(touches))).toEqual(new Set([true]))
  expect(await short.get('a')).toBe('200')
})

it('brings back nothing that was deleted meanwhile', async () => {
  const { short } = await openSessions()
  for (let i = 0; i < 100; i++) {
    await short.put('a', String(i))
    const touched = short.touch('a', { ttlMs: HOUR })
    await short.delete('a')
    await touched
    expect(await short.get('a')).toBeUndefined()
  }
})

it('leaves values of every size as they are', async () => {
  const { short } = await openSessions()
  for (const size of [0, 1, 8, 5000, 1 << 20]) {
    const value = 'y'.repeat(size)
    await short.put('a', value)
    expect(await short.touch('a', { ttlMs: HOUR })).toBe(true)
    expect((await short.get('a')) === value).toBe(true)
  }
})
