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

/** A place in the history of a database: behind rows that this writes. */
export async function tokenOf(db: Pick<Database, 'changes' | 'default'>): Promise<string> {
  const feed = db.changes()
  let waits = true
  const first = feed.next().finally(() => {
    waits = false
  })
  // A feed begins where it is opened, some time after it was asked to.
  while (waits) await db.default.put('marks the place', 'not yet')
  const { value: change } = await first
  await db.default.put('marks the place', 'here')
  await feed.return()
  for await (const { token, operations } of db.changes({ after: change?.token as string })) {
    const [operation] = operations
    if (operation?.type === 'put' && String(operation.value) === 'here') return token
  }
  throw new Error('the feed ended')
}

/** The operations after a place as texts, up to the row `end` of any family; or the code of the error. */
export async function textsAfter(
  db: Pick<Database, 'changes'>,
  after: string,
  end = 'end',
): Promise<string[] | string> {
  const texts: string[] = []
  try {
    for await (const { operations } of db.changes({ after })) {
      for (const operation of operations) {
        if (!('key' in operation)) texts.push(operation.type)
        else if (String(operation.key) === end) return texts
        else texts.push(`${operation.key}=${'value' in operation ? operation.value : ''}`)
      }
    }
  } catch (error) {
    return (error as { code: string }).code
  }
  throw new Error('the feed ended')
}
