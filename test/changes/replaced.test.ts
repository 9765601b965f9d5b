/** Tokens where another database is in the place of theirs: they are refused. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { tokenOf } from '../support/changes'
import { track, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'

const dir = useTempDirectory()

const open = async () => track(await Database.open(dir('db'), { tuning: { changesRetainMb: 4 } }))

/** A token of a database that was closed then. */
async function tokenOfClosed(): Promise<string> {
  const db = await open()
  await db.default.put('k', 'v')
  await db.flush()
  const token = await tokenOf(db)
  await db.close()
  return token
}

it('after a repair, which may have lost rows', async () => {
  const after = await tokenOfClosed()
  const table = readdirSync(dir('db')).find((name) => name.endsWith('.sst')) as string
  rmSync(join(dir('db'), table))
  expect(await Database.repair(dir('db'))).toMatchObject({ repaired: true })
  const db = await open()
  await db.default.put('after', 'the repair')
  await expectRejection(db.changes({ after }).next(), 'ERR_CHANGES_EPOCH')
})

it('after a destroy, which leaves no file', async () => {
  const after = await tokenOfClosed()
  await Database.destroy(dir('db'))
  expect(existsSync(dir('db')) ? readdirSync(dir('db')) : []).toEqual([])
  const db = await open()
  for (let n = 0; n < 9; n++) await db.default.put(`k${n}`, 'v')
  await expectRejection(db.changes({ after }).next(), 'ERR_CHANGES_EPOCH')
})
