/**
 * The types of codecs, as test/types/api.ts has those of the rest: each `@ts-expect-error` fails if its line
 * would compile.
 */
import {
  type BoundsOf,
  type Codec,
  type ColumnFamily,
  Database,
  descending,
  InvalidValueError,
  json,
  type KeyInputOf,
  msgpack,
  type OrderedKey,
  ordered,
  schema,
  tuple,
} from 'rocksdb-live'
import * as z from 'zod'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

function check<_T extends true>(): void {}

interface User {
  name: string
}

const open = () =>
  Database.open('x', {
    columnFamilies: {
      numbers: { key: 'int32', value: 'float64' },
      times: { key: 'date', value: 'boolean' },
      ids: { key: 'uuid', value: 'int64' },
      orders: { key: tuple('utf8', 'uint64'), value: json<User>() },
      posts: { key: tuple('utf8', descending('date'), tuple('int32', 'buffer')), value: 'utf8' },
      newest: { key: descending('uint64'), value: msgpack<User>() },
      settings: { key: ordered(), value: tuple('boolean') },
      users: {
        key: 'utf8',
        value: schema(z.object({ name: z.string(), age: z.number().default(0) }), 'json'),
      },
    },
  })

export async function typed(): Promise<void> {
  await using db = await open()
  check<Equal<ReturnType<typeof numbers.getSync>, number | undefined>>()
  const numbers = db.columnFamily('numbers')
  check<Equal<KeyInputOf<typeof numbers>, number>>()
  const times = db.columnFamily('times')
  check<Equal<typeof times, ColumnFamily<Date, boolean>>>()
  const ids = db.columnFamily('ids')
  check<Equal<typeof ids, ColumnFamily<string, bigint>>>()
  const newest = db.columnFamily('newest')
  check<Equal<typeof newest, ColumnFamily<bigint, User>>>()
  const settings = db.columnFamily('settings')
  check<Equal<KeyInputOf<typeof settings>, OrderedKey>>()
  settings.putSync(['a', 1, null], [true])
  // @ts-expect-error bytes are no key
  settings.getSync(Buffer.from('a'))

  const users = db.columnFamily('users')
  await users.put('ada', { name: 'Ada' })
  // @ts-expect-error the name is missing
  await users.put('ada', { age: 5 })
  const user = await users.get('ada')
  check<Equal<typeof user, { name: string; age: number } | undefined>>()
  await tuples(db)
}

async function tuples(db: Awaited<ReturnType<typeof open>>): Promise<void> {
  const orders = db.columnFamily('orders')
  const key: [string, bigint] | undefined = (await orders.first())?.[0]
  check<Equal<KeyInputOf<typeof orders>, readonly [string, bigint]>>()
  await orders.put(key ?? ['eu', 5n], { name: 'Ada' })
  const fixed = ['eu', 5n] as const
  orders.putSync(fixed, { name: 'Ada' })
  // @ts-expect-error the first part alone is no key
  orders.getSync(['eu'])
  // @ts-expect-error the second part is a bigint
  orders.getSync(['eu', 5])
  // @ts-expect-error the parts are two
  orders.getSync(['eu', 5n, 1])

  orders.keysSync({ prefix: ['eu'], gte: [], lt: ['us', 5n] })
  await orders.count({ gt: ['eu'] })
  await orders.clear({ lte: ['eu'] })
  await orders.deleteRange(['eu'], ['us', 5n])
  orders.cursor({ gte: ['eu'] }).seek(['us'])
  orders.watch({ prefix: ['eu'] })
  db.batch().deleteRange(orders, ['eu'], ['us'])
  db.approximateSize(orders, { prefix: ['eu'] })
  await db.compactRange(orders, { prefix: ['eu'] })
  await db.write([{ type: 'deleteRange', columnFamily: orders, begin: ['a'], end: ['b', 1n] }])
  await db.transaction(async (tx) => {
    tx.deleteRange(orders, ['eu'], ['us'])
    for await (const [[region, number]] of tx.entries(orders, { prefix: ['eu'] })) {
      check<Equal<typeof region, string>>()
      check<Equal<typeof number, bigint>>()
    }
    // @ts-expect-error a region is a string
    await tx.count(orders, { prefix: [5] })
  })
  // @ts-expect-error a region is a string
  orders.keysSync({ prefix: [5] })
  // @ts-expect-error a bound is an array
  orders.keysSync({ prefix: 'eu' })
  // @ts-expect-error the parts are two
  await orders.count({ gt: ['eu', 5n, 1] })
  const bounds: BoundsOf<typeof orders> = { gte: ['eu'] }
  await orders.count(bounds)

  const posts = db.columnFamily('posts')
  posts.putSync(['ada', new Date(), [1, 'text or bytes']], 'text')
  const post: [string, Date, [number, Buffer]] | undefined = posts.firstSync()?.[0]
  posts.keysSync({ prefix: ['ada', new Date(), [1]], gte: post })
  posts.keysSync({ prefix: ['ada', new Date(), []] })
  // @ts-expect-error only the last part may be partial
  posts.keysSync({ prefix: ['ada', new Date(), ['1']] })

  takesFamily(orders)
  const codec: Codec<[string, bigint], readonly [string, bigint]> = tuple('utf8', 'uint64')
  codec.encode(['eu', 5n])
}

function takesFamily(
  orders: ColumnFamily<[string, bigint], User, readonly [string, bigint]>,
): void {
  orders.keysSync({ gte: ['eu', 5n] })
}

export function refused(): void {
  // @ts-expect-error json has no order
  tuple('json')
  // @ts-expect-error json has no order
  tuple('utf8', json<string>())
  // @ts-expect-error json has no order
  descending('json')
  // @ts-expect-error what the schema gives is no bigint
  schema(z.string(), 'uint64')
  schema(z.string(), 'utf8')
  schema(z.date(), 'date')
  const error = new InvalidValueError('message', [{ message: 'issue' }])
  const text: string = error.issues[0].message
  error.issues.map(({ path }) => path?.length ?? text)
}
