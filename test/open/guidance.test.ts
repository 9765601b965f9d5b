/** Messages for users who come from another store, or mistype. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Batch, ColumnFamily, Cursor, Database, Snapshot, Transaction } from 'rocksdb-live'
import { openFresh, useTempDirectory } from '../support/database'
import { failureOf } from '../support/methods'

const dir = useTempDirectory()

/** Calls with arguments that no type allows. */
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

it.each([
  ['beginTransaction', 'db.begin()'],
  ['startTransaction', 'db.transaction(async (tx) => { … })'],
  ['getForUpdate', 'tx.get(family, key, { forUpdate: true })'],
  ['childTransaction', 'tx.savepoint(async () => { … })'],
  ['compareAndSet', 'db.compareAndWrite({ checks, operations })'],
])('db.%s says what transactions have: %s', async (name, there) => {
  const db = await openFresh()
  const method = (db as unknown as Record<string, () => unknown>)[name] as () => unknown
  expect(await failureOf(() => method.call(db))).toMatchObject({
    code: 'ERR_METHOD_NOT_IMPLEMENTED',
    message: expect.stringMatching(`^A database has no method "${name}": `),
  })
  expect(await failureOf(() => method.call(db))).toMatchObject({
    message: expect.stringContaining(there),
  })
  // The recommended methods exist.
  for (const [, real = ''] of there.matchAll(/^db\.(\w+)/g)) {
    expect(Object.getPrototypeOf(db)).toHaveProperty(real)
  }
  for (const [, real = ''] of there.matchAll(/^tx\.(\w+)/g)) {
    expect(Transaction.prototype).toHaveProperty(real)
  }
})

it.each(['watch', 'subscribe', 'getUpdatesSince', 'createHistoryStream'])(
  'db.%s says what tells of changes',
  async (name) => {
    const db = await openFresh()
    const method = (db as unknown as Record<string, () => unknown>)[name] as () => unknown
    expect(await failureOf(() => method.call(db))).toMatchObject({
      code: 'ERR_METHOD_NOT_IMPLEMENTED',
      message: expect.stringContaining('db.changes()'),
    })
    expect([db.changes, db.default.watch]).toEqual([expect.any(Function), expect.any(Function)])
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

it.each([
  [Database, 'await Database.open(path)'],
  [ColumnFamily, "db.columnFamily('users')"],
  [Batch, 'db.batch()'],
  [Snapshot, 'db.snapshot()'],
  [Cursor, 'cursor()'],
])('a constructor that is called: what makes one', (type, how) => {
  const make = type as unknown as new (...given: unknown[]) => unknown
  for (const given of [[], ['path'], [Symbol('inside'), {}]]) {
    expect(() => new make(...given)).toThrow(
      expect.objectContaining({
        code: 'ERR_ILLEGAL_CONSTRUCTOR',
        message: expect.stringContaining(`${type.name} has no public constructor: use ${how}`),
      }),
    )
  }
})

it('what is called after a close: once where it was, and why', async () => {
  const db = await openFresh()
  await db.default.put('key', 'value')
  const { default: family } = db
  const rows = [family.entries(), family.entriesSync(), family.pages(), family.pagesSync()]
  const cursor = family.cursor()
  await db.close()
  for (const call of [...rows.map((each) => () => each.next()), () => cursor.next(1)]) {
    const { message } = (await failureOf(call)) as Error
    expect(message).toMatch(/^\w+ of "default" in ".*" failed: the database is closed$/)
    expect(message.split('failed')).toHaveLength(2)
  }
})

const linux = process.platform === 'linux' ? it : it.skip

linux(
  'a relative path where the working directory is no UTF-8: no new directory beside it',
  async () => {
    const odd = Buffer.concat([Buffer.from(`${dir('odd')}-`), Buffer.from([0xff, 0xfe])])
    mkdirSync(odd)
    const program = `
    process.chdir(process.argv[1])
    const { Database } = require(${JSON.stringify(join(__dirname, '../..'))})
    const calls = [() => Database.open('db'), () => Database.repair('db'), () => Database.destroy('db')]
    Promise.allSettled(calls.map((call) => call())).then((ends) => {
      console.log(JSON.stringify(ends.map(({ reason }) => [reason?.code, reason?.message])))
    })`
    // A shell passes the bytes on; node would not.
    const shell = spawnSync('sh', ['-c', `cd ${dir('odd')}-* && exec node -e "$PROGRAM" .`], {
      encoding: 'utf8',
      env: { ...process.env, PROGRAM: program },
    })
    expect(shell.stderr).toBe('')
    for (const [code, message] of JSON.parse(shell.stdout)) {
      expect(code).toBe('ERR_INVALID_ARG_VALUE')
      expect(message).toContain('the working directory has a name that is no UTF-8')
    }
    expect(readdirSync(join(dir('odd'), '..'))).toHaveLength(1)
  },
)
