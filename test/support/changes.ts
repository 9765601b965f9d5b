/** Taking from change streams. */
import type { ChangeStream, Database } from 'rocksdb-live'

/** The next items of a stream. */
export async function take<T>(stream: ChangeStream<T>, count: number): Promise<T[]> {
  const items: T[] = []
  while (items.length < count) {
    const { done, value } = await stream.next()
    if (done === true) throw new Error(`ended after ${items.length}`)
    items.push(value)
  }
  return items
}

/** A place in the history of a database: behind a row that this writes. */
export async function tokenOf(db: Pick<Database, 'changes' | 'default'>): Promise<string> {
  const feed = db.changes()
  const next = feed.next()
  // It begins where it is opened, some time after it was asked to: so until it gives one.
  let waits = true
  const first = next
    .then(({ value }) => value)
    .finally(() => {
      waits = false
    })
  while (waits) await db.default.put('marks the place', '')
  const change = await first
  let token = change?.token as string
  await feed.return()
  // The rest of the rows that marked it.
  const rest = db.changes({ after: token, heartbeatMs: 1 })
  for await (const { operations, token: behind } of rest) {
    if (operations.length === 0) break
    token = behind
  }
  return token
}
