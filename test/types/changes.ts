/** The types of the change feed. As in api.ts, nothing here runs. */
import { Readable } from 'node:stream'
import {
  ChangesGapError,
  type CommittedChange,
  Database,
  json,
  type RetainedChanges,
} from 'rocksdb-live'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

function check<_T extends true>(): void {}

interface User {
  name: string
}

const open = () =>
  Database.open('x', {
    columnFamilies: {
      users: { key: 'utf8', value: json<User>() },
      events: { key: 'uint64', value: 'utf8' },
    },
  })

export async function feeds(): Promise<void> {
  await using db = await open()
  for await (const { operations, token, sequence, timeMs } of db.changes({ after: 'oldest' })) {
    check<Equal<typeof token, string>>()
    check<Equal<typeof sequence, bigint>>()
    check<Equal<typeof timeMs, number | undefined>>()
    for (const operation of operations) {
      // @ts-expect-error a family that was dropped may have had this name
      if (operation.type === 'put' && operation.family === 'users') operation.value.name.trim()
      if (operation.dropped) check<Equal<typeof operation.dropped, true>>()
      else if (operation.type === 'createFamily' || operation.type === 'dropFamily') {
        check<Equal<typeof operation.family, string>>()
      } else if (operation.family === 'users') {
        if (operation.type === 'put') check<Equal<typeof operation.value, User>>()
        if (operation.type === 'deleteRange') check<Equal<typeof operation.end, string | Buffer>>()
      } else if (operation.family === 'events') {
        if (operation.type === 'merge') check<Equal<typeof operation.operand, string>>()
        if (operation.type === 'delete') check<Equal<typeof operation.key, bigint>>()
      } else if (operation.type === 'put') operation.key.readInt8()
    }
  }
}

export async function filtered(): Promise<void> {
  await using db = await open()
  for await (const { operations } of db.changes({ families: ['users'], heartbeatMs: 10 })) {
    for (const operation of operations) {
      if (operation.type === 'put') check<Equal<typeof operation.value, User>>()
    }
  }
  const events = db.columnFamily('events')
  for await (const { operations } of db.changes({ families: [events] })) {
    for (const operation of operations) {
      if (operation.type === 'put') check<Equal<typeof operation.key, bigint>>()
    }
  }
  // @ts-expect-error no family of that name was opened
  db.changes({ families: ['user'] })
  // @ts-expect-error a token is a text
  db.changes({ after: 7n })
  Readable.from(db.changes())
  const change = await db.changes().next()
  if (change.done !== true) takesAny(db, change.value)
}

export async function watched(): Promise<void> {
  await using db = await open()
  const events = db.columnFamily('events')
  for await (const event of events.watch({ gte: 1n, initial: true })) {
    if (event.type === 'put') check<Equal<typeof event.value, string>>()
    else if (event.type === 'delete') check<Equal<typeof event.key, bigint>>()
    else if (event.type === 'deleteRange') check<Equal<typeof event.lt, bigint | Buffer>>()
    else if (event.type === 'reset') check<Equal<typeof event.reason, 'gap' | 'behind'>>()
    else check<Equal<typeof event.token, string>>()
  }
  // @ts-expect-error the keys are bigints
  events.watch({ gte: 'a' })
  // @ts-expect-error a watch has no limit
  events.watch({ limit: 1 })
}

export async function kept(db: Database): Promise<void> {
  await db.retainChanges('search', { after: 'now', maxBytes: 1, maxAgeMs: 1 })
  const [place] = await db.retainedChanges()
  check<Equal<typeof place, RetainedChanges | undefined>>()
  check<Equal<Awaited<ReturnType<typeof db.releaseChanges>>, boolean>>()
  // @ts-expect-error a place has a name
  await db.retainChanges({ after: 'now' })
  for await (const { operations } of db.changes()) {
    for (const operation of operations) {
      if (operation.type === 'put') operation.key.readInt8()
    }
  }
}

export function missed(error: unknown): bigint {
  return error instanceof ChangesGapError ? error.oldest - error.wanted : 0n
}

/** A database of any families is a `Database`, and its changes are changes. */
function takesAny(db: Database, { operations }: { operations: CommittedChange['operations'] }) {
  return [db.changes(), operations.length]
}
