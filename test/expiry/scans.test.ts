/** Scans that outlive `graceMs`: their view is their own, so they go on. */
import { openFresh, useTempDirectory } from '../support/database'
import { MINUTE, useClock } from './support'

useTempDirectory()
const clock = useClock()

const ROWS = 20_000

async function openRows() {
  const db = await openFresh({
    columnFamilies: { rows: { key: 'utf8', value: 'utf8', expires: { graceMs: 0 } } },
  })
  const rows = db.columnFamily('rows')
  const batch = db.batch()
  for (let i = 0; i < ROWS; i++) {
    batch.put(rows, `k${String(i).padStart(6, '0')}`, 'v', i % 2 === 0 ? {} : { ttlMs: MINUTE })
  }
  await batch.write()
  return { db, rows }
}

it('goes on with scans that are older than graceMs, which hide what expires meanwhile', async () => {
  const { rows } = await openRows()
  const scans = {
    entries: () => rows.entries(),
    keys: () => rows.keys(),
    pages: () => rows.pages(),
    entriesSync: () => rows.entriesSync(),
    pagesSync: () => rows.pagesSync(),
  }
  for (const [name, open] of Object.entries(scans)) {
    const scan = open()
    const sizeOf = (item: unknown) =>
      name.startsWith('pages') ? (item as { count: number }).count : 1
    let found = sizeOf((await scan.next()).value)
    clock.pass(2 * MINUTE)
    for (let item = await scan.next(); item.done !== true; item = await scan.next()) {
      found += sizeOf(item.value)
    }
    clock.pass(-2 * MINUTE)
    expect([name, found >= ROWS / 2 && found <= ROWS]).toEqual([name, true])
  }
})

it('lets cursors that have not begun go on', async () => {
  const { rows } = await openRows()
  using cursor = rows.cursor()
  clock.pass(2 * MINUTE)
  expect(cursor.next(3).map(([key]) => key)).toEqual(['k000000', 'k000002', 'k000004'])
})

it('counts and watches with a graceMs of 0', async () => {
  const { rows } = await openRows()
  for (let i = 0; i < 30; i++) expect(await rows.count()).toBe(ROWS)
  let seen = 0
  for await (const event of rows.watch({ initial: true })) {
    if (event.type === 'ready') break
    if (seen++ === 0) clock.pass(1)
  }
  expect(seen).toBe(ROWS)
})

it('ends a count at its deadline among rows that have expired', async () => {
  const { db, rows } = await openRows()
  for (let round = 0; round < 10; round++) {
    const batch = db.batch()
    for (let i = 0; i < ROWS; i++) batch.put(rows, `x${round}${i}`, 'v', { expiresAt: 1 })
    await batch.write()
  }
  await expect(rows.count({ gte: 'x', deadlineMs: 1 })).rejects.toMatchObject({
    code: 'ERR_TIMED_OUT',
  })
})
