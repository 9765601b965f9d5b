/** How transactions end: once, and without leaving anything behind. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type CounterFamily, counter, Transaction } from 'rocksdb-live'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { coded, expectRejection, expectThrow, listOf } from '../support/expectations'
import { methodKeysOf } from '../support/methods'

const dir = useTempDirectory()

const SPECS = {
  a: { key: 'utf8', value: 'utf8' },
  counts: { key: 'utf8', value: counter() },
} as const

async function open() {
  const db = await openFresh({ columnFamilies: SPECS })
  return { db, a: db.columnFamily('a') }
}

describe('after its end', () => {
  /** Calls of each method; methods not listed here behave the same after the end. */
  const calls = (
    tx: Transaction,
    a: never,
    counts: CounterFamily<string>,
  ): Record<string, () => unknown> => ({
    get: () => tx.get(a, 'k' as never),
    getSync: () => tx.getSync(a, 'k' as never),
    getMany: () => tx.getMany(a, ['k' as never]),
    getManySync: () => tx.getManySync(a, ['k' as never]),
    has: () => tx.has(a, 'k' as never),
    hasSync: () => tx.hasSync(a, 'k' as never),
    entries: async () => listOf(tx.entries(a)),
    entriesSync: () => listOf(tx.entriesSync(a)),
    keys: async () => listOf(tx.keys(a)),
    keysSync: () => listOf(tx.keysSync(a)),
    values: async () => listOf(tx.values(a)),
    valuesSync: () => listOf(tx.valuesSync(a)),
    count: () => tx.count(a),
    first: () => tx.first(a),
    firstSync: () => tx.firstSync(a),
    last: () => tx.last(a),
    lastSync: () => tx.lastSync(a),
    put: () => tx.put(a, 'k' as never, 'v' as never),
    delete: () => tx.delete(a, 'k' as never),
    deleteRange: () => tx.deleteRange(a, 'k' as never, 'l' as never),
    merge: () => tx.merge(a, 'k' as never, 'v' as never),
    increment: () => tx.increment(counts, 'k'),
    savepoint: () => tx.savepoint(() => 1),
    savepointSync: () => tx.savepointSync(() => 1),
    commit: () => tx.commit(),
    commitSync: () => tx.commitSync(),
  })
  const QUIET = ['id', 'done', 'rollback', Symbol.dispose, Symbol.asyncDispose]

  it.each(['committed', 'rolled back', 'failed'])(
    'every call fails where it was %s',
    async (end) => {
      const { db, a } = await open()
      const tx = db.begin()
      await tx.get(a, 'k')
      tx.put(a, 'k', 'mine')
      if (end === 'failed') await a.put('k', 'other')
      if (end === 'rolled back') tx.rollback()
      else await tx.commit().catch(() => {})
      expect(tx.done).toBe(true)
      const list = calls(tx, a as never, db.columnFamily('counts'))
      const names = methodKeysOf(Transaction.prototype).map(({ key }) => key)
      expect(names.filter((key) => !QUIET.includes(key as string)).sort()).toEqual(
        Object.keys(list).sort(),
      )
      for (const [name, call] of Object.entries(list)) {
        const failure = await (async () => call())().catch((error) => error)
        expect([name, failure]).toEqual([name, coded('ERR_TRANSACTION_DONE')])
      }
      tx.rollback()
      expect(await a.get('k')).toBe(
        end === 'committed' ? 'mine' : end === 'failed' ? 'other' : undefined,
      )
      expect(db.transactions()).toEqual([])
    },
  )

  it.each(['rollback', 'commitSync', Symbol.dispose] as const)(
    'a write whose codec has called %p is refused, and in no other transaction',
    async (end) => {
      let tx: Transaction | undefined
      const value = {
        encode(text: string) {
          if (text === 'end') tx?.[end]()
          return Buffer.from(text)
        },
        decode: String,
      }
      const spec = { key: 'utf8', value } as const
      const db = await openFresh({ columnFamilies: { a: spec } })
      const a = db.columnFamily('a')
      tx = db.begin()
      tx.put(a, 'before', 'x')
      expectThrow(() => tx?.put(a, 'ended', 'end'), 'ERR_TRANSACTION_DONE', 'put')
      const other = db.begin()
      other.put(a, 'other', 'x')
      await other.commit()
      expect([...a.keysSync()]).toEqual(end === 'commitSync' ? ['before', 'other'] : ['other'])
    },
  )

  it('a step of a scan that the close of the database overtakes ends, or says so', async () => {
    const { db, a } = await open()
    const scans = [db.begin().entries(a), db.begin().keys(a, { reverse: true })]
    const steps = Promise.allSettled(scans.map((rows) => rows.next()))
    await db.close()
    for (const step of await steps) {
      if (step.status === 'fulfilled') expect(step.value.done).toBe(true)
      else expect(step.reason).toEqual(coded('ERR_CLOSED', `read of "a" in "${db.path}" failed`))
    }
  })

  it('a scan that was under way gives no more rows', async () => {
    const { db, a } = await open()
    for (let i = 0; i < 500; i++) a.putSync(`${i}`, '')
    const tx = db.begin()
    const [rows, sync] = [tx.entries(a), tx.entriesSync(a)]
    await rows.next()
    sync.next()
    await tx.commit()
    await expectRejection(rows.next(), 'ERR_TRANSACTION_DONE')
    expectThrow(() => sync.next(), 'ERR_TRANSACTION_DONE')
    await rows.return?.()
    sync.return?.()
  })
})

describe('it ends', () => {
  it('with its block, by using', async () => {
    const { db, a } = await open()
    {
      using tx = db.begin()
      tx.put(a, 'k', 'v')
    }
    {
      await using tx = db.begin()
      tx.put(a, 'k', 'v')
    }
    expect([await a.get('k'), db.transactions()]).toEqual([undefined, []])
  })

  it('when nobody holds it any more', async () => {
    const { db, a } = await open()
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const lose = async () => {
      for (let i = 0; i < 10; i++) await db.begin().get(a, 'k')
    }
    await lose()
    while (db.transactions().length > 0) {
      collect()
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

  it('with the database, and says so', async () => {
    const { db, a } = await open()
    const tx = db.begin()
    await tx.get(a, 'k')
    const holder = db.begin()
    await holder.get(a, 'x', { forUpdate: true })
    const waiting = tx.get(a, 'x', { forUpdate: true }).catch((error) => error.code)
    const running = db.transaction(async (inner) => {
      await waiting
      await inner.get(a, 'k')
    })
    const ended = running.catch((error) => error.code)
    await db.close()
    expect(['ERR_CLOSED', 'ERR_TRANSACTION_DONE']).toContain(await waiting)
    expect(await ended).toBe('ERR_CLOSED')
    await expectRejection(tx.get(a, 'k'), 'ERR_CLOSED')
    tx.put(a, 'k', 'v')
    await expectRejection(tx.commit(), 'ERR_CLOSED')
    holder.rollback()
    expectThrow(() => db.begin(), 'ERR_CLOSED')
    await expectRejection(
      db.transaction(() => 1),
      'ERR_CLOSED',
    )
  })

  it('with one opening of the database, while the others go on', async () => {
    const first = await openAt(dir('db'), { columnFamilies: SPECS })
    const second = await openAt(dir('db'), { columnFamilies: SPECS })
    const tx = first.begin()
    await tx.get(first.columnFamily('a'), 'x', { forUpdate: true })
    await using waiting = second.begin()
    const turn = waiting.get(second.columnFamily('a'), 'x', { forUpdate: true })
    expect(second.transactions().map(({ id }) => id)).toEqual([tx.id, waiting.id])
    await first.close()
    expect(await turn).toBeUndefined()
    expect(second.transactions().map(({ id }) => id)).toEqual([waiting.id])
  })

  it('after ten thousand that are open at once, in a bounded space', async () => {
    const { db, a } = await open()
    await a.put('k', 'v')
    const before = process.memoryUsage().rss
    const all = Array.from({ length: 10_000 }, () => db.begin())
    for (const tx of all) await tx.get(a, 'k')
    expect(db.transactions()).toHaveLength(10_000)
    // docs/transactions.md names this bound.
    expect((process.memoryUsage().rss - before) / all.length).toBeLessThan(16 * 1024)
    for (const [i, tx] of all.entries()) tx.put(a, `own ${i}`, 'v')
    await Promise.all(all.map((tx) => tx.commit()))
    expect(await a.count()).toBe(10_001)
    expect(db.transactions()).toEqual([])
  }, 60_000)
})
