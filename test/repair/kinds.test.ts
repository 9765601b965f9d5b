/** Repairs of each kind of database: nothing readable is lost. */
import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { Database } from 'rocksdb-live'
import { fingerprint } from '../directory/support'
import { useTempDirectory } from '../support/database'
import type { Kind } from './support'
import { copyDatabase, crashed, filesIn, filled, flip, KINDS, rowsAt, rowsOf } from './support'

const dir = useTempDirectory()

/** Possible damage to CURRENT and the MANIFEST. */
const DAMAGE: Record<string, (path: string) => void> = {
  'CURRENT is missing': (path) => rmSync(`${path}/CURRENT`),
  'CURRENT is damaged': (path) => truncateSync(`${path}/CURRENT`, 5),
  'the MANIFEST is missing': (path) => remove(path, /^MANIFEST/),
  'both are missing': (path) => remove(path, /^(MANIFEST|CURRENT)/),
  'the MANIFEST is empty': (path) => truncateSync(manifestOf(path), 0),
  'the MANIFEST is damaged': (path) => flip(manifestOf(path), 0.4),
}

describe.each(Object.entries(KINDS))('a database %s', (name, kind) => {
  it('that is whole is left as it is', async () => {
    const db = await filled(dir('db'), kind)
    const rows = await rowsOf(db)
    await db.close()
    const before = fingerprint(dir('db'))
    const report = await Database.repair(dir('db'))
    expect(report).toMatchObject({ repaired: false, damage: [], lostFiles: [] })
    expect(report.columnFamilies.sort()).toEqual(['default', 'empty', 'merged', 'users'])
    expect(report.backup).toBeUndefined()
    expect(fingerprint(dir('db'))).toEqual(before)
    expect(await rowsAt(dir('db'), kind)).toEqual(rows)
  }, 60_000)

  it('keeps every row where a repair is forced, and where it can be told what they were', async () => {
    const rows = await crashed(dir('db'), kind, dir('kept'))
    expect(await Database.repair(dir('db'))).toMatchObject({ repaired: false, damage: [] })
    const report = await Database.repair(dir('db'), { force: true })
    expect(report).toMatchObject({ repaired: true, damage: [], lostFiles: [], lostRows: 0 })
    expect(report.columnFamilies.sort()).toEqual(Object.keys(rows))
    expect(readdirSync(report.backup as string)).toContain('CURRENT')
    await expectWhole(kind, rows)
    const all = Object.keys(KINDS).indexOf(name) < 3
    for (const [damaged, damage] of Object.entries(DAMAGE)) {
      if (!all && damaged !== 'both are missing' && damaged !== 'CURRENT is damaged') continue
      copyDatabase(dir('kept'), dir('db'))
      damage(dir('db'))
      const found = await Database.repair(dir('db'))
      const nothing = { lostFiles: [], lostRows: 0, lostValues: 0, walLostBytes: 0 }
      expect({ damaged, ...found }).toMatchObject({ damaged, repaired: true, ...nothing })
      expect(found.damage).not.toEqual([])
      expect(found.columnFamilies.sort()).toEqual(Object.keys(rows))
      await expectWhole(kind, rows)
    }
  }, 120_000)
})

it('keeps every row wherever the MANIFEST is cut', async () => {
  const kind = KINDS['with blob files'] as Kind
  const rows = await crashed(dir('db'), kind, dir('kept'))
  const { size } = statSync(manifestOf(dir('kept')))
  for (let step = 1; step < 12; step++) {
    copyDatabase(dir('kept'), dir('db'))
    truncateSync(manifestOf(dir('db')), Math.floor((size * step) / 12))
    const report = await Database.repair(dir('db'))
    expect(report).toMatchObject({ repaired: true, lostFiles: [], lostRows: 0, lostValues: 0 })
    expect(report.columnFamilies.sort()).toEqual(Object.keys(rows))
    expect(await rowsAt(dir('db'), kind)).toEqual(rows)
  }
}, 120_000)

/** It opens with strict recovery and has these rows, and another repair finds nothing. */
async function expectWhole(kind: Kind, rows: unknown): Promise<void> {
  expect(await rowsAt(dir('db'), kind)).toEqual(rows)
  expect(await Database.repair(dir('db'))).toMatchObject({ repaired: false, damage: [] })
}

function remove(path: string, pattern: RegExp): void {
  for (const file of filesIn(path, pattern)) rmSync(file)
}

function manifestOf(path: string): string {
  return filesIn(path, /^MANIFEST/).at(-1) as string
}
