/** Counters: what increments add up to, wherever they are kept and however they are read. */
import { type CounterFamily, counter, type Database, type Snapshot } from 'rocksdb-live'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { coded, expectRejection, expectThrow, listOf } from '../support/expectations'
import { Random } from '../support/random'

useTempDirectory()

const COUNTERS = { columnFamilies: { n: { key: 'utf8', value: counter() } } } as const
const CODECS = COUNTERS.columnFamilies.n
const MAX = 2n ** 63n - 1n
const MIN = -(2n ** 63n)
const OVERFLOW = ['ERR_OUT_OF_RANGE', 'the counter with key "k"'] as const

type Counters = CounterFamily<string>

/** Every read of `k` in a family where it is the only key. */
function readsOf(db: Pick<Database, 'begin' | 'snapshot'>, n: Counters): (() => unknown)[] {
  const cursor = () => {
    using rows = n.cursor()
    return rows.next(1)
  }
  const inside = <T>(read: (tx: ReturnType<Database['begin']>) => T): T => {
    using tx = db.begin()
    return read(tx)
  }
  const before = () => {
    using snapshot = db.snapshot()
    return n.getSync('k', { snapshot })
  }
  return [
    () => n.get('k'),
    () => n.getSync('k'),
    () => n.getMany(['other', 'k']),
    () => n.getManySync(['other', 'k']),
    () => n.getInto('k', new Uint8Array(8)),
    () => n.has('k'),
    () => n.hasSync('k'),
    () => n.count(),
    () => [...n.keysSync()],
    () => listOf(n.entries()),
    () => [...n.entriesSync({ reverse: true })],
    () => [...n.valuesSync()],
    () => n.first(),
    () => n.lastSync(),
    cursor,
    before,
    () => inside((tx) => tx.getSync(n, 'k')),
    () => inside((tx) => tx.getManySync(n, ['k'])),
    () => inside((tx) => [...tx.entriesSync(n)]),
  ]
}

const keyOf = (number: number) => `k${number}`

/** Makes any write to a key, also in the model. */
async function write(n: Counters, key: string, model: Map<string, bigint>, random: Random) {
  const some = [0n, 1n, -1n, MAX, MIN, MAX - 1n, 2n ** 32n, -(2n ** 32n), 2n ** 31n, 255n]
  const by = random.once(4) ? random.pick(some) : BigInt(random.below(2000) - 1000)
  if (random.once(12)) {
    await n.put(key, by)
    model.set(key, by)
  } else if (random.once(25)) {
    await n.delete(key)
    model.delete(key)
  } else if (random.once(50)) {
    await n.deleteRange(keyOf(0), keyOf(3))
    for (const gone of [0, 1, 2]) model.delete(keyOf(gone))
  } else {
    await n.increment(key, by)
    model.set(key, (model.get(key) ?? 0n) + by)
  }
}

/** Reads a key as the model has it. */
async function compare(
  n: Counters,
  key: string,
  model: ReadonlyMap<string, bigint>,
  options: { snapshot?: Snapshot } = {},
) {
  const expected = model.get(key)
  if (expected === undefined || (expected >= MIN && expected <= MAX)) {
    expect(await n.get(key, options)).toBe(expected)
  } else {
    await expectRejection(n.get(key, options), 'ERR_OUT_OF_RANGE', `"${key}"`)
  }
}

async function expectOverflow(db: Pick<Database, 'begin' | 'snapshot'>, n: Counters) {
  for (const read of readsOf(db, n)) {
    await expectRejection((async () => read())(), ...OVERFLOW)
  }
}

describe('increment', () => {
  it('adds, in every way of calling it, and put and merge take bigints', async () => {
    const db = await openFresh(COUNTERS)
    const n = db.columnFamily('n')
    await n.increment('k')
    n.incrementSync('k')
    await n.increment('k', -10n, { sync: true })
    n.incrementSync('k', 3n, { disableWAL: false })
    await n.increment('k', undefined)
    await n.merge('k', 5n)
    expect(await n.get('k')).toBe(1n)
    await db.batch().put(n, 'k', 7n).increment(n, 'k').increment(n, 'k', -2n).write()
    expect(n.getSync('k')).toBe(6n)
    await db.write([
      { type: 'merge', columnFamily: n, key: 'k', operand: 4n },
      { type: 'put', columnFamily: n, key: 'other', value: MIN },
    ])
    expect(await n.getMany(['k', 'other', 'none'])).toEqual([10n, MIN, undefined])
    await n.delete('k')
    await n.increment('k', MIN)
    expect(await listOf(n.entries())).toEqual([
      ['k', MIN],
      ['other', MIN],
    ])
    expect(
      await db.compareAndWrite({
        checks: [{ columnFamily: n, key: 'k', equals: MIN }],
        operations: [{ type: 'put', columnFamily: n, key: 'k', value: 0n }],
      }),
    ).toBe(true)
    expect(await n.get('k')).toBe(0n)
  })

  it('counts those of many at once', async () => {
    const db = await openFresh(COUNTERS)
    const n = db.columnFamily('n')
    const same = db.columnFamily('n', CODECS)
    await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        (i % 2 ? n : same).increment('k', BigInt(i), { sync: i % 50 === 0 }),
      ),
    )
    expect(await n.get('k')).toBe(BigInt((499 * 500) / 2))
  })

  it.each([
    ['as they are', {}],
    ['merged in memory', { max_successive_merges: 2 }],
    ['in blob files', { enable_blob_files: true, min_blob_size: 0 }],
    ['compacted universally', { compaction_style: 'kCompactionStyleUniversal' }],
  ])('keeps what a model has, %s', async (_, columnFamily) => {
    const random = Random.fromEnvironment('COUNTERS_SEED')
    const own = { n: { ...COUNTERS.columnFamilies.n, rocksdb: { columnFamily } } } as const
    let db = await openFresh({ columnFamilies: own })
    let n = db.columnFamily('n')
    let model = new Map<string, bigint>()
    let before = { snapshot: db.snapshot(), model }
    for (let step = 0; step < 1000; step++) {
      const key = keyOf(random.below(6))
      model = new Map(model)
      await write(n, key, model, random)
      if (random.once(60)) await db.flush()
      if (random.once(200)) await db.compactRange('n', {}, { bottommost: true })
      if (random.once(5)) await compare(n, key, model)
      if (random.once(40)) await compare(n, key, before.model, { snapshot: before.snapshot })
      if (random.once(150)) {
        before.snapshot.release()
        before = { snapshot: db.snapshot(), model }
      }
      if (!random.once(400)) continue
      db = await reopen(db, { columnFamilies: own })
      n = db.columnFamily('n')
      before = { snapshot: db.snapshot(), model }
    }
    expect(db.health).toBe('ok')
  })
})

describe('an overflow', () => {
  it('is an error of every read, in memory, in tables, compacted and after a reopening', async () => {
    let db = await openFresh(COUNTERS)
    let n = db.columnFamily('n')
    await n.put('k', MAX)
    await n.increment('k')
    await expectOverflow(db, n)
    for (const _ of [1, 2]) {
      await db.flush()
      await expectOverflow(db, n)
      await db.compactRange('n', {}, { bottommost: true })
      await expectOverflow(db, n)
      db = await reopen(db, COUNTERS)
      n = db.columnFamily('n')
      await expectOverflow(db, n)
    }
    expect(db.health).toBe('ok')
    await n.increment('k', -2n)
    expect(await n.get('k')).toBe(MAX - 1n)
    await db.compactRange('n', {}, { bottommost: true })
    expect(await n.get('k')).toBe(MAX - 1n)
  })

  it('is one below the range, too, of operands alone, and is healed by put and delete', async () => {
    const db = await openFresh(COUNTERS)
    const n = db.columnFamily('n')
    for (const heal of [() => n.put('k', 7n), () => n.delete('k'), () => n.increment('k', MAX)]) {
      for (let i = 0; i < 3; i++) {
        await n.increment('k', MIN)
        await db.flush()
      }
      await n.increment('k', MAX)
      await expectOverflow(db, n)
      await db.compactRange('n', {}, { bottommost: true })
      await expectOverflow(db, n)
      await heal()
    }
    // 3 MIN + 2 MAX by now.
    await expectOverflow(db, n)
    await n.increment('k', MAX)
    expect(await n.get('k')).toBe(-3n)
  })

  it('is told on every thread, again and again, and not taken for another one', async () => {
    const db = await openFresh({
      columnFamilies: { ...COUNTERS.columnFamilies, u: { mergeOperator: 'uint64add' } },
    })
    const n = db.columnFamily('n')
    await n.put('k', MAX)
    await n.increment('k')
    await db.flush()
    const rows = n.entries()
    for (let i = 0; i < 3; i++) {
      const result = await rows.next().catch((error: unknown) => error)
      if (i === 0) expect(result).toEqual(coded(...OVERFLOW))
    }
    const all = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => (i % 2 ? n.get('k') : n.getMany(['k', `${i}`]))),
    )
    for (const result of all) {
      expect(result).toMatchObject({ status: 'rejected', reason: coded(...OVERFLOW) })
    }
  })

  it('fails what compares it, and no commit that only increments', async () => {
    const db = await openFresh(COUNTERS)
    const n = db.columnFamily('n')
    await n.put('k', MAX)
    await n.increment('k')
    const compared = db.compareAndWrite({
      checks: [{ columnFamily: n, key: 'k', equals: 1n }],
      operations: [{ type: 'put', columnFamily: n, key: 'other', value: 1n }],
    })
    await expectRejection(compared, ...OVERFLOW)
    await db.transaction((tx) => {
      tx.increment(n, 'k')
      tx.increment(n, 'k', -5n)
      // What is below its own increments overflows.
      expectThrow(() => tx.getSync(n, 'k'), ...OVERFLOW)
    })
    expect(await n.get('k')).toBe(MAX - 3n)
    await db.transaction((tx) => {
      tx.increment(n, 'k', 4n)
      expectThrow(() => tx.getSync(n, 'k'), ...OVERFLOW)
      expectThrow(() => [...tx.entriesSync(n)], ...OVERFLOW)
      tx.increment(n, 'k', -4n)
      expect(tx.getSync(n, 'k')).toBe(MAX - 3n)
    })
    expect(await n.has('other')).toBe(false)
  })
})

describe('a transaction', () => {
  it("reads its own increments, and is in nobody's way", async () => {
    const db = await openFresh(COUNTERS)
    const n = db.columnFamily('n')
    await n.put('k', 10n)
    const tx = db.begin()
    tx.increment(n, 'k')
    tx.increment(n, 'k', 5n)
    tx.increment(n, 'new', -1n)
    expect(await tx.get(n, 'k')).toBe(16n)
    expect([...tx.entriesSync(n)]).toEqual([
      ['k', 16n],
      ['new', -1n],
    ])
    await n.increment('k', 100n)
    expect(await n.get('k')).toBe(110n)
    await db.transaction((other) => other.increment(n, 'k', 1000n))
    // It has read the key: what others did is a conflict.
    await expectRejection(tx.commit(), 'ERR_CONFLICT')
    await Promise.all(
      Array.from({ length: 50 }, () => db.transaction((each) => each.increment(n, 'k'))),
    )
    expect(await n.get('k')).toBe(1160n)
    await db
      .transaction(async (each) => {
        each.increment(n, 'k')
        await each
          .savepoint(() => {
            each.increment(n, 'k', 7n)
            throw new Error('back')
          })
          .catch(() => {})
        throw new Error('all')
      })
      .catch(() => {})
    expect(await n.get('k')).toBe(1160n)
  })
})

describe('what is wrong', () => {
  it.each([
    ['a number', 1, 'ERR_INVALID_ARG_TYPE', 'BigInt(1)'],
    ['NaN', Number.NaN, 'ERR_INVALID_ARG_TYPE', '"by"'],
    ['null', null, 'ERR_INVALID_ARG_TYPE', '"by"'],
    ['text', '1', 'ERR_INVALID_ARG_TYPE', '"by"'],
    ['bytes', Buffer.alloc(8), 'ERR_INVALID_ARG_TYPE', '"by"'],
    ['2^63', 2n ** 63n, 'ERR_OUT_OF_RANGE', '"by"'],
    ['-2^63 - 1', MIN - 1n, 'ERR_OUT_OF_RANGE', '"by"'],
  ])('%s is refused, and counts nothing', async (_, wrong, code, text) => {
    const db = await openFresh(COUNTERS)
    const n = db.columnFamily('n')
    const by = wrong as never
    await expectRejection(n.increment('k', by), code, text)
    expectThrow(() => n.incrementSync('k', by), code, text)
    expectThrow(() => db.batch().increment(n, 'k', by), code, text)
    using tx = db.begin()
    expectThrow(() => tx.increment(n, 'k', by), code, text)
    await expectRejection(n.put('k', by), code, '"value"')
    await expectRejection(n.merge('k', by), code, '"operand"')
    expect(await n.count()).toBe(0)
  })

  it('a family that has no counters, by method, batch and transaction', async () => {
    const db = await openFresh({
      columnFamilies: {
        ...COUNTERS.columnFamilies,
        u: { key: 'utf8', mergeOperator: 'uint64add' },
      },
    })
    const u = db.columnFamily('u') as unknown as Counters
    const { increment, incrementSync } = db.columnFamily('n') as Counters
    expectThrow(() => u.increment('k'), 'ERR_METHOD_NOT_IMPLEMENTED', 'counter()')
    await expectRejection(increment.call(u, 'k'), 'ERR_INVALID_ARG_VALUE', 'counter()')
    expectThrow(() => incrementSync.call(u, 'k'), 'ERR_INVALID_ARG_VALUE', 'counter()')
    await expectRejection(increment.call({} as never, 'k'), 'ERR_INVALID_THIS')
    expectThrow(() => db.batch().increment(u, 'k'), 'ERR_INVALID_ARG_VALUE', 'counter()')
    using tx = db.begin()
    expectThrow(() => tx.increment(u, 'k'), 'ERR_INVALID_ARG_VALUE', 'counter()')
    const other = await openFresh(COUNTERS)
    const foreign = other.columnFamily('n')
    expectThrow(() => db.batch().increment(foreign, 'k'), 'ERR_INVALID_ARG_VALUE', 'same database')
  })

  it('calls after the end', async () => {
    const db = await openFresh(COUNTERS)
    const n = db.columnFamily('n')
    const tx = db.begin()
    tx.rollback()
    expectThrow(() => tx.increment(n, 'k'), 'ERR_TRANSACTION_DONE')
    const batch = db.batch().increment(n, 'k')
    await db.dropColumnFamily('n')
    await expectRejection(n.increment('k'), 'ERR_DROPPED')
    await expectRejection(batch.write(), 'ERR_DROPPED')
    await db.close()
    await expectRejection(n.increment('k'), 'ERR_CLOSED')
    expectThrow(() => n.incrementSync('k'), 'ERR_CLOSED')
  })
})
