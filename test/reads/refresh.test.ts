/** Long scans, while the files they began with become obsolete. */
import { readdirSync } from 'node:fs'
import { type Database, versions } from 'rocksdb-live'
import { openAt, useTempDirectory } from '../support/database'
import { eventually } from '../support/tools'

const path = useTempDirectory()

const ROWS = 4000
const tuning = { compression: 'none', writeBufferMb: 16 } as const
const [major = 0] = versions.rocksdb.split('.').map(Number)
/** Older ones release nothing until a scan ends. */
const refreshes = major >= 10

const key = (row: number) => String(row).padStart(6, '0')

/** Writes rows with this tag, and compacts them to the last level. */
async function fill(db: Database, tag: number, from = 0, to = ROWS): Promise<void> {
  const batch = db.batch()
  for (let row = from; row < to; row++) batch.put(db.default, key(row), Buffer.alloc(500, tag))
  await batch.write()
  await db.flush()
  await db.compactRange('default')
}

const liveVersions = (db: Database) => db.intProperty('rocksdb.num-live-versions')
const files = () => readdirSync(path('db')).filter((name) => name.endsWith('.sst'))

/**
 * Takes all rows from `row` on; returns how many of them lack the first tag or are out of order.
 */
function wrongRows(rows: readonly [Buffer, Buffer][], row: number): number {
  return rows.filter(([k, v], at) => k.toString() !== key(row + at) || v[0] !== 1).length
}

describe('a cursor half way through, when all it began with is compacted away', () => {
  it('lets go of the old files as it goes on, and keeps its view', async () => {
    const db = await openAt(path('db'), { tuning })
    await fill(db, 1)
    const before = files()
    using cursor = db.default.cursor()
    expect(wrongRows(cursor.next(100), 0)).toBe(0)
    await fill(db, 2)
    await db.default.delete(key(3000))
    await db.flush()
    await db.compactRange('default')
    expect(liveVersions(db)).toBe(2)
    expect(files()).toEqual(expect.arrayContaining(before))

    expect(wrongRows(cursor.next(100), 100)).toBe(0)
    expect(liveVersions(db)).toBe(refreshes ? 1 : 2)
    if (refreshes) {
      await eventually('the old files are deleted', () =>
        files().some((name) => before.includes(name)) ? undefined : true,
      )
    }
    const rest = cursor.next(ROWS)
    expect([rest.length, wrongRows(rest, 200)]).toEqual([ROWS - 200, 0])
  })

  it('keeps its view in reverse, over a seek, and over rows that are deleted', async () => {
    const db = await openAt(path('db'), { tuning })
    await fill(db, 1)
    using cursor = db.default.cursor({ reverse: true, gte: key(10) })
    const keys = () => cursor.next(50).map(([k, v]) => [k.toString(), v[0]])
    const expected = (from: number) =>
      Array.from({ length: 50 }, (_, at) => [key(from - at), 1] as const)
    expect(keys()).toEqual(expected(ROWS - 1))
    await db.default.deleteRange(key(0), key(ROWS))
    await db.compactRange('default')
    expect(keys()).toEqual(expected(ROWS - 51))
    await fill(db, 2, 2000)
    cursor.seek(key(2100))
    expect(keys()).toEqual(expected(2100))
    await db.compactRange('default')
    cursor.seek(key(39))
    expect(cursor.next(50)).toHaveLength(30)
  })

  it('keeps everything with refreshScans: false', async () => {
    const db = await openAt(path('db'), { tuning: { ...tuning, refreshScans: false } })
    await fill(db, 1)
    const before = files()
    using cursor = db.default.cursor()
    cursor.next(100)
    await fill(db, 2)
    expect(wrongRows(cursor.next(100), 100)).toBe(0)
    expect(liveVersions(db)).toBe(2)
    expect(files()).toEqual(expect.arrayContaining(before))
  })
})

it('entries() that wait for their reader let go as they go on', async () => {
  const db = await openAt(path('db'), { tuning })
  // A scan reads some thousand rows ahead: it must be neither at its end nor before its next page.
  const rows = 20000
  await fill(db, 1, 0, rows)
  let row = 0
  let wrong = 0
  for await (const [k, v] of db.default.entries()) {
    if (k.toString() !== key(row) || v[0] !== 1) wrong++
    if (row === 10) await fill(db, 2, 0, rows)
    if (row === 9000) expect(liveVersions(db)).toBe(refreshes ? 1 : 2)
    row++
  }
  expect([row, wrong]).toEqual([rows, 0])
})

it('keys() and count() read no blob file', async () => {
  const db = await openAt(path('db'), {
    tuning: { blobFiles: true, blobMinSizeKb: 1, statistics: 'counters' },
  })
  for (let row = 0; row < 100; row++) await db.default.put(key(row), Buffer.alloc(3000, row))
  await db.flush()
  const read = () => db.statistics()?.tickers['rocksdb.blobdb.blob.file.bytes.read']
  const keys: string[] = []
  for await (const k of db.default.keys({ reverse: true })) keys.push(k.toString())
  expect(keys).toEqual(Array.from({ length: 100 }, (_, at) => key(99 - at)))
  expect(await db.default.count()).toBe(100)
  // Older ones read each value that they pass, even if it is not needed.
  if (refreshes) expect(read()).toBe(0)
  else expect(read()).toBeGreaterThan(0)
  expect((await db.default.get(key(7)))?.[0]).toBe(7)
  expect(read()).toBeGreaterThan(0)
})
