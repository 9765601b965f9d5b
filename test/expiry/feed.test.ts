/** What the change feed and `watch` say of rows that expire. */
import { useTempDirectory } from '../support/database'
import { MINUTE, openSessions, useClock } from './support'

useTempDirectory()
const clock = useClock()

const USER = { user: 'ada' }

it('gives the moment with each put, and nothing when it comes', async () => {
  const { db, sessions, short } = await openSessions()
  const at = new Date(clock.now() + MINUTE)
  const changes = db.changes({ after: 'oldest' })
  const next = async () => (await changes.next()).value?.operations
  await sessions.put('a', USER, { expiresAt: at })
  await sessions.put('b', USER)
  clock.pass(2 * MINUTE)
  await short.delete('a')
  const put = { type: 'put', family: 'sessions', value: USER }
  const found: unknown[] = []
  while (found.length < 3) {
    const operations = (await next()) as { type: string }[]
    found.push(...operations.filter(({ type }) => type === 'put' || type === 'delete'))
  }
  expect(found).toEqual([
    { ...put, key: 'a', expiresAt: at },
    { ...put, key: 'b', expiresAt: null },
    { type: 'delete', family: 'short', key: 'a' },
  ])
  await changes.return()
})

it('gives it to who watches, with the rows that are there as well', async () => {
  const { sessions } = await openSessions()
  const at = new Date(clock.now() + 10 * MINUTE)
  await sessions.put('a', USER, { expiresAt: at })
  await sessions.put('b', USER, { ttlMs: MINUTE })
  await sessions.put('c', USER)
  clock.pass(MINUTE)
  const watch = sessions.watch({ initial: true })
  const rest = async () => {
    const { value } = await watch.next()
    const { token: _, ...event } = value as { token?: string; type: string }
    return event
  }
  expect(await rest()).toEqual({ type: 'put', key: 'a', value: USER, expiresAt: at })
  expect(await rest()).toEqual({ type: 'put', key: 'c', value: USER, expiresAt: null })
  expect(await rest()).toEqual({ type: 'ready' })
  await sessions.put('d', USER, { expiresAt: at })
  expect(await rest()).toEqual({ type: 'put', key: 'd', value: USER, expiresAt: at })
  await sessions.touch('c', { expiresAt: at })
  expect(await rest()).toEqual({ type: 'put', key: 'c', value: USER, expiresAt: at })
  await watch.return()
})
