/** The table "How the process ends" of docs/durability.md, row by row. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'

const guide = readFileSync(join(__dirname, '..', '..', 'docs', 'durability.md'), 'utf8')
const table = [...guide.matchAll(/^\| `(\w+)` \| (\d+) \| (\d+) \|$/gm)]

/** Writes 1000 rows and ends in the given way. */
const PROGRAM = `
  const { Database } = require(process.argv[1])
  const [, , directory, wal, ending] = process.argv
  const endings = {
    close: (db) => db.close(),
    natural: () => {},
    exit: () => process.exit(0),
    throw: () => setImmediate(() => { throw new Error('on purpose') }),
    sigterm: () => { process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 10_000) },
    sigkill: () => process.kill(process.pid, 'SIGKILL'),
  }
  Database.open(directory, { tuning: { walEnabled: wal === 'on' } }).then(async (db) => {
    for (let i = 0; i < 1000; i++) await db.default.put('key' + i, 'value')
    await endings[ending](db)
  })
`

const STATUS: Record<string, number | string> = {
  close: 0,
  natural: 0,
  exit: 0,
  throw: 1,
  sigterm: 'SIGTERM',
  sigkill: 'SIGKILL',
}

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rocksdb-live-durability-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

it('has a row for every ending', () => {
  expect(table.map((row) => row[1])).toEqual(Object.keys(STATUS))
})

const cases = table.flatMap(([, ending = '', on, off]) => [
  [ending, 'on', Number(on)] as const,
  [ending, 'off', Number(off)] as const,
])

it.each(cases)('%s with the WAL %s leaves %d rows', async (ending, wal, rows) => {
  const path = join(directory, 'db')
  const main = join(__dirname, '..', '..', 'dist', 'index.js')
  const child = spawnSync(process.execPath, ['-e', PROGRAM, main, path, wal, ending], {
    encoding: 'utf8',
  })
  expect([child.signal ?? child.status, child.stderr]).toEqual([
    STATUS[ending],
    ending === 'throw' ? expect.stringContaining('on purpose') : '',
  ])
  await using db = await Database.open(path)
  expect(await db.default.count()).toBe(rows)
})
