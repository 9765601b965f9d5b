/** A thousand consumers of one database: none holds up a writer, and all end with it. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Registry } from 'prom-client'
import type { ChangeStream, Database } from 'rocksdb-live'
import { collectMetrics } from 'rocksdb-live/metrics'
import { linesOf, scrape } from '../metrics/support'
import { take, tokenOf } from '../support/changes'
import { openFresh, useTempDirectory } from '../support/database'

useTempDirectory()

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const turn = () => new Promise((resolve) => setImmediate(resolve))

const EACH = 250
const ROWS = 60
const LARGE = Buffer.alloc(1 << 20)

/** One that reads to the end, and counts. */
async function follow(db: Database, after: string): Promise<number> {
  let rows = 0
  for await (const { operations } of db.changes({ after, maxBufferedBytes: 1 })) {
    rows += operations.length
    if (rows === ROWS) return rows
  }
  throw new Error('ended')
}

async function throws(db: Database, after: string): Promise<void> {
  for await (const _ of db.changes({ after })) throw new Error('mine')
}

/** One that takes a change and then no more; it is returned, or left to be collected. */
async function standStill(db: Database, after: string): Promise<ChangeStream<unknown>> {
  const stream = db.changes({ after, maxBufferedBytes: 1 })
  await take(stream, 1)
  return stream
}

async function readers(register: Registry): Promise<number | undefined> {
  return linesOf(await scrape(register), 'node_db_changes_readers')[0]?.value
}

it('follow, stand still, throw and are forgotten, while writers go on', async () => {
  const db: Database = await openFresh({ tuning: { writeBufferMb: 4 } })
  const register = new Registry()
  collectMetrics(db, { register })
  const after = await tokenOf(db)
  const many = <T>(start: (after: string) => Promise<T>) =>
    Array.from({ length: EACH }, () => start(after))
  const followers = many(() => follow(db, after))
  const throwers = many(() => throws(db, after)).map((each) => expect(each).rejects.toThrow('mine'))
  const still = Promise.all(many(() => standStill(db, after)))
  const forgotten = many(() => standStill(db, after).then(() => {}))
  await db.default.put('k0', 'v')
  const streams = await still
  await Promise.all(forgotten)
  for (let n = 1; n < ROWS; n++) await db.default.put(`k${n}`, 'x'.repeat(50_000))
  expect(await Promise.all(followers)).toEqual(Array(EACH).fill(ROWS))
  await Promise.all(throwers)
  // Only those that stand still, and are held, have anything open.
  for (;;) {
    collect()
    await turn()
    if ((await readers(register)) === EACH) break
  }
  const before = process.memoryUsage().rss
  for (let n = 0; n < 200; n++) await db.default.put('large', LARGE)
  collect()
  expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20)
  const ends = streams.map((stream) => drain(stream))
  await db.close()
  // What is in files that are gone by now is a gap, which is found first or not.
  for (const end of await Promise.all(ends)) {
    expect((end as { code: string }).code).toMatch(/^ERR_(CLOSED|CHANGES_GAP)$/)
  }
}, 120_000)

/** Reads until it fails. */
async function drain(stream: ChangeStream<unknown>): Promise<unknown> {
  try {
    for (;;) await take(stream, 1)
  } catch (error) {
    return error
  }
}
