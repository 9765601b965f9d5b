/** Files that stand under another's name, and the newest WAL that is gone: what a repair makes of them. */
import { renameSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { Database } from 'rocksdb-live'
import { useTempDirectory } from '../support/database'
import { coded } from '../support/expectations'
import { filesIn } from './support'

const dir = useTempDirectory()

/** Two families with a table each, of rows that tell whose they are. Returns the names of the tables. */
async function twoTables(): Promise<string[]> {
  const db = await Database.open(dir('db'), { env: false, columnFamilies: { a: {}, b: {} } })
  for (const name of ['a', 'b']) {
    const family = db.columnFamily(name)
    for (let n = 0; n < 200; n++) family.putSync(`${name}${n}`, `of ${name} ${n}`.padEnd(n))
    await db.flush(family)
  }
  await db.close()
  return filesIn(dir('db'), /\.sst$/)
}

test('rows of swapped tables are in their own family, or lost and said', async () => {
  const [one, other] = (await twoTables()) as [string, string]
  renameSync(one, `${one}.aside`)
  renameSync(other, one)
  renameSync(`${one}.aside`, other)
  const report = await Database.repair(dir('db'), { force: true })
  const named = report.damage.map(({ file }) => file)
  expect(named).toEqual(expect.arrayContaining([basename(one), basename(other)]))
  await using db = await Database.open(dir('db'), { env: false })
  for (const name of ['a', 'b']) {
    const strange = [...db.columnFamily(name).entriesSync()].filter(
      ([key, value]) => !String(key).startsWith(name) || !String(value).startsWith(`of ${name}`),
    )
    expect(strange).toEqual([])
  }
})

test('a closed database that lacks its newest WAL is not taken for a sound one', async () => {
  const db = await Database.open(dir('db'), { env: false })
  db.default.putSync('flushed', '1')
  await db.flush()
  db.default.putSync('synced', '2', { sync: true })
  await db.close()
  rmSync(filesIn(dir('db'), /^\d+\.log$/).at(-1) as string)
  const open = () => Database.open(dir('db'), { env: false })
  await expect(open()).rejects.toEqual(coded('ERR_CORRUPTION'))
  const { repaired, damage } = await Database.repair(dir('db'))
  expect([repaired, damage.length > 0]).toEqual([true, true])
  await using again = await open()
  expect([...again.default.keysSync()].map(String)).toEqual(['flushed'])
})
