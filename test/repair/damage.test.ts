/**
 * Repairs of damaged tables, blob files and WALs: only what is damaged is lost, and the loss is
 * reported.
 */
import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { basename } from 'node:path'
import { Database, type RepairReport } from 'rocksdb-live'
import { useTempDirectory } from '../support/database'
import type { Kind, Rows } from './support'
import {
  copyDatabase,
  countsOf,
  crashed,
  extraRows,
  filesIn,
  flip,
  KINDS,
  keyOf,
  rowsAt,
} from './support'

const dir = useTempDirectory()
const PLAIN = KINDS['of several families'] as Kind
const RAW = KINDS['not compressed'] as Kind
const BLOBS = KINDS['with blob files'] as Kind

const halve = (file: string): void => truncateSync(file, statSync(file).size >> 1)

/** Damages one file of a copy and repairs it; returns the report and the remaining rows. */
async function repaired(
  kind: Kind,
  file: string,
  damage: (file: string) => void,
): Promise<{ report: RepairReport; rows: Rows }> {
  copyDatabase(dir('kept'), dir('db'))
  damage(dir('db', basename(file)))
  const report = await Database.repair(dir('db'))
  expect(report.repaired).toBe(true)
  expect(report.damage.map((one) => one.file)).toContain(basename(file))
  const rows = await rowsAt(dir('db'), kind)
  expect(await Database.repair(dir('db'))).toMatchObject({ repaired: false, damage: [] })
  return { report, rows }
}

const lostRows = (rows: Rows, expected: Rows): number => {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0)
  return sum(countsOf(expected)) - sum(countsOf(rows))
}

describe('a table', () => {
  it('that is missing, or cut, is taken out and named', async () => {
    const expected = await crashed(dir('db'), PLAIN, dir('kept'))
    for (const damage of [rmSync, halve]) {
      for (const file of filesIn(dir('kept'), /\.sst$/)) {
        const { report, rows } = await repaired(PLAIN, file, damage)
        expect(report.lostFiles).toEqual([basename(file)])
        expect(Object.keys(rows)).toEqual(Object.keys(expected))
        expect(lostRows(rows, expected)).toBeLessThan(200)
        const kept = readdirSync(report.backup as string)
        expect(kept.includes(basename(file))).toBe(damage === halve)
      }
    }
  }, 120_000)

  it('with a damaged block loses the rows of that block alone', async () => {
    const expected = await crashed(dir('db'), RAW, dir('kept'))
    let salvaged = 0
    // In small files the damage would hit the index.
    const large = filesIn(dir('kept'), /\.sst$/).filter((file) => statSync(file).size > 4096)
    expect(large.length).toBeGreaterThan(1)
    for (const file of large) {
      const { report, rows } = await repaired(RAW, file, (damaged) => flip(damaged, 0.3))
      expect(report.lostFiles).toEqual([basename(file)])
      salvaged += report.salvagedRows
      // Some deleted or overwritten rows may reappear: if the block that hid them is lost, or if
      // the table had the range deletion, which covered ten rows.
      const back = report.lostRows + 10 * report.lostRangeDeletions
      expect(extraRows(rows, expected).length).toBeLessThanOrEqual(back)
      expect(lostRows(rows, expected)).toBeLessThanOrEqual(report.lostRows)
    }
    expect(salvaged).toBeGreaterThan(100)
  }, 120_000)

  it('whose rows were salvaged does not hide what was written over them', async () => {
    const db = await Database.open(dir('kept'), PLAIN(dir('kept')))
    for (let n = 0; n < 1000; n++) db.default.putSync(keyOf(n), `old ${n}`)
    await db.flush()
    await db.compactRange(db.default, undefined, { bottommost: true })
    for (let n = 0; n < 1000; n += 2) db.default.putSync(keyOf(n), `new ${n}`)
    db.default.deleteSync(keyOf(1))
    await db.flush()
    db.default.putSync(keyOf(3), 'newest')
    const before = (await Promise.all([...db.default.entriesSync()])).map(String)
    await db.close()
    const [oldest] = filesIn(dir('kept'), /\.sst$/)
    const { report, rows } = await repaired(PLAIN, oldest as string, (file) => flip(file, 0.5))
    expect(report.salvagedRows).toBeGreaterThan(800)
    const known = new Set(before.map((row) => row.replace(',', '=')))
    expect(rows['default']?.filter((row) => !known.has(row))).toEqual([])
    expect(rows['default']).toContain(`${keyOf(3)}=newest`)
    expect(before.length - (rows['default']?.length ?? 0)).toBeLessThanOrEqual(report.lostRows)
  }, 60_000)
})

describe('a blob file', () => {
  it.each([
    ['that is missing loses its values', rmSync, 61],
    ['that is cut loses the values behind', halve, 31],
    ['with a damaged value loses that one', (file: string) => flip(file, 0.4), 1],
  ])(
    '%s',
    async (_, damage, most) => {
      const expected = await crashed(dir('db'), BLOBS, dir('kept'))
      const files = filesIn(dir('kept'), /\.blob$/)
      expect(files.length).toBeGreaterThan(1)
      for (const file of files) {
        const { report, rows } = await repaired(BLOBS, file, damage)
        expect(report.lostFiles).toEqual([basename(file)])
        expect(report.lostValues).toBeGreaterThan(0)
        expect(report.lostValues).toBeLessThanOrEqual(most)
        expect(lostRows(rows, expected)).toBe(report.lostValues)
        expect(extraRows(rows, expected)).toEqual([])
      }
    },
    120_000,
  )

  it('that is missing with the MANIFEST loses its values alone', async () => {
    const expected = await crashed(dir('db'), BLOBS, dir('kept'))
    const [file] = filesIn(dir('kept'), /\.blob$/)
    const { report, rows } = await repaired(BLOBS, file as string, (path) => {
      rmSync(path)
      for (const manifest of filesIn(dir('db'), /^MANIFEST/)) rmSync(manifest)
    })
    expect(lostRows(rows, expected)).toBe(report.lostValues)
    expect(extraRows(rows, expected)).toEqual([])
  }, 60_000)
})

describe('a WAL', () => {
  const walOf = (path: string): string => {
    const files = filesIn(path, /^\d+\.log$/)
    const sizes = files.map((file) => statSync(file).size)
    return files[sizes.indexOf(Math.max(...sizes))] as string
  }

  it('with damage in the middle loses the records there alone', async () => {
    const expected = await crashed(dir('db'), PLAIN, dir('kept'))
    const wal = walOf(dir('kept'))
    const { report, rows } = await repaired(PLAIN, wal, (file) => flip(file, 0.5))
    expect(report.walLostBytes).toBeGreaterThan(0)
    expect(report.walRows).toBeGreaterThan(100)
    const lost = lostRows(rows, expected)
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThan(40)
    // The newest row came after the damage.
    expect(rows['users']?.at(-1)?.startsWith(`${keyOf(299)}=`)).toBe(true)
  }, 60_000)

  it('of a database that has no table yet gives its rows without a MANIFEST', async () => {
    const db = await Database.open(dir('made'), PLAIN(dir('made')))
    for (let n = 0; n < 50; n++) db.columnFamily('users').putSync(keyOf(n), `user ${n}`)
    db.default.putSync('a', 'b')
    copyDatabase(dir('made'), dir('db'))
    await db.close()
    for (const file of filesIn(dir('db'), /^(MANIFEST|CURRENT)/)) rmSync(file)
    const report = await Database.repair(dir('db'))
    expect(report.walRows).toBe(51)
    // Nothing records any more which of the three families the rows belonged to.
    const names = ['default', 'empty', 'merged', 'recovered-3', 'users']
    expect(report.columnFamilies.sort()).toEqual(names)
    expect(report.damage.map((one) => one.reason).join()).toContain('"recovered-3"')
    const rows = await rowsAt(dir('db'), PLAIN)
    expect(rows['recovered-3']).toHaveLength(50)
    expect(rows['default']).toEqual(['a=b'])
  })

  it('in the middle of several is missed', async () => {
    await crashed(dir('db'), PLAIN, dir('kept'))
    const db = await Database.open(dir('db'), PLAIN(dir('db')))
    db.columnFamily('users').putSync('a', '1')
    // A WAL is synced when the next one begins, and recorded then.
    db.default.putSync('a', '1', { sync: true })
    await db.flush('users')
    db.default.putSync('b', '2', { sync: true })
    copyDatabase(dir('db'), dir('copy'))
    await db.close()
    const wals = filesIn(dir('copy'), /^\d+\.log$/)
    rmSync(wals[0] as string)
    const report = await Database.repair(dir('copy'))
    expect(report.repaired).toBe(true)
    expect(report.damage.map((one) => one.reason).join()).toMatch(/missing wal/i)
    const rows = await rowsAt(dir('copy'), PLAIN)
    expect(rows['default']).toContain('b=2')
  }, 60_000)
})
