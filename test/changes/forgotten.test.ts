/** Streams that are left without a word: they are collected, and what they had open is ended. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ChangeStream, Database } from 'rocksdb-live'
import { partsOf } from '../../lib/open-database'
import { take } from '../support/changes'
import { openFresh, useTempDirectory } from '../support/database'

useTempDirectory()

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** The numbers that are ended from now on. */
function ended(db: Database): Set<number> {
  const { session } = partsOf(db).connection
  const numbers = new Set<number>()
  const { end } = session
  session.end = (number) => {
    numbers.add(number)
    end.call(session, number)
  }
  return numbers
}

/** Opens feeds from now on with these numbers. */
function opened(db: Database): number[] {
  const { session } = partsOf(db).connection
  const numbers: number[] = []
  const { readChanges } = session
  session.readChanges = (id, feed, most) => {
    if (!numbers.includes(feed)) numbers.push(feed)
    return readChanges.call(session, id, feed, most)
  }
  return numbers
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    collect()
    await turn()
  }
}

const STREAMS: Record<string, (db: Database) => ChangeStream<unknown>> = {
  changes: (db) => db.changes({ heartbeatMs: 1 }),
  watch: (db) => db.default.watch({ heartbeatMs: 1 }),
  'watch initial': (db) => db.default.watch({ initial: true }),
}

it.each(Object.entries(STREAMS))('%s is ended once it is collected', async (_, open) => {
  const db = await openFresh()
  const ends = ended(db)
  const feeds = opened(db)
  const leave = async () => {
    await take(open(db), 1)
  }
  await leave()
  await until(() => feeds.length === 1 && ends.has(feeds[0] as number))
  await db.default.put('k', 'still works')
})

it.each([
  ['changes', (db: Database): ChangeStream<unknown> => db.changes()],
  ['watch', (db: Database): ChangeStream<unknown> => db.default.watch()],
])('%s stays while somebody waits for it', async (_, open) => {
  const db = await openFresh()
  const feeds = opened(db)
  const next = open(db).next()
  while (feeds.length === 0) await turn()
  for (let n = 0; n < 20; n++) {
    collect()
    await turn()
  }
  await db.default.put('k', 'v')
  expect(await next).toMatchObject({ done: false })
})
