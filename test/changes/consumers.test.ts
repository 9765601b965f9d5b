/** A thousand consumers of one database: none holds up a writer, and all end with it. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Registry } from 'prom-client'
import type { ChangeStream, Database } from 'rocksdb-live'
import { collectMetrics } from 'rocksdb-live/metrics'
import { linesOf, scrape } from '../metrics/support'
import { take, tokenOf } from '../support/changes'
import { openFresh, useTempDirectory } from '../support/database'
import { coded, expectRejection } from '../support/expectations'

useTempDirectory()

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const turn = () => new Promise((resolve) => setImmediate(resolve))

const EACH = 250
const ROWS = 200
const PADDING = 'x'.repeat(100_000)

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
  const db: Database = await openFresh()
  const register = new Registry()
  collectMetrics(db, { register, collectDefault: false } as never)
  const after = await tokenOf(db)
  const many = <T>(start: (after: string) => Promise<T>) =>
    Array.from({ length: EACH }, () => start(after))
  const followers = many(() => follow(db, after))
  const throwers = many(() => throws(db, after)).map((each) => expectRejection(each, '', 'mine'))
  const still = Promise.all(many(() => standStill(db, after)))
  const forgotten = many(() => standStill(db, after).then(() => {}))
  await db.default.put('k0', 'v')
  const streams = await still
  await Promise.all(forgotten)
  collect()
  const before = process.memoryUsage().rss
  for (let n = 1; n < ROWS; n++) await db.default.put(`k${n}`, PADDING)
  expect(process.memoryUsage().rss - before).toBeLessThan(400 << 20)
  expect(await Promise.all(followers)).toEqual(Array(EACH).fill(ROWS))
  await Promise.all(throwers)
  // Only those that stand still, and are held, have anything open.
  for (;;) {
    collect()
    await turn()
    if ((await readers(register)) === EACH) break
  }
  const waiting = streams.map((stream) => stream.next().then(() => stream.next()))
  await Promise.all(waiting)
  const ends = streams.map((stream) => drain(stream))
  await db.close()
  for (const end of await Promise.all(ends)) expect(end).toEqual(coded('ERR_CLOSED'))
}, 120_000)

/** Reads until it fails. */
async function drain(stream: ChangeStream<unknown>): Promise<unknown> {
  try {
    for (;;) await take(stream, 1)
  } catch (error) {
    return error
  }
}
