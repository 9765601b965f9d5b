/** Locking reads: the order of waiters, deadlocks, and timeouts. */
import type { Transaction } from 'rocksdb-live'
import { openFresh, useTempDirectory } from '../support/database'
import { coded, expectRejection, expectThrow } from '../support/expectations'

useTempDirectory()

const SPECS = { a: { key: 'utf8', value: 'json' } } as const

async function open() {
  const db = await openFresh({ columnFamilies: SPECS })
  const a = db.columnFamily('a')
  await a.put('x', 0)
  await a.put('y', 0)
  const lock = (tx: Transaction, key: string, more = {}) =>
    tx.get(a, key, { forUpdate: true, ...more })
  return { db, a, lock }
}

describe('a read that locks', () => {
  it('has those who come later wait, in their order, and each reads the newest', async () => {
    const { db, a, lock } = await open()
    const order: number[] = []
    const holder = db.begin()
    await lock(holder, 'x')
    const runs = [1, 2, 3, 4, 5].map((number) =>
      db.transaction(async (tx) => {
        const value = (await lock(tx, 'x')) as number
        order.push(number)
        tx.put(a, 'x', value + 1)
      }),
    )
    expect(db.transactions().filter(({ waitsFor }) => waitsFor.includes(holder.id))).toHaveLength(5)
    holder.put(a, 'x', 10)
    await holder.commit()
    await Promise.all(runs)
    expect(order).toEqual([1, 2, 3, 4, 5])
    expect(await a.get('x')).toBe(15)
    expect(db.transactions()).toEqual([])
  })

  it('runs once each where all lock first, whatever the contention', async () => {
    const { db, a, lock } = await open()
    let runs = 0
    const add = () =>
      db.transaction(
        async (tx) => {
          runs++
          tx.put(a, 'x', ((await lock(tx, 'x')) as number) + 1)
        },
        { maxRetries: 0 },
      )
    await Promise.all(Array.from({ length: 200 }, add))
    expect([await a.get('x'), runs]).toEqual([200, 200])
  })

  it('has thousands wait for one key, each of whom has another', async () => {
    const { db, lock } = await open()
    const holder = db.begin()
    await lock(holder, 'x')
    const all = Array.from({ length: 3000 }, () => db.begin())
    for (const [i, tx] of all.entries()) await lock(tx, `own ${i}`)
    const waits = all.map((tx) =>
      lock(tx, 'x', { lockTimeoutMs: 60_000 }).then(() => tx.rollback()),
    )
    holder.rollback()
    await Promise.all(waits)
    expect(db.transactions()).toEqual([])
  }, 60_000)

  it('fails with ERR_DEADLOCK, and names the cycle, where waiting would never end', async () => {
    const { db, lock } = await open()
    await using one = db.begin()
    await using two = db.begin()
    await lock(one, 'x')
    await lock(two, 'y')
    const waiting = lock(one, 'y')
    const failed = await lock(two, 'x').then(
      () => undefined,
      (error) => error,
    )
    expect(failed).toEqual(
      coded('ERR_DEADLOCK', `transaction ${two.id} waits for transaction ${one.id}`),
    )
    expect([failed.retryable, failed.outcome]).toEqual([true, 'notApplied'])
    two.rollback()
    expect(await waiting).toBe(0)
  })

  it('finds a cycle of many, and one through those who wait before it', async () => {
    const { db, lock } = await open()
    const all = Array.from({ length: 5 }, () => db.begin())
    for (const [i, tx] of all.entries()) await lock(tx, `k${i}`)
    const waits = all.slice(0, 4).map((tx, i) => lock(tx, `k${i + 1}`))
    await expectRejection(lock(all[4] as Transaction, 'k0'), 'ERR_DEADLOCK')
    for (const tx of all.reverse()) tx.rollback()
    await Promise.allSettled(waits)
    const [holder, first, second] = [db.begin(), db.begin(), db.begin()]
    await lock(holder, 'x')
    await lock(second, 'y')
    const behind = lock(first, 'x')
    // `second` would wait for `first`, which then waits for `second`.
    const queued = lock(second, 'x')
    await expectRejection(lock(first, 'y'), 'ERR_DEADLOCK')
    first.rollback()
    await expectRejection(behind, 'ERR_TRANSACTION_DONE')
    holder.rollback()
    expect(await queued).toBe(0)
    second.rollback()
  })

  it('gets both sides of a deadlock done with retries', async () => {
    const { db, a, lock } = await open()
    const move = (from: string, to: string) =>
      db.transaction(async (tx) => {
        const left = (await lock(tx, from)) as number
        await new Promise((resolve) => setImmediate(resolve))
        const right = (await lock(tx, to)) as number
        tx.put(a, from, left - 1)
        tx.put(a, to, right + 1)
      })
    const moves = Array.from({ length: 20 }, (_, i) => (i % 2 ? move('x', 'y') : move('y', 'x')))
    await Promise.all(moves)
    expect([await a.get('x'), await a.get('y')]).toEqual([0, 0])
  })

  it('ends with ERR_LOCK_TIMEOUT, and with its signal, and the next one has its turn', async () => {
    const { db, lock } = await open()
    await using holder = db.begin()
    await lock(holder, 'x')
    await using late = db.begin()
    await expectRejection(
      lock(late, 'x', { lockTimeoutMs: 1 }),
      'ERR_LOCK_TIMEOUT',
      'lockTimeoutMs',
    )
    const controller = new AbortController()
    const aborted = lock(late, 'x', { signal: controller.signal })
    await using next = db.begin()
    const waiting = lock(next, 'x')
    controller.abort('enough')
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: 'enough' })
    holder.rollback()
    expect(await waiting).toBe(0)
  })

  it('ends with the deadline of the read, and of both times with the earlier', async () => {
    const { db, lock } = await open()
    await using holder = db.begin()
    await lock(holder, 'x')
    await using late = db.begin()
    const times: [number, number, string][] = [
      [1, 600_000, 'ERR_TIMED_OUT'],
      [600_000, 1, 'ERR_LOCK_TIMEOUT'],
    ]
    for (const [deadlineMs, lockTimeoutMs, code] of times) {
      await expectRejection(lock(late, 'x', { deadlineMs, lockTimeoutMs }), code)
    }
    holder.rollback()
    expect(await lock(late, 'x', { deadlineMs: 600_000 })).toBe(0)
  })

  it('locks nothing where its options are wrong', async () => {
    const { db, a } = await open()
    await using tx = db.begin()
    for (const wrong of [{ deadlineMs: 0 }, { fillCache: 'no' }, { verifyChecksums: 1 }]) {
      const options = { forUpdate: true, ...wrong } as never
      await expect(tx.get(a, 'x', options)).rejects.toThrow(/deadlineMs|fillCache|verifyChecksums/)
      expect(() => tx.getSync(a, 'x', options)).toThrow(/deadlineMs|fillCache|verifyChecksums/)
    }
    expect(db.transactions()).toMatchObject([{ locks: 0 }])
  })

  it('fails with ERR_CLOSED where the database is closed while it waits', async () => {
    const { db, lock } = await open()
    await lock(db.begin(), 'x')
    const waiting = [
      lock(db.begin(), 'x'),
      db.transaction((tx) => lock(tx, 'x')),
      db.transaction((tx) => lock(tx, 'x'), { deadlineMs: 600_000 }),
    ].map((one) => expectRejection(one, 'ERR_CLOSED', 'is closed'))
    await db.close()
    await Promise.all(waiting)
  })

  it('does not wait on this thread', async () => {
    const { db, a, lock } = await open()
    await using holder = db.begin()
    await lock(holder, 'x')
    expect(holder.getSync(a, 'x', { forUpdate: true })).toBe(0)
    expectThrow(
      () => db.transactionSync((tx) => tx.getSync(a, 'x', { forUpdate: true })),
      'ERR_LOCK_TIMEOUT',
      `transaction ${holder.id}`,
    )
    expect(db.transactionSync((tx) => tx.getSync(a, 'y', { forUpdate: true }))).toBe(0)
  })

  it('is no obstacle to plain writers, and the holder hears of them', async () => {
    const { db, a, lock } = await open()
    await using holder = db.begin()
    await lock(holder, 'x')
    await a.put('x', 7)
    holder.put(a, 'x', 8)
    await expectRejection(holder.commit(), 'ERR_CONFLICT')
    expect(await a.get('x')).toBe(7)
  })

  it('reads the newest where nothing else was read, and fails where that has changed', async () => {
    const { db, a, lock } = await open()
    await using fresh = db.begin()
    await a.put('x', 1)
    expect(await lock(fresh, 'x')).toBe(1)
    expect(await fresh.get(a, 'x')).toBe(1)
    fresh.rollback()
    await using other = db.begin()
    await other.get(a, 'y')
    await a.put('x', 2)
    expect(await lock(other, 'x')).toBe(2)
    other.put(a, 'x', 3)
    await other.commit()
    await using stale = db.begin()
    await stale.get(a, 'y')
    await db.batch().put(a, 'x', 4).put(a, 'y', 4).write()
    await expectRejection(lock(stale, 'x'), 'ERR_CONFLICT')
    stale.rollback()
    for (const isolation of ['serializable', 'snapshot'] as const) {
      await using scan = db.begin({ isolation })
      const rows = scan.entries(a)
      await rows.next()
      await a.put('x', 5)
      await expectRejection(lock(scan, 'x'), 'ERR_CONFLICT')
      await rows.return?.()
      scan.rollback()
    }
  })

  it('lets go at the end, however that comes', async () => {
    const { db, a, lock } = await open()
    const ends: ((tx: Transaction) => unknown)[] = [
      (tx) => tx.commit(),
      (tx) => tx.rollback(),
      (tx) => tx.commitSync(),
      async (tx) => {
        await a.put('y', 1)
        tx.put(a, 'z', 0)
        await expectRejection(tx.commit(), 'ERR_CONFLICT')
      },
    ]
    for (const end of ends) {
      const holder = db.begin()
      await lock(holder, 'y')
      await lock(holder, 'x')
      await using next = db.begin()
      const waiting = lock(next, 'x')
      await end(holder)
      expect(await waiting).toBe(0)
    }
  })
})
