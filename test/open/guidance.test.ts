/** What is said to those who come from another store, or slip. */
import { Database } from 'rocksdb-live'
import { openFresh, useTempDirectory } from '../support/database'
import { failureOf } from '../support/methods'

const dir = useTempDirectory()

/** Calls with what no type allows. */
const untyped = <T>(value: T) => value as never

it.each(['get', 'put', 'del', 'iterator', 'getMany', 'clear'])(
  'db.%s says that rows are in families',
  async (name) => {
    const db = await openFresh()
    const method = (db as unknown as Record<string, () => unknown>)[name] as () => unknown
    expect(await failureOf(() => method.call(db))).toMatchObject({
      name: 'TypeError',
      code: 'ERR_METHOD_NOT_IMPLEMENTED',
      message: `A database has no method "${name}": rows are in its column families, as in db.default or db.columnFamily('users')`,
    })
    expect(Object.keys(db)).toEqual([])
  },
)

describe('options that are said elsewhere', () => {
  const open = (options: object) => failureOf(() => Database.open(dir('db'), untyped(options)))

  it.each(['keyEncoding', 'valueEncoding'])('%s: it is a codec of a family', async (name) => {
    const db = await openFresh()
    const failures = [
      await open({ [name]: 'json' }),
      await open({ columnFamilies: { users: { [name]: 'json' } } }),
      await failureOf(() => db.default.get('key', untyped({ [name]: 'json' }))),
      await failureOf(() => db.default.put('key', 'value', untyped({ [name]: 'json' }))),
    ]
    for (const failure of failures) {
      expect(failure).toMatchObject({
        code: 'ERR_INVALID_ARG_VALUE',
        message: expect.stringContaining(`columnFamilies: { users: { ${name.slice(0, -8)}: '`),
      })
    }
  })

  it('mode secondary: the folder that it keeps', async () => {
    expect(await open({ mode: 'secondary' })).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringContaining('mode: { secondary: dir }'),
    })
  })
})

it('a number for a uint64: a bigint', async () => {
  const db = await openFresh({ columnFamilies: { n: { key: 'uint64' } } })
  const n = db.columnFamily('n')
  expect(await failureOf(() => n.get(untyped(1)))).toMatchObject({
    code: 'ERR_INVALID_ARG_TYPE',
    message: 'The "key" argument must be a bigint, as 1n or BigInt(1) is. Received type number (1)',
  })
  expect(await failureOf(() => n.get(untyped('1')))).toMatchObject({
    message: expect.stringContaining('must be a bigint. Received'),
  })
})
