/** What a transaction reads: the database at its beginning, overlaid with its own writes. */
import type { AnyFamily, Transaction } from 'rocksdb-live'
import { openFresh, useTempDirectory } from '../support/database'
import { listOf } from '../support/expectations'
import { Random } from '../support/random'

useTempDirectory()

const SPECS = {
  rows: { key: 'utf8', value: 'utf8' },
  sums: { key: 'utf8', mergeOperator: 'uint64add' },
} as const
const KEYS = 40
const STEPS = 600

const keyOf = (number: number) => String(number).padStart(3, '0')

/** The rows of a range of a model. */
function rowsOf(
  model: ReadonlyMap<string, string>,
  { gte = '', lt = '~', reverse = false, limit = Number.POSITIVE_INFINITY } = {},
): [string, string][] {
  const rows = [...model].filter(([key]) => key >= gte && key < lt)
  rows.sort(([a], [b]) => (a < b ? -1 : 1))
  if (reverse) rows.reverse()
  return rows.slice(0, limit)
}

/** Reads in every way, and compares with the model. */
async function compare(
  tx: Transaction,
  rows: AnyFamily,
  model: ReadonlyMap<string, string>,
  random: Random,
): Promise<void> {
  const some = Array.from({ length: 5 }, () => keyOf(random.below(KEYS)))
  const values = some.map((key) => model.get(key))
  expect(await tx.getMany(rows, some)).toEqual(values)
  expect(tx.getManySync(rows, some)).toEqual(values)
  const [key] = some as [string]
  expect([await tx.get(rows, key), tx.getSync(rows, key)]).toEqual([values[0], values[0]])
  expect([await tx.has(rows, key), tx.hasSync(rows, key)]).toEqual([model.has(key), model.has(key)])
  const [gte, lt] = [some[1] as string, some[2] as string].sort() as [string, string]
  const reverse = random.once(2)
  const range = { gte, lt, reverse, limit: random.pick([1, 3, 100]) }
  const expected = rowsOf(model, range)
  const of = (at: 0 | 1) => expected.map((row) => row[at])
  expect(await listOf(tx.entries(rows, range))).toEqual(expected)
  expect([...tx.entriesSync(rows, range)]).toEqual(expected)
  expect(await listOf(tx.keys(rows, range))).toEqual(of(0))
  expect([...tx.keysSync(rows, range)]).toEqual(of(0))
  expect(await listOf(tx.values(rows, range))).toEqual(of(1))
  expect([...tx.valuesSync(rows, range)]).toEqual(of(1))
  expect(await tx.count(rows, range)).toBe(expected.length)
  const whole = rowsOf(model)
  const ends = [whole[0], whole.at(-1)]
  expect([await tx.first(rows), await tx.last(rows)]).toEqual(ends)
  expect([tx.firstSync(rows), tx.lastSync(rows)]).toEqual(ends)
}

/** Makes one random write, in the transaction and in the model. */
function write(tx: Transaction, rows: AnyFamily, model: Map<string, string>, random: Random): void {
  const key = keyOf(random.below(KEYS))
  if (random.once(4)) {
    const end = keyOf(Number(key) + random.below(8))
    tx.deleteRange(rows, key, end)
    for (const each of [...model.keys()]) if (each >= key && each < end) model.delete(each)
  } else if (random.once(3)) {
    tx.delete(rows, key)
    model.delete(key)
  } else {
    const value = String(random.below(1000))
    tx.put(rows, key, value)
    model.set(key, value)
  }
}

describe('a transaction reads its own writes', () => {
  it.each([
    ['in memory', false],
    ['from files', true],
  ])('over what is %s, in every way, with savepoints', async (_, flushed) => {
    const random = Random.fromEnvironment('OWN_WRITES_SEED')
    const db = await openFresh({ columnFamilies: SPECS })
    const rows = db.columnFamily('rows')
    const model = new Map<string, string>()
    for (let i = 0; i < KEYS; i += 2) {
      await rows.put(keyOf(i), `base ${i}`)
      model.set(keyOf(i), `base ${i}`)
    }
    if (flushed) await db.flush()
    const before = new Map(model)
    await using tx = db.begin()
    for (let step = 0; step < STEPS / 10; step++) {
      for (let i = 0; i < 5; i++) write(tx, rows, model, random)
      if (random.once(3)) {
        const kept = new Map(model)
        await expect(
          tx.savepoint(async () => {
            write(tx, rows, model, random)
            if (random.once(2)) await compare(tx, rows, model, random)
            write(tx, rows, model, random)
            throw 'taken back'
          }),
        ).rejects.toBe('taken back')
        model.clear()
        for (const [key, value] of kept) model.set(key, value)
      }
      await compare(tx, rows, model, random)
    }
    expect([...rows.entriesSync()]).toEqual(rowsOf(before))
    await tx.commit()
    expect([...rows.entriesSync()]).toEqual(rowsOf(model))
  })

  it('with merge operands over what is there, what it put, and nothing', async () => {
    const db = await openFresh({ columnFamilies: SPECS })
    const sums = db.columnFamily('sums')
    const number = (value: number) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64LE(BigInt(value))
      return bytes
    }
    const read = (value: Buffer | undefined) =>
      value === undefined ? undefined : Number(value.readBigUInt64LE())
    await sums.put('there', number(1))
    await sums.put('gone', number(1))
    await db.flush()
    await using tx = db.begin()
    for (const key of ['there', 'new', 'gone', 'put']) {
      if (key === 'gone') tx.delete(sums, key)
      if (key === 'put') tx.put(sums, key, number(100))
      tx.merge(sums, key, number(10))
      tx.merge(sums, key, number(5))
    }
    const expected = { there: 16, new: 15, gone: 15, put: 115 }
    const keys = Object.keys(expected)
    const values = Object.values(expected)
    expect((await tx.getMany(sums, keys)).map(read)).toEqual(values)
    expect(keys.map((key) => read(tx.getSync(sums, key)))).toEqual(values)
    expect(await Promise.all(keys.map(async (key) => read(await tx.get(sums, key))))).toEqual(
      values,
    )
    const rows = await listOf(tx.entries(sums, { reverse: true }))
    expect(rows.map(([key, value]) => [key, read(value)])).toEqual(
      keys
        .sort()
        .reverse()
        .map((key) => [key, expected[key as keyof typeof expected]]),
    )
    tx.deleteRange(sums, 'a', 'o')
    tx.merge(sums, 'gone', number(3))
    expect([read(await tx.get(sums, 'gone')), await tx.get(sums, 'new')]).toEqual([3, undefined])
    await tx.commit()
    const after = [...sums.entriesSync()].map(([key, value]) => [key, read(value)])
    expect(after).toEqual([
      ['gone', 3],
      ['put', 115],
      ['there', 16],
    ])
  })

  it('as they were when a scan began', async () => {
    const db = await openFresh({ columnFamilies: SPECS })
    const rows = db.columnFamily('rows')
    for (let i = 0; i < 1000; i++) rows.putSync(keyOf(i), 'old')
    await using tx = db.begin()
    tx.put(rows, '0005', 'own')
    const seen: string[] = []
    for await (const [key, value] of tx.entries(rows)) {
      seen.push(value)
      tx.put(rows, key, 'new')
      tx.put(rows, `${key}+`, 'behind')
    }
    expect(seen.filter((value) => value !== 'old')).toEqual(['own'])
    expect(await tx.count(rows)).toBe(2002)
  })

  it('and nobody else does, before the commit', async () => {
    const db = await openFresh({ columnFamilies: SPECS })
    const rows = db.columnFamily('rows')
    await rows.put('a', 'old')
    await using tx = db.begin()
    await using other = db.begin()
    tx.put(rows, 'a', 'new')
    expect(await tx.get(rows, 'a')).toBe('new')
    expect([await rows.get('a'), await other.get(rows, 'a')]).toEqual(['old', 'old'])
    await tx.commit()
    expect([await rows.get('a'), await other.get(rows, 'a')]).toEqual(['new', 'old'])
  })
})
