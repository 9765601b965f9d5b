/**
 * Calls every method with hostile values. Each returns, or throws an error with a code, or what the
 * caller's own code threw. FUZZ_SEED repeats a run, FUZZ_CALLS changes its length.
 */
import { inspect, types } from 'node:util'
import { Batch, ColumnFamily, Cursor, Database, Snapshot } from 'rocksdb-live'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { hostileValue, MINE } from '../support/hostile'
import { methodKeysOf } from '../support/methods'
import { Random } from '../support/random'

const dir = useTempDirectory()

const CALLS = Number(process.env['FUZZ_CALLS'] ?? 100_000)

const SPECS = {
  bytes: {},
  text: { key: 'utf8', value: 'json' },
  small: { key: 'uint32', value: 'uint64' },
  large: {
    key: 'uint64',
    value: 'utf8',
    rocksdb: { columnFamily: { merge_operator: 'uint64add' } },
  },
  own: {
    key: { encode: (value: unknown) => value as string, decode: String },
    value: {
      encode: (value: unknown) => (value === 'zzz' ? fail() : (value as string)),
      decode: String,
    },
  },
  untouched: { key: 'uint32', value: 'uint32' },
} as const

function fail(): never {
  throw MINE
}

/**
 * Methods that take long or change what the others work on: called only once in this many of their
 * turns.
 */
const RARE: Record<string, number> = {
  ...{
    close: 3000,
    closeSync: 3000,
    asyncDispose: 3000,
    checkpoint: 50,
    compactRange: 20,
    flush: 50,
  },
  ...{ createColumnFamily: 50, dropColumnFamily: 50, resume: 20, flushWAL: 5, open: 50 },
  ...{ openWithTuning: 50, repair: 10, destroy: 10, listColumnFamilies: 10, catchUp: 10 },
}

/** Methods whose text argument is a path, which must stay in the directory of this test. */
const PATHS = ['checkpoint', 'open', 'openWithTuning', 'repair', 'destroy', 'listColumnFamilies']

interface World {
  db: Database
  other: Database
  things: unknown[]
}

async function newWorld(path: string): Promise<World> {
  const db = (await openAt(path, { columnFamilies: SPECS })) as unknown as Database
  const other = await openFresh()
  const closed = await openFresh()
  const dropped = await db.createColumnFamily(`dropped ${Math.random()}`)
  await db.dropColumnFamily(dropped)
  const closedFamily = closed.default
  await closed.close()
  const released = db.snapshot()
  released.release()
  const families = Object.keys(SPECS).filter((name) => name !== 'untouched')
  const things = [
    ...families.map((name) => db.columnFamily(name)),
    ...[db.default, other.default, dropped, closedFamily],
    ...[db, other, closed, db.snapshot(), released, db.batch(), db.batch(), other.batch()],
    ...families.map((name) => db.columnFamily(name).cursor()),
    ...[db.default.entriesSync(), db.default.entries(), db.default.pages(), db.default.pagesSync()],
  ]
  return { db, other, things }
}

/** A callable method: of an object, or static. */
function methodsOf(thing: unknown): { key: PropertyKey; owner: object }[] {
  return methodKeysOf(Object.getPrototypeOf(thing)).filter(({ key }) => typeof key === 'string')
}
const STATICS = ['open', 'openWithTuning', 'repair', 'destroy', 'listColumnFamilies'].map(
  (key) => ({
    key,
    owner: Database,
  }),
)

/** Uses the result of a call for a few steps. */
async function use(result: unknown, random: Random): Promise<void> {
  const value = (await result) as Partial<AsyncIterator<unknown> & { destroy(): unknown }> | null
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Database) return void (await value.close())
  if (value instanceof Cursor) return value.close()
  if (value instanceof Snapshot) return value.release()
  if (value instanceof Batch || value instanceof ColumnFamily) return
  if (typeof value.destroy === 'function' && 'write' in value) {
    const stream = value as unknown as NodeJS.WritableStream & { destroy(): void }
    await new Promise<void>((resolve, reject) => {
      stream.on('error', reject)
      stream.write(hostileValue(random, []) as string, (error) =>
        error ? reject(error) : resolve(),
      )
    }).finally(() => stream.destroy())
    return
  }
  if (typeof value.next !== 'function') return
  // A stream of changes waits for what may never come.
  if (Symbol.asyncDispose in value)
    return void (await Promise.all([value.next(), value.return?.()]))
  for (let step = random.below(4); step > 0; step--) await value.next()
  await value.return?.()
}

/** Whether a caller may get this error. */
function isTyped(error: unknown, ownReceiver: boolean): boolean {
  if (error === MINE) return true
  if (!types.isNativeError(error)) return false
  if (typeof (error as { code?: unknown }).code === 'string') return true
  // A revoked Proxy throws by itself, like a getter; so does a method on another class's object.
  return error.name === 'TypeError' && (!ownReceiver || /revoked/.test(error.message))
}

it(`survives ${CALLS} hostile calls`, async () => {
  const random = Random.fromEnvironment('FUZZ_SEED')
  let world = await newWorld(dir('db'))
  const guard = world.db.columnFamily('untouched', SPECS.untouched)
  for (let i = 0; i < 1000; i++) guard.putSync(i, i)
  const outcomes = { returned: 0, failed: 0 }
  const called = new Set<string>()
  const failures: string[] = []
  let pending: Promise<void>[] = []
  for (let i = 0; i < CALLS; ) {
    const isStatic = random.once(200)
    const thing = isStatic ? Database : random.pick(world.things)
    const { key, owner } = random.pick(isStatic ? STATICS : methodsOf(thing))
    const name = String(key)
    const property = Object.getOwnPropertyDescriptor(owner, key)
    const method = (property?.get ?? property?.value) as (...args: unknown[]) => unknown
    if (!isStatic && !random.once(RARE[name] ?? 1)) continue
    if (thing === world.other && name.startsWith('close')) continue
    i++
    const args = Array.from({ length: random.below(4) }, () => hostileValue(random, world.things))
    if (PATHS.includes(name) && typeof args[0] === 'string') args[0] = dir(`x${args[0]}`)
    const foreign = !isStatic && random.once(30)
    const receiver = foreign ? hostileValue(random, world.things) : thing
    const own = receiver !== null && Object(receiver) === receiver && receiver === thing
    called.add(`${(thing as object).constructor.name}.${name}`)
    const settle = (error: unknown) => {
      outcomes.failed++
      if (isTyped(error, own)) return
      failures.push(
        `call ${i}: ${name}(${inspect(args)}) of ${inspect(receiver)}: ${inspect(error)}`,
      )
    }
    try {
      const result = method.apply(receiver, args)
      pending.push(
        use(result, new Random(random.below(2 ** 32))).then(() => void outcomes.returned++, settle),
      )
    } catch (error) {
      settle(error)
    }
    if (pending.length < 64) continue
    await Promise.all(pending)
    pending = []
    if (world.db.closed || world.other.closed) world = await newWorld(dir('db'))
  }
  await Promise.all(pending)
  expect([random.seed, failures.slice(0, 10)]).toEqual([random.seed, []])
  expect(outcomes.returned + outcomes.failed).toBe(CALLS)
  expect(outcomes.returned).toBeGreaterThan(CALLS / 10)
  expect(outcomes.failed).toBeGreaterThan(CALLS / 10)
  expect(called.size).toBeGreaterThan(80)
  await world.db.close()
  const db = await openAt(dir('db'), { columnFamilies: SPECS })
  const rows = [...db.columnFamily('untouched').entriesSync()]
  expect(rows).toEqual(Array.from({ length: 1000 }, (_, i) => [i, i]))
  expect(db.health).toBe('ok')
}, 300_000)
