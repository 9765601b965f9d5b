/** `schema`, with schemas of zod, valibot and arktype, and with those of nobody. */
import { type } from 'arktype'
import {
  type ColumnFamily,
  InvalidValueError,
  json,
  msgpack,
  RocksDBError,
  schema,
  tuple,
} from 'rocksdb-live'
import * as v from 'valibot'
import * as z from 'zod'
import type { StandardSchema } from '../../lib/types/codecs'
import { openFresh, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'

useTempDirectory()

interface User {
  name: string
  age: number
}

/** The same in each library: a name of at least one character, and an age that is 0 where it is left out. */
const SCHEMAS = {
  zod: z.object({ name: z.string().min(1), age: z.number().min(0).default(0) }),
  valibot: v.object({
    name: v.pipe(v.string(), v.minLength(1)),
    age: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
  }),
  arktype: type({ name: 'string >= 1', age: 'number >= 0 = 0' }),
}

// biome-ignore lint/suspicious/noExplicitAny: values of any type
type Users = ColumnFamily<string, User, string, any>

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe.each(Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[])('a schema of %s', (library) => {
  const open = async () => {
    const value = schema(SCHEMAS[library] as typeof SCHEMAS.zod, 'json')
    const db = await openFresh({ columnFamilies: { users: { key: 'utf8', value } } })
    return { db, users: db.columnFamily('users') as Users }
  }

  it('writes what the schema makes of a value', async () => {
    const { db, users } = await open()
    await users.put('ada', { name: 'Ada', age: 36 })
    users.putSync('ben', { name: 'Ben' })
    db.batch().put(users, 'cid', { name: 'Cid' }).writeSync()
    db.transactionSync((tx) => tx.put(users, 'dan', { name: 'Dan' }))
    expect(await listOf(users.values())).toEqual([
      { name: 'Ada', age: 36 },
      { name: 'Ben', age: 0 },
      { name: 'Cid', age: 0 },
      { name: 'Dan', age: 0 },
    ])
    const checks = [{ columnFamily: users, key: 'ben', equals: { name: 'Ben' } }]
    expect(db.compareAndWriteSync({ checks, operations: [] })).toBe(true)
  })

  it('refuses what does not fit, with the issues and nothing of the value in the message', async () => {
    const { db, users } = await open()
    const error = await failureOf(users.put('ada', { name: '', age: -123456 }))
    expect(error).toBeInstanceOf(InvalidValueError)
    expect(error).toBeInstanceOf(RocksDBError)
    expect(error).toMatchObject({
      name: 'InvalidValueError',
      code: 'ERR_INVALID_VALUE',
      retryable: false,
    })
    const { issues, message } = error as InvalidValueError
    expect(issues).toHaveLength(2)
    const paths = issues.map(({ path }) =>
      [...(path ?? [])].map((each) => (typeof each === 'object' ? each.key : each)),
    )
    expect(paths).toEqual(expect.arrayContaining([['name'], ['age']]))
    expect(issues.every((issue) => typeof issue.message === 'string')).toBe(true)
    expect(message).toContain('put of "users" in')
    expect(message).toContain('the value does not fit its schema: 2 issues')
    expect(message).not.toContain('123456')
    expectThrow(() => users.putSync('ada', {}), 'ERR_INVALID_VALUE')
    expectThrow(() => db.batch().put(users, 'ada', null), 'ERR_INVALID_VALUE')
    await expectRejection(
      db.transaction(async (tx) => tx.put(users, 'ada', 5)),
      'ERR_INVALID_VALUE',
    )
    await expectRejection(
      db.write([{ type: 'put', columnFamily: users, key: 'a', value: 1 }]),
      'ERR_INVALID_VALUE',
    )
    expect(await users.count()).toBe(0)
  })
})

it('what is read is not checked', async () => {
  const db = await openFresh({
    columnFamilies: { users: { value: schema(SCHEMAS.zod, json<User>()) } },
  })
  db.columnFamily('users', {}).putSync('ada', '{"name":""}')
  expect(await db.columnFamily('users').get('ada')).toEqual({ name: '' })
})

it('keys are checked, and bounds are not', async () => {
  const lower = z.string().min(2).toLowerCase()
  const db = await openFresh({
    columnFamilies: {
      names: { key: schema(lower, 'utf8') },
      parts: { key: tuple(schema(lower, 'utf8'), 'uint32') },
      pairs: { key: schema(z.tuple([z.string().min(2), z.int()]), tuple('utf8', 'int32')) },
    },
  })
  const names = db.columnFamily('names')
  await names.put('ADA', 'x')
  expect(await names.has('Ada')).toBe(true)
  expect(await listOf(names.keys({ prefix: 'a' }))).toEqual(['ada'])
  await expectRejection(names.get('a'), 'ERR_INVALID_VALUE', 'the key does not fit')
  const parts = db.columnFamily('parts')
  await parts.put(['BEN', 1], 'x')
  expect(await listOf(parts.keys({ prefix: ['ben'] }))).toEqual([['ben', 1]])
  await expectRejection(parts.put(['a', 1], 'x'), 'ERR_INVALID_VALUE', 'the key[0] does not fit')
  const pairs = db.columnFamily('pairs')
  await pairs.put(['ab', 1], 'x')
  expect(await listOf(pairs.keys({ prefix: ['ab'] }))).toEqual([['ab', 1]])
  expect(await pairs.count({ gt: ['ab'] })).toBe(0)
  await pairs.deleteRange(['a'], ['b'])
  expect(await pairs.count()).toBe(0)
})

describe('an asynchronous schema', () => {
  const open = async (standard: StandardSchema) => {
    const db = await openFresh({ columnFamilies: { rows: { value: schema(standard, 'json') } } })
    return db.columnFamily('rows')
  }

  it.each([
    ['of zod', z.string().refine(async () => true)],
    [
      'of valibot',
      v.pipeAsync(
        v.string(),
        v.checkAsync(async () => true),
      ),
    ],
  ])('%s is refused', async (_, standard) => {
    const rows = await open(standard as StandardSchema)
    const text = 'must be synchronous'
    await expectRejection(rows.put('a', 'text'), 'ERR_INVALID_ARG_VALUE', text)
    expectThrow(() => rows.putSync('a', 'text'), 'ERR_INVALID_ARG_VALUE', text)
    expect(await rows.count()).toBe(0)
  })

  it('that rejects later ends nothing', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    const rows = await open(made(() => Promise.reject(new Error('late'))))
    await expectRejection(rows.put('a', 'text'), 'ERR_INVALID_ARG_VALUE', 'synchronous')
    await new Promise(setImmediate)
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})

function made(validate: (value: unknown) => unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'tests', validate: validate as never } }
}

describe('a schema of nobody', () => {
  const openWith = async (validate: (value: unknown) => unknown) => {
    const value = schema(made(validate), msgpack<unknown>())
    const db = await openFresh({ columnFamilies: { rows: { value } } })
    return db.columnFamily('rows')
  }

  it('that throws, ends the call with its error', async () => {
    const failure = new Error('mine')
    const rows = await openWith(() => {
      throw failure
    })
    await expect(rows.put('a', 1)).rejects.toBe(failure)
    expect(() => rows.putSync('a', 1)).toThrow(failure)
  })

  it.each([undefined, null, 5, 'text', true])('that answers %p is refused', async (answer) => {
    const rows = await openWith(() => answer)
    await expectRejection(rows.put('a', 1), 'ERR_INVALID_ARG_TYPE', 'the result of the schema')
  })

  it.each([[[]], ['text'], [null], [{}]])('has an issue where "issues" is %p', async (issues) => {
    const rows = await openWith(() => ({ issues, value: 5 }))
    const error = await failureOf(rows.put('a', 1))
    expect(error).toMatchObject({
      code: 'ERR_INVALID_VALUE',
      issues: [{ message: expect.any(String) }],
    })
  })

  it('gives what its codec cannot write', async () => {
    const rows = await openWith(() => ({ value: () => 1 }))
    await expectRejection(rows.put('a', 1), 'ERR_INVALID_ARG_TYPE', 'MessagePack')
  })

  it('may come back into the database', async () => {
    const rows = await openWith((value) => {
      if (value === 'outer') rows.putSync('inner', 'inner')
      return { value }
    })
    await rows.put('outer', 'outer')
    expect(await rows.getMany(['inner', 'outer'])).toEqual(['inner', 'outer'])
  })
})

it.each([
  [undefined],
  [null],
  [5],
  [{}],
  [() => 1],
  [{ '~standard': {} }],
  [{ '~standard': { validate: 1 } }],
])('takes no %p for a schema', (wrong) => {
  expectThrow(() => schema(wrong as never, 'json'), 'ERR_INVALID_ARG_TYPE', '"schema"')
  expectThrow(() => schema(SCHEMAS.zod, undefined as never), 'ERR_INVALID_ARG_TYPE', '"codec"')
  expectThrow(() => schema(SCHEMAS.zod, 'yaml' as never), 'ERR_INVALID_ARG_VALUE', '"codec"')
})
