/**
 * The guarantees of the types. Nothing here runs: `tsc` compiles it, and each `@ts-expect-error`
 * fails if its line would compile.
 */
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  type Batch,
  type BytesFamily,
  type Codec,
  type ColumnFamily,
  type CounterFamily,
  counter,
  Database,
  type Json,
  json,
  type Operation,
  type Page,
  RocksDBError,
  type Snapshot,
} from 'rocksdb-live'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

function check<_T extends true>(): void {}

interface User {
  name: string
}

const dates: Codec<Date> = {
  encode: (date) => date.toISOString(),
  decode: (bytes) => new Date(bytes.toString()),
}

export async function typed(): Promise<void> {
  await using db = await Database.open('x', {
    preset: 'production',
    tuning: { blockCacheMb: 1024 },
    columnFamilies: {
      users: { key: 'utf8', value: json<User>() },
      asserted: { key: 'utf8', value: 'json' as Json<User> },
      plain: { key: 'utf8', value: 'json' },
      events: { key: 'uint64', value: 'buffer', tuning: { compression: 'lz4' } },
      counts: { key: 'uint32', value: dates },
      bytes: { mergeOperator: 'stringappend' },
    },
  })
  const users = db.columnFamily('users')
  check<Equal<typeof users, ColumnFamily<string, User>>>()
  check<Equal<Awaited<ReturnType<typeof users.get>>, User | undefined>>()
  await users.put('ada', { name: 'Ada' })
  // @ts-expect-error the key is a string
  await users.put(7, { name: 'Ada' })
  // @ts-expect-error the value is a User
  await users.put('ada', { nom: 'Ada' })
  // @ts-expect-error there is no such option
  await users.put('ada', { name: 'Ada' }, { synced: true })
  // @ts-expect-error a synchronous read has no signal
  users.getSync('ada', { signal: new AbortController().signal })

  const asserted = db.columnFamily('asserted')
  check<Equal<typeof asserted, ColumnFamily<string, User>>>()
  const plain = db.columnFamily('plain')
  check<Equal<typeof plain, ColumnFamily<string, unknown>>>()
  const said = db.columnFamily<string, User>('plain')
  check<Equal<typeof said, ColumnFamily<string, User>>>()
  const counts = db.columnFamily('counts')
  check<Equal<typeof counts, ColumnFamily<number, Date>>>()

  const events = db.columnFamily('events')
  await events.put(7n, 'text or bytes')
  await events.put(7n, new Uint8Array(1))
  check<Equal<ReturnType<typeof events.getSync>, Buffer | undefined>>()
  // @ts-expect-error the key is a bigint
  events.getSync(7)

  // @ts-expect-error no family of that name was opened
  db.columnFamily('other')
  const name: string = 'other'
  const other = db.columnFamily(name)
  other.putSync('a', new Uint8Array(1))
  check<Equal<ReturnType<typeof other.getSync>, Buffer | undefined>>()
  const standard = db.columnFamily('default')
  check<Equal<typeof standard, BytesFamily>>()
  const coded = db.columnFamily('other', { key: 'utf8', value: 'uint32' })
  check<Equal<typeof coded, ColumnFamily<string, number>>>()
  // @ts-expect-error there is no such codec
  db.columnFamily('other', { key: 'utf16' })

  const made = await db.createColumnFamily('made', { key: 'uint32', value: json<User>() })
  check<Equal<typeof made, ColumnFamily<number, User>>>()
  check<Equal<ReturnType<typeof db.default.getSync>, Buffer | undefined>>()

  writes(db.batch(), users, events)
  await operations(db, users, events)
  streams(users, events)
  reads(db.snapshot(), users)
  takesAny(db)
}

function writes(
  batch: Batch,
  users: ColumnFamily<string, User>,
  events: ColumnFamily<bigint, Buffer, bigint, Uint8Array | string>,
): void {
  batch.put(users, 'ada', { name: 'Ada' }).delete(events, 7n).deleteRange(events, 0n, 5n)
  // @ts-expect-error the key is a string
  batch.put(users, 7, { name: 'Ada' })
  // @ts-expect-error the value is a User
  batch.put(users, 'ada', 'Ada')
  // @ts-expect-error the bounds are bigints
  batch.deleteRange(events, 0, 5)
}

function reads(snapshot: Snapshot, users: ColumnFamily<string, User>): void {
  users.getSync('ada', { snapshot, fillCache: undefined })
  const rows: [string, User][] = [...users.entriesSync({ prefix: 'a', reverse: true, limit: 10 })]
  const keys: string[] = [...users.keysSync()]
  const values: User[] = [...users.valuesSync()]
  for (const page of users.pagesSync()) check<Equal<typeof page, Page>>()
  using cursor = users.cursor({ gte: 'a' })
  cursor.seek('b')
  const more: [string, User][] = cursor.next(10)
  // @ts-expect-error the bounds are strings
  users.keysSync({ gt: 1 })
  check<Equal<Awaited<ReturnType<typeof users.getMany>>, (User | undefined)[]>>()
  void [rows, keys, values, more]
}

type Events = ColumnFamily<bigint, Buffer, bigint, Uint8Array | string>

/**
 * Each operation accepts what its own family's codecs accept; without a family, the default one's.
 */
async function operations(
  db: Database,
  users: ColumnFamily<string, User>,
  events: Events,
): Promise<void> {
  await db.write([
    { type: 'put', columnFamily: users, key: 'ada', value: { name: 'Ada' } },
    { type: 'merge', columnFamily: events, key: 7n, operand: 'text or bytes' },
    { type: 'deleteRange', columnFamily: events, begin: 0n, end: 5n },
    { type: 'put', key: 'text', value: new Uint8Array(1) },
    { type: 'delete', columnFamily: undefined, key: 'text' },
  ])
  await db.write([], { sync: true })
  // @ts-expect-error the key is a string
  await db.write([{ type: 'put', columnFamily: users, key: 7, value: { name: 'Ada' } }])
  // @ts-expect-error the value is a User
  await db.write([{ type: 'put', columnFamily: users, key: 'ada', value: { nom: 'Ada' } }])
  db.writeSync([
    { type: 'delete', key: 'text' },
    // @ts-expect-error the key is a bigint, whatever stands before it
    { type: 'delete', columnFamily: events, key: 'a' },
  ])
  // @ts-expect-error the default family takes bytes and text
  db.writeSync([{ type: 'put', key: 7, value: 'text' }])
  // @ts-expect-error the bounds are bigints
  db.writeSync([{ type: 'deleteRange', columnFamily: events, begin: 0, end: 5 }])
  // @ts-expect-error there is no such operation
  db.writeSync([{ type: 'pot', columnFamily: users, key: 'ada', value: { name: 'Ada' } }])
  // @ts-expect-error a family is given as itself
  db.writeSync([{ type: 'delete', columnFamily: 'users', key: 'ada' }])

  const made = ['ada', 'bob'].map((key) => ({ type: 'delete' as const, columnFamily: users, key }))
  await db.write(made)
  const wrong = [7n, 8n].map((key) => ({ type: 'delete' as const, columnFamily: users, key }))
  // @ts-expect-error the keys are strings
  await db.write(wrong)

  const collected: Operation<typeof users>[] = []
  collected.push({ type: 'put', columnFamily: users, key: 'ada', value: { name: 'Ada' } })
  // @ts-expect-error the key is a string
  collected.push({ type: 'delete', columnFamily: users, key: 7 })
  await db.write(collected)
  await db.write([...collected, { type: 'delete', columnFamily: events, key: 7n }])
  const unchecked: Operation[] = [{ type: 'delete', columnFamily: users, key: 7 }]
  await db.write(unchecked)
}

/** Counters have `increment`, and no other family does. */
export async function counted(users: ColumnFamily<string, User>): Promise<void> {
  await using db = await Database.open('x', {
    columnFamilies: { n: { key: 'utf8', value: counter() }, wide: { value: 'uint64' } },
  })
  const n = db.columnFamily('n')
  check<Equal<typeof n, CounterFamily<string>>>()
  check<Equal<Awaited<ReturnType<typeof n.get>>, bigint | undefined>>()
  await n.increment('a')
  n.incrementSync('a', -2n, { sync: true })
  db.batch().increment(n, 'a').put(n, 'b', 1n)
  await db.transaction((tx) => tx.increment(n, 'a', 5n))
  await db.write([{ type: 'merge', columnFamily: n, key: 'a', operand: 1n }])
  const later = db.columnFamily('n', { value: counter() })
  later.incrementSync(new Uint8Array(1))
  const made = await db.createColumnFamily('made', { key: 'uint32', value: counter() })
  made.incrementSync(7)
  const any: ColumnFamily<string, bigint> = n
  // @ts-expect-error it may be no counter
  any.increment('a')
  // @ts-expect-error the values are bigints, and no counters
  await db.columnFamily('wide').increment('a')
  // @ts-expect-error the amount is a bigint
  await n.increment('a', 1)
  // @ts-expect-error the key is a string
  n.incrementSync(1)
  // @ts-expect-error the key is a string
  db.batch().increment(n, 7)
  // @ts-expect-error no family of counters
  db.batch().increment(users, 'ada')
  // @ts-expect-error there is no such operation
  await db.write([{ type: 'increment', columnFamily: n, key: 'a', by: 1n }])
  // @ts-expect-error counter() is no codec of keys
  await db.createColumnFamily('other', { key: counter() })
}

/** If the default family has codecs, operations without a family use them, too. */
export async function defaults(): Promise<void> {
  await using db = await Database.open('x', {
    columnFamilies: { default: { key: 'uint32', value: json<User>() } },
  })
  await db.write([{ type: 'put', key: 7, value: { name: 'Ada' } }])
  // @ts-expect-error the key is a number
  await db.write([{ type: 'put', key: '7', value: { name: 'Ada' } }])
}

/** Ranges have the keys of their family; for a family given by name these are unknown. */
export async function ranges(db: Database, events: Events): Promise<void> {
  db.approximateSize(events, { gte: 1n })
  await db.compactRange('events', { lt: 1000n }, { bottommost: true })
  // @ts-expect-error the keys are bigints
  db.approximateSize(events, { gte: 1 })
  // @ts-expect-error the keys are bigints
  await db.compactRange(events, { lt: 'a' })
}

/** Any family, with what it accepts. */
export async function putInto<K, V>(
  db: Database,
  family: ColumnFamily<K, V>,
  key: K,
  value: V,
): Promise<void> {
  await db.write([{ type: 'put', columnFamily: family, key, value }])
  await db.batch().put(family, key, value).delete(family, key).write()
}

function streams(users: ColumnFamily<string, User>, events: Events): void {
  const stream = users.writable({ batchBytes: 1 << 20 })
  stream.write(['ada', { name: 'Ada' }])
  stream.write({ type: 'delete', key: 'ada' }, () => {})
  stream.end()
  // @ts-expect-error the key is a string
  stream.write([7, { name: 'Ada' }])
  // @ts-expect-error the value is a User
  stream.end({ type: 'put', key: 'ada', value: 'Ada' })
  // @ts-expect-error rows are not text
  stream.write('ada')
  Readable.from(users.entries()).pipe(users.writable())
  void pipeline(Readable.from(events.entries()), events.writable())
  const plain: Writable = events.writable()
  void plain
}

/** A database of any families is a `Database`. */
function takesAny(db: Database): string | undefined {
  return db.property('rocksdb.stats')
}

/** Functions over any family keep its types. */
export async function first<K, V>(family: ColumnFamily<K, V>): Promise<V | undefined> {
  for await (const [, value] of family.entries({ limit: 1 })) return value
  return undefined
}

export function narrow(error: unknown): string {
  if (!(error instanceof RocksDBError)) return ''
  const outcome: 'notApplied' | 'unknown' | undefined = error.outcome
  // @ts-expect-error there is no such code
  if (error.code === 'ERR_UNHEARD_OF') return ''
  return `${error.code} ${error.severity} ${error.retryable} ${outcome}`
}

// @ts-expect-error there is no such option
void Database.open('x', { createIfMising: true })
// @ts-expect-error there is no such preset
void Database.open('x', { preset: 'fast' })
// @ts-expect-error there is no such option of a family
void Database.open('x', { columnFamilies: { users: { keys: 'utf8' } } })
void Database.openWithTuning(new URL('file:///x'), { walEnabled: false }, { mode: 'read-only' })
void Database.open('x', { mode: { secondary: 'y' } })
