/**
 * The whole suite of abstract-level over `RocksLevel`, with all that classic-level says of itself: nothing of it is skipped.
 * Each family of an open database passes it as well.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import suite from 'abstract-level/test'
import { RocksLevel } from 'rocksdb-live/level'
import tape from 'tape'

/** What tape says. */
type Row =
  | { type: 'test'; id: number; name: string }
  | { type: 'assert'; test: number; ok: boolean; name: string; skip?: unknown; todo?: unknown }
  | { type: 'end' }

type Factory = (options?: object) => RocksLevel

/** Runs it; resolves to the names of its tests, what failed, and what was skipped. */
async function run(factory: Factory) {
  const harness = tape.createHarness()
  const names = new Map<number, string>()
  const failed: string[] = []
  const skipped: string[] = []
  const rows = harness.createStream({ objectMode: true })
  rows.on('data', (row: Row) => {
    if (row.type === 'test') names.set(row.id, row.name)
    if (row.type !== 'assert') return
    if (row.skip || row.todo) skipped.push(row.name)
    else if (!row.ok) failed.push(`${names.get(row.test)}: ${row.name}`)
  })
  const ended = new Promise((resolve) => rows.on('end', resolve))
  suite({ test: harness, factory })
  await ended
  return { count: names.size, failed, skipped }
}

/** Tests of abstract-level 3.1.1 with the flags of classic-level 3.0.0. */
const COUNT = 1509

/** Memory where the system has a folder of it: the suite opens a thousand databases. */
const folder = mkdtempSync(
  join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rocksdb-live-level-'),
)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// RocksDB reserves a WAL of this size.
process.env['PQPRIV_DB_WRITE_BUFFER_MB'] = '16'

/** The last ones may be opened again. */
const KEPT = 10

it('passes the suite of abstract-level', async () => {
  const made: RocksLevel[] = []
  let number = 0
  const { count, failed, skipped } = await run((options) => {
    for (const [at, { status, location }] of made.slice(0, -KEPT).entries()) {
      if (status !== 'closed') continue
      rmSync(location, { recursive: true, force: true })
      made.splice(at, 1)
      break
    }
    const db = new RocksLevel(join(folder, String(++number)), options)
    made.push(db)
    return db
  })
  expect(failed).toEqual([])
  expect(skipped).toEqual([])
  expect(count).toBe(COUNT)
}, 240_000)
