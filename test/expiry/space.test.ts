/** Space that expired rows took comes back, and what the clock does to that. */
import { useTempDirectory } from '../support/database'
import { HOUR, keysOf, MINUTE, openSessions, useClock } from './support'

useTempDirectory()
const clock = useClock()

const ROWS = 2000
const VALUE = 'x'.repeat(1000)

async function filled() {
  const opened = await openSessions()
  const { db, short } = opened
  for (let i = 0; i < ROWS; i++) short.putSync(`k${i}`, VALUE + Math.random())
  await short.put('for-good', 'y', { expiresAt: null })
  await db.flush()
  const size = () => db.intProperty('rocksdb.total-sst-files-size', short) ?? 0
  return { ...opened, size }
}

it('drops by compaction what expired over graceMs ago', async () => {
  const { db, short, size } = await filled()
  const before = size()
  clock.pass(MINUTE)
  expect(await keysOf(short)).toEqual(['for-good'])
  await db.compactRange(short)
  expect(size()).toBeGreaterThan(before / 2)
  clock.pass(HOUR)
  await db.compactRange(short)
  expect(size()).toBeLessThan(before / 20)
  expect(await keysOf(short)).toEqual(['for-good'])
})

it('hides again what a clock that stepped back shows again, unless it was dropped', async () => {
  const { db, short } = await filled()
  clock.pass(HOUR)
  expect(await short.count()).toBe(1)
  clock.pass(-HOUR)
  expect(await short.count()).toBe(ROWS + 1)
  await short.put('new', 'z')
  clock.pass(MINUTE)
  expect(await keysOf(short)).toEqual(['for-good'])
  clock.pass(HOUR)
  await db.compactRange(short)
  clock.pass(-2 * HOUR)
  expect(await keysOf(short)).toEqual(['for-good'])
})
