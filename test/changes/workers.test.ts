/** Several threads on one path: each reads what all write, with tokens that are good everywhere. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Database } from 'rocksdb-live'
import { take, tokenOf } from '../support/changes'
import { openAt, useTempDirectory } from '../support/database'

const dir = useTempDirectory()
const ROWS = 100

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const { Database } = require(workerData.main)
const { path, name, after, rows } = workerData
const work = async () => {
  const db = await Database.open(path)
  const feed = db.changes({ after })
  const write = async () => {
    for (let n = 0; n < rows; n++) await db.default.put(name + n, 'v')
  }
  const writing = write()
  const seen = []
  // Of the main thread and two workers.
  while (seen.length < 3 * rows) {
    const { value } = await feed.next()
    for (const { key } of value.operations) seen.push([String(key), value.token])
  }
  await writing
  parentPort.postMessage(seen)
  await feed.next()
}
work().catch((error) => parentPort.postMessage(String(error)))
`

type Seen = [key: string, token: string][]

async function seenBy(db: Database, after: string): Promise<Seen> {
  const seen: Seen = []
  for await (const { operations, token } of db.changes({ after })) {
    for (const one of operations) if ('key' in one) seen.push([String(one.key), token])
    if (seen.length === 3 * ROWS) return seen
  }
  throw new Error('ended')
}

it('see the same changes with the same tokens, and may be ended while they wait', async () => {
  const db: Database = await openAt(dir('db'))
  const after = await tokenOf(db)
  const main = join(__dirname, '../..')
  const workers = ['a', 'b'].map((name) => {
    const workerData = { main, path: dir('db'), name, after, rows: ROWS }
    return new Worker(PROGRAM, { eval: true, workerData })
  })
  const saids = workers.map(
    (worker) => new Promise<Seen>((resolve) => worker.once('message', resolve)),
  )
  const mine = seenBy(db, after)
  for (let n = 0; n < ROWS; n++) await db.default.put(`c${n}`, 'v')
  const [seen, ...others] = await Promise.all([mine, ...saids])
  const keys = seen.map(([key]) => key)
  expect(new Set(keys).size).toBe(3 * ROWS)
  for (const other of others) expect(other.map(([key]) => key)).toEqual(keys)
  // Both wait for the next change now.
  await Promise.all(workers.map((worker) => worker.terminate()))
  await db.default.put('end', 'v')
  // A token of one thread in another. Commits may have come together, so it is behind some more.
  for (const [at, other] of others.entries()) {
    const [, token] = other[10 * (at + 1)] as [string, string]
    const behind = other.findLastIndex(([, each]) => each === token)
    const changes = await take(db.changes({ after: token }), 1)
    const next = keys[behind + 1]
    expect(changes[0]?.operations.map((one) => 'key' in one && String(one.key))).toContain(next)
    expect(changes[0]?.operations[0]).toMatchObject({ key: Buffer.from(String(next)) })
  }
}, 60_000)

it('leave the database usable where they are ended at any moment', async () => {
  const db: Database = await openAt(dir('db'))
  const after = await tokenOf(db)
  const main = join(__dirname, '../..')
  for (let n = 0; n < 10; n++) {
    const workerData = { main, path: dir('db'), name: `w${n}-`, after, rows: 1000 }
    const worker = new Worker(PROGRAM, { eval: true, workerData })
    await new Promise((resolve) => worker.once('online', resolve))
    for (let row = 0; row < n * 10; row++) await db.default.put(`k${row}`, 'v')
    await worker.terminate()
  }
  const feed = db.changes({ after: await tokenOf(db) })
  await db.default.put('end', 'v')
  expect((await take(feed, 1))[0]?.operations).toMatchObject([{ key: Buffer.from('end') }])
  await feed.return()
}, 60_000)
