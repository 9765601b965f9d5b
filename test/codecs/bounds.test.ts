/**
 * Ranges of tuples, whose bounds may be the first parts alone: what an array of the rows would give, in every
 * method that takes a range. BOUNDS_SEED repeats a run.
 */
import fc from 'fast-check'
import { type ColumnFamily, Database, descending, tuple } from 'rocksdb-live'
import { take } from '../support/changes'
import { firstParts, type Kind, seedOf, TUPLES } from '../support/codecs'
import { openFresh, track, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'

useTempDirectory()

const NAMES = ['gt', 'gte', 'lt', 'lte', 'prefix'] as const
type AnyBounds = { [Name in (typeof NAMES)[number]]?: unknown }
// biome-ignore lint/suspicious/noExplicitAny: keys of any codec
type AnyRows = ColumnFamily<any, any, any, any>

interface Case {
  kind: Kind
  keys: unknown[]
  bounds: AnyBounds
  reverse: boolean
  /** Where a cursor goes. */
  place: unknown
}

const cases: fc.Arbitrary<Case> = TUPLES.chain((kind) =>
  fc.array(kind.values, { minLength: 2, maxLength: 12 }).chain((keys) => {
    const bound = fc.constantFrom(...keys).chain((key) => firstParts(kind, key))
    const bounds = Object.fromEntries(
      NAMES.map((name) => [name, fc.option(bound, { nil: undefined })]),
    )
    return fc.record({
      kind: fc.constant(kind),
      keys: fc.constant(keys),
      bounds: fc.record(bounds) as fc.Arbitrary<AnyBounds>,
      reverse: fc.boolean(),
      place: bound,
    })
  }),
)

function sortedKeys({ kind, keys }: Case): unknown[] {
  const sorted = [...keys].sort(kind.compare)
  return sorted.filter((key, at) => at === 0 || kind.compare(sorted[at - 1], key) !== 0)
}

/** The order of a key and the first parts of one; of equal ones it stands for all. */
function within(kind: Kind, { gt, gte, lt, lte, prefix }: AnyBounds, key: unknown): boolean {
  const order = (bound: unknown) => kind.compare(key, bound)
  return (
    (gt === undefined || order(gt) > 0) &&
    (gte === undefined || order(gte) >= 0) &&
    (lt === undefined || order(lt) < 0) &&
    (lte === undefined || order(lte) <= 0) &&
    (prefix === undefined || order(prefix) === 0)
  )
}

function fill(db: Database, { kind, keys }: Case): AnyRows {
  db.default.deleteRangeSync('', Buffer.alloc(200, 0xff))
  const rows = db.columnFamily('default', { key: kind.codec, value: 'utf8' }) as AnyRows
  for (const key of keys) rows.putSync(key, 'row')
  return rows
}

describe('any tuples', () => {
  const seed = seedOf('BOUNDS_SEED')
  const open = async () => track(await Database.open(Database.memory(`bounds ${Math.random()}`)))

  it('are read by the first parts', async () => {
    const db = await open()
    const check = (one: Case) => {
      const { kind, bounds, reverse, place } = one
      const rows = fill(db, one)
      const found = sortedKeys(one).filter((key) => within(kind, bounds, key))
      if (reverse) found.reverse()
      const want = found.map(kind.normal)
      const range = { ...bounds, reverse }
      expect([...rows.keysSync(range)]).toEqual(want)
      const [first, last] = [want[0], want.at(-1)]
      expect(rows.firstSync(bounds)?.[0]).toEqual(reverse ? last : first)
      expect(rows.lastSync(bounds)?.[0]).toEqual(reverse ? first : last)
      expect([...rows.pagesSync(range)].reduce((sum, page) => sum + page.count, 0)).toBe(
        want.length,
      )
      using cursor = rows.cursor(range)
      cursor.seek(place)
      const behind = (key: unknown) => kind.compare(key, place) * (reverse ? -1 : 1) >= 0
      expect(cursor.next(100).map(([key]) => key)).toEqual(found.filter(behind).map(kind.normal))
      db.transactionSync((tx) => expect([...tx.keysSync(rows, range)]).toEqual(want))
    }
    fc.assert(fc.property(cases, check), { seed, numRuns: 1500 })
  })

  it('are read and cleared by the first parts on threads', async () => {
    const db = await open()
    const check = async (one: Case) => {
      const { kind, bounds, reverse } = one
      const rows = fill(db, one)
      const all = sortedKeys(one)
      const found = all.filter((key) => within(kind, bounds, key))
      const want = (reverse ? [...found].reverse() : found).map(kind.normal)
      expect(await listOf(rows.keys({ ...bounds, reverse }))).toEqual(want)
      expect(await rows.count(bounds)).toBe(want.length)
      await db.compactRange(rows, bounds)
      expect(db.approximateSize(rows, bounds)).toBeGreaterThanOrEqual(0)
      await db.transaction(async (tx) => {
        expect(await listOf(tx.keys(rows, { ...bounds, reverse }))).toEqual(want)
        expect(await tx.count(rows, bounds)).toBe(want.length)
      })
      await rows.clear(bounds)
      const left = all.filter((key) => !within(kind, bounds, key))
      expect([...rows.keysSync()]).toEqual(left.map(kind.normal))
    }
    await fc.assert(fc.asyncProperty(cases, check), { seed, numRuns: 200 })
  })

  it('are removed by ranges of the first parts', async () => {
    const db = await open()
    const check = (one: Case, form: string) => {
      const { kind, place } = one
      const rows = fill(db, one)
      const [begin, end] = [one.bounds.gte ?? [], place]
      const left = sortedKeys(one)
        .filter((key) => kind.compare(key, begin) < 0 || kind.compare(key, end) >= 0)
        .map(kind.normal)
      const encoded = (bound: unknown) => [...rows.keysSync({ gte: bound, limit: 1 })]
      try {
        if (form === 'batch') db.batch().deleteRange(rows, begin, end).writeSync()
        else if (form === 'transaction')
          db.transactionSync((tx) => tx.deleteRange(rows, begin, end))
        else if (form === 'operations')
          db.writeSync([{ type: 'deleteRange', columnFamily: rows, begin, end }])
        else rows.deleteRangeSync(begin, end)
      } catch (error) {
        // It ends before it begins.
        expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
        expect(kind.compare(begin, end)).toBeGreaterThanOrEqual(0)
        return
      }
      expect(encoded([])).toEqual(left.slice(0, 1))
      expect([...rows.keysSync()]).toEqual(left)
    }
    const forms = fc.constantFrom('family', 'batch', 'transaction', 'operations')
    fc.assert(fc.property(cases, forms, check), { seed, numRuns: 300 })
  })
})

const ORDERS = {
  orders: { key: tuple('utf8', 'uint64', descending('date')), value: 'utf8' },
} as const
const openOrders = () => openFresh({ columnFamilies: ORDERS })

it('all bytes 255 have nothing behind them', async () => {
  const key = tuple('uint32', 'uint32')
  const db = await openFresh({ columnFamilies: { pairs: { key, value: 'utf8' } } })
  const pairs = db.columnFamily('pairs')
  const most = 0xffffffff
  for (const first of [0, most]) for (const second of [0, most]) pairs.putSync([first, second], 'x')
  expect([...pairs.keysSync({ gt: [most] })]).toEqual([])
  expect(await listOf(pairs.keys({ gt: [most], reverse: true }))).toEqual([])
  expect(await pairs.count({ lte: [most] })).toBe(4)
  expect(await pairs.count({ prefix: [most] })).toBe(2)
  expect(await pairs.count({ gt: [] })).toBe(0)
  expect(await pairs.count({ lte: [] })).toBe(4)
  expect(await pairs.count({ lt: [] })).toBe(0)
  using cursor = pairs.cursor({ reverse: true })
  cursor.seek([most])
  expect(cursor.next(1)).toEqual([[[most, most], 'x']])
  await pairs.clear({ gt: [most] })
  expect(await pairs.count()).toBe(4)
  await using watch = pairs.watch({ gt: [most], initial: true })
  expect(await take(watch, 1)).toMatchObject([{ type: 'ready' }])
})

it('a watch sees what begins with the first parts', async () => {
  const db = await openOrders()
  const orders = db.columnFamily('orders')
  const when = new Date(0)
  orders.putSync(['eu', 1n, when], 'before')
  orders.putSync(['us', 1n, when], 'elsewhere')
  await using watch = orders.watch({ prefix: ['eu'], initial: true })
  const begun = await take(watch, 2)
  expect(begun).toMatchObject([{ type: 'put', key: ['eu', 1n, when] }, { type: 'ready' }])
  orders.putSync(['us', 2n, when], 'elsewhere')
  orders.putSync(['eu', 2n, when], 'after')
  orders.deleteRangeSync(['eu', 2n], ['eu', 3n])
  const events = await take(watch, 2)
  expect(events).toMatchObject([{ type: 'put', key: ['eu', 2n, when] }, { type: 'deleteRange' }])
  // The first parts of a key are no key: they are given as their bytes.
  expect(events[1]).toMatchObject({ gte: Buffer.from('eu\0\0\0\0\0\0\0\0\x02') })
})

describe('what is no bound', () => {
  it('is refused, and which part is said', async () => {
    const db = await openOrders()
    const orders = db.columnFamily('orders') as AnyRows
    const wrong: [unknown, string, string][] = [
      ['eu', 'ERR_INVALID_ARG_TYPE', '"options.prefix" property must be an Array of 3 parts'],
      [{ 0: 'eu', length: 1 }, 'ERR_INVALID_ARG_TYPE', 'an Array'],
      [[5], 'ERR_INVALID_ARG_TYPE', '"options.prefix[0]"'],
      [['eu', 5], 'ERR_INVALID_ARG_TYPE', '"options.prefix[1]"'],
      [['eu', -1n], 'ERR_OUT_OF_RANGE', '"options.prefix[1]"'],
      [[undefined], 'ERR_INVALID_ARG_TYPE', '"options.prefix[0]"'],
      [['eu', 5n, new Date(Number.NaN)], 'ERR_INVALID_ARG_VALUE', '"options.prefix[2]"'],
      [['eu', 5n, new Date(0), 1], 'ERR_INVALID_ARG_VALUE', 'at most 3 parts and has 4'],
    ]
    for (const [prefix, code, text] of wrong) {
      expectThrow(() => orders.keysSync({ prefix }), code, text)
      await expectRejection(orders.count({ prefix }), code, text)
      for (const name of ['gt', 'gte', 'lt', 'lte'] as const) {
        expectThrow(() => orders.keysSync({ [name]: prefix }), code, text.replace('prefix', name))
      }
    }
    expectThrow(() => orders.deleteRangeSync(['eu'], ['eu', 1]), 'ERR_INVALID_ARG_TYPE', '"end[1]"')
    expectThrow(() => orders.cursor().seek([1]), 'ERR_INVALID_ARG_TYPE', '"key[0]"')
  })

  it('the first parts are no key', async () => {
    const db = await openOrders()
    const orders = db.columnFamily('orders') as AnyRows
    const text = 'must have 3 parts and has 2'
    await expectRejection(orders.get(['eu', 1n]), 'ERR_INVALID_ARG_VALUE', text)
    await expectRejection(orders.put(['eu', 1n], 'x'), 'ERR_INVALID_ARG_VALUE', text)
    await expectRejection(orders.getMany([['eu', 1n]]), 'ERR_INVALID_ARG_VALUE', text)
    expectThrow(() => db.batch().delete(orders, ['eu', 1n]), 'ERR_INVALID_ARG_VALUE', text)
    const nested = db.columnFamily('default', {
      key: tuple(tuple('utf8', 'utf8'), 'utf8'),
    }) as AnyRows
    expectThrow(() => nested.keysSync({ gt: [['a'], 'b'] }), 'ERR_INVALID_ARG_VALUE', 'gt[0]')
    expect([...nested.keysSync({ gt: [['a']] })]).toEqual([])
  })
})
