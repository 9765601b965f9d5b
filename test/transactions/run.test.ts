/** Functions that are run as transactions: attempts, limits, mistakes. */
import { AsyncResource } from 'node:async_hooks'
import type { Transaction } from 'rocksdb-live'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { coded, expectRejection, expectThrow } from '../support/expectations'

const dir = useTempDirectory()

const SPECS = { a: { key: 'utf8', value: 'json' } } as const
const later = () => new Promise((resolve) => setImmediate(resolve))

async function open() {
  const db = await openFresh({ columnFamilies: SPECS })
  return { db, a: db.columnFamily('a') }
}

describe('transaction', () => {
  it('resolves to what its function returns, promised or not, once that is committed', async () => {
    const { db, a } = await open()
    const set = (value: number) => (tx: Transaction) => {
      tx.put(a, 'k', value)
      return value
    }
    expect([await db.transaction(set(1)), await a.get('k')]).toEqual([1, 1])
    expect([await db.transaction(async (tx) => set(2)(tx)), await a.get('k')]).toEqual([2, 2])
    expect([db.transactionSync(set(3)), await a.get('k')]).toEqual([3, 3])
    expect(await db.transaction(set(4), { sync: true })).toBe(4)
  })

  it('loses no update, whatever the contention', async () => {
    const { db, a } = await open()
    const add = () =>
      db.transaction(async (tx) => {
        const value = ((await tx.get(a, 'k')) as number | undefined) ?? 0
        await later()
        tx.put(a, 'k', value + 1)
      })
    await Promise.all(Array.from({ length: 100 }, add))
    expect(await a.get('k')).toBe(100)
  })

  it('gets all done within a few attempts, however many want few keys', async () => {
    const { db, a } = await open()
    const accounts = [0, 1, 2, 3]
    for (const account of accounts) await a.put(`k${account}`, 0)
    let most = 0
    const transfer = async (from: string, to: string) => {
      let attempts = 0
      await db.transaction(async (tx) => {
        attempts++
        const had = (await tx.get(a, from)) as number
        const has = (await tx.get(a, to)) as number
        await later()
        tx.put(a, from, had - 1)
        tx.put(a, to, has + 1)
      })
      most = Math.max(most, attempts)
    }
    const client = async (seed: number) => {
      for (let i = seed; i < seed + 20; i++) {
        await transfer(`k${i % 4}`, `k${(i + 1 + (i % 3)) % 4}`)
      }
    }
    await Promise.all(Array.from({ length: 64 }, (_, index) => client(index)))
    // One more for each key of its that it did not know to be wanted.
    expect(most).toBeLessThanOrEqual(3)
    const sum = accounts.map(async (account) => (await a.get(`k${account}`)) as number)
    expect((await Promise.all(sum)).reduce((left, right) => left + right, 0)).toBe(0)
  })

  it('does not wait for good for who runs again and waits for it', async () => {
    const { db, a } = await open()
    await a.put('k', 0)
    // Bound here, it is not a transaction inside of the one that calls it.
    const add = AsyncResource.bind(() =>
      db.transaction(async (tx) => tx.put(a, 'k', ((await tx.get(a, 'k')) as number) + 1)),
    )
    // Its second attempt has the turn of the key, and waits for a commit of the key.
    let attempts = 0
    const outer = db.transaction(
      async (tx) => {
        attempts++
        await tx.get(a, 'k')
        await add()
        tx.put(a, 'k', -1)
      },
      { maxRetries: 1 },
    )
    await expectRejection(outer, 'ERR_CONFLICT')
    expect([attempts, await a.get('k')]).toEqual([2, 2])
  })

  it('runs again after a conflict, with a transaction of its own, and at most maxRetries times', async () => {
    const { db, a } = await open()
    const seen: Transaction[] = []
    const always = async (tx: Transaction) => {
      seen.push(tx)
      await tx.get(a, 'k')
      await a.put('k', seen.length)
      tx.put(a, 'mine', 1)
    }
    await expectRejection(db.transaction(always, { maxRetries: 3 }), 'ERR_CONFLICT')
    expect([seen.length, new Set(seen).size]).toEqual([4, 4])
    expect(seen.every(({ done }) => done)).toBe(true)
    expectThrow(() => seen[0]?.put(a, 'k', 1), 'ERR_TRANSACTION_DONE')
    seen.length = 0
    await expectRejection(db.transaction(always, { maxRetries: 0 }), 'ERR_CONFLICT')
    expect(seen).toHaveLength(1)
    seen.length = 0
    const sync = (tx: Transaction) => {
      seen.push(tx)
      tx.getSync(a, 'k')
      a.putSync('k', seen.length)
      tx.put(a, 'mine', 1)
    }
    expectThrow(() => db.transactionSync(sync, { maxRetries: 2 }), 'ERR_CONFLICT')
    expect([seen.length, await a.get('mine')]).toEqual([3, undefined])
  })

  it('passes on what its function throws, whatever that is, and writes nothing', async () => {
    const { db, a } = await open()
    for (const thrown of [new Error('no'), 'text', undefined, null, 5]) {
      const fails = (tx: Transaction) => {
        tx.put(a, 'k', 1)
        throw thrown
      }
      await expect(db.transaction(fails)).rejects.toBe(thrown)
      await expect(db.transaction(async (tx) => fails(tx))).rejects.toBe(thrown)
      let caught: unknown = 'nothing'
      try {
        db.transactionSync(fails)
      } catch (error) {
        caught = error
      }
      expect(caught).toBe(thrown)
    }
    expect([await a.get('k'), db.transactions()]).toEqual([undefined, []])
  })

  it('ends a function that never settles, by its deadline and by its signal', async () => {
    const { db, a } = await open()
    let held: Transaction | undefined
    const never = (tx: Transaction) => {
      held = tx
      tx.put(a, 'k', 1)
      return new Promise<void>(() => {})
    }
    await expectRejection(db.transaction(never, { deadlineMs: 5 }), 'ERR_TIMED_OUT')
    await expectRejection((async () => held?.get(a, 'k'))(), 'ERR_TRANSACTION_DONE')
    const controller = new AbortController()
    const aborted = db.transaction(never, { signal: controller.signal })
    controller.abort('enough')
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: 'enough' })
    await expectRejection(db.transaction(never, { signal: controller.signal }), 'ERR_ABORTED')
    expect([await a.get('k'), db.transactions()]).toEqual([undefined, []])
    const late = await db.transaction(never, { deadlineMs: 5 }).catch((error) => error)
    expect([late.outcome, late.retryable]).toEqual(['notApplied', true])
  })

  it('refuses one inside of another at once, however deep, and not beside it', async () => {
    const { db, a } = await open()
    const other = await openFresh()
    const inner = () => db.transaction((tx) => tx.put(a, 'inner', 1))
    await expectRejection(db.transaction(inner), 'ERR_DEADLOCK', 'tx.savepoint()')
    await expectRejection(
      db.transaction(async (tx) => {
        await tx.get(a, 'k')
        await later()
        await Promise.all([later().then(inner)])
      }),
      'ERR_DEADLOCK',
    )
    expectThrow(() => db.transactionSync(() => db.transactionSync(() => 1)), 'ERR_DEADLOCK')
    await expectRejection(
      db.transaction(() => db.transactionSync(() => 1)),
      'ERR_DEADLOCK',
    )
    let promise: Promise<unknown> | undefined
    db.transactionSync(() => {
      promise = inner()
    })
    await expectRejection(promise as Promise<unknown>, 'ERR_DEADLOCK')
    // A transaction of another database; one afterwards; and one beside it.
    expect(await db.transaction(() => other.transaction(() => 1))).toBe(1)
    let after: Promise<unknown> | undefined
    let resume: (() => void) | undefined
    const ended = new Promise<void>((resolve) => {
      resume = resolve
    })
    await db.transaction(() => {
      after = ended.then(inner)
    })
    resume?.()
    await after
    await Promise.all([inner(), db.transaction(() => later()), inner()])
    expect(await a.get('inner')).toBe(1)
  })

  it('refuses to commit while a savepoint or a lock of it is under way', async () => {
    const { db, a } = await open()
    const forgotten = db.transaction(async (tx) => {
      tx.put(a, 'k', 1)
      tx.savepoint(async () => {
        await later()
        tx.put(a, 'k', 2)
      }).catch(() => {})
    })
    await expectRejection(forgotten, 'ERR_BUSY', 'savepoint')
    await using holder = db.begin()
    await holder.get(a, 'x', { forUpdate: true })
    const locking = db.transaction(async (tx) => {
      tx.put(a, 'k', 1)
      tx.get(a, 'x', { forUpdate: true }).catch(() => {})
    })
    await expectRejection(locking, 'ERR_BUSY', 'locking read')
    // A plain read that is not awaited does no harm.
    let read: Promise<unknown> | undefined
    await db.transaction((tx) => {
      read = tx.get(a, 'k')
    })
    expect(await read).toBeUndefined()
  })

  it('refuses a function of transactionSync that returns a promise', async () => {
    const { db, a } = await open()
    const call = () =>
      db.transactionSync(async (tx) => {
        tx.put(a, 'k', 1)
      })
    expectThrow(call, 'ERR_INVALID_RETURN_VALUE')
    expect([await a.get('k'), db.transactions()]).toEqual([undefined, []])
  })

  it('refuses one of savepointSync, and takes back what it wrote', async () => {
    const { db, a } = await open()
    await db.transaction((tx) => {
      tx.put(a, 'kept', 1)
      const part = () =>
        tx.savepointSync(async () => {
          tx.put(a, 'k', 1)
          throw new Error('not heard of')
        })
      expectThrow(part, 'ERR_INVALID_RETURN_VALUE', 'savepoint')
    })
    expect([...a.keysSync()]).toEqual(['kept'])
  })

  it('refuses what is no function, and options that are none', async () => {
    const { db } = await open()
    const wrong = db as unknown as { [name: string]: (...args: unknown[]) => unknown }
    for (const given of [undefined, null, 5, 'text', {}, class {}]) {
      await expectRejection(wrong.transaction?.(given) as never, 'ERR_INVALID_ARG_TYPE', 'run')
      expectThrow(() => wrong.transactionSync?.(given), 'ERR_INVALID_ARG_TYPE', 'run')
    }
    const run = () => 1
    const bad: [unknown, string][] = [
      [{ isolation: 'none' }, 'ERR_INVALID_ARG_VALUE'],
      [{ maxRetries: -1 }, 'ERR_OUT_OF_RANGE'],
      [{ maxRetries: '3' }, 'ERR_INVALID_ARG_TYPE'],
      [{ deadlineMs: 0 }, 'ERR_OUT_OF_RANGE'],
      [{ signal: {} }, 'ERR_INVALID_ARG_TYPE'],
      [{ sync: 1 }, 'ERR_INVALID_ARG_TYPE'],
      [{ retries: 1 }, 'ERR_INVALID_ARG_VALUE'],
      [5, 'ERR_INVALID_ARG_TYPE'],
    ]
    for (const [options, code] of bad) {
      await expectRejection(wrong.transaction?.(run, options) as never, code)
    }
    expectThrow(
      () => wrong.transactionSync?.(run, { signal: undefined, deadlineMs: 5 }),
      'ERR_INVALID_ARG_VALUE',
    )
    expectThrow(() => wrong.begin?.({ maxRetries: 1 }), 'ERR_INVALID_ARG_VALUE')
    expect(db.transactions()).toEqual([])
  })

  it('refuses families of other databases, and readers', async () => {
    const { db, a } = await open()
    const other = await openFresh({ columnFamilies: SPECS })
    await using tx = other.begin()
    await expectRejection(tx.get(a, 'k'), 'ERR_INVALID_ARG_VALUE', 'same database')
    expectThrow(() => tx.put(a, 'k', 1), 'ERR_INVALID_ARG_VALUE')
    expectThrow(() => tx.entries(a), 'ERR_INVALID_ARG_VALUE')
    await expectRejection(tx.get({} as never, 'k' as never), 'ERR_INVALID_ARG_TYPE')
    await db.close()
    for (const mode of ['read-only', { secondary: dir('second') }] as const) {
      const reader = await openAt(db.path, { mode, columnFamilies: SPECS })
      await expectRejection(
        reader.transaction(() => 1),
        'ERR_READ_ONLY',
      )
      expectThrow(() => reader.transactionSync(() => 1), 'ERR_READ_ONLY')
      expectThrow(() => reader.begin(), 'ERR_READ_ONLY')
      await expectRejection(reader.compareAndWrite({ checks: [], operations: [] }), 'ERR_READ_ONLY')
      expect(reader.transactions()).toEqual([])
      await reader.close()
    }
  })

  it('takes at most 64 MiB of writes', async () => {
    const { db, a } = await open()
    await using tx = db.begin()
    const value = 'x'.repeat(16 << 20)
    for (let i = 0; i < 3; i++) tx.put(a, `${i}`, value)
    expectThrow(() => tx.put(a, '3', value), 'ERR_OUT_OF_RANGE')
    expect(await tx.has(a, '3')).toBe(false)
    tx.put(a, '3', 'small')
    await tx.commit()
    expect(await a.count()).toBe(4)
  })

  it('has savepoints that end in their order', async () => {
    const { db, a } = await open()
    await db.transaction(async (tx) => {
      await tx.savepoint(async () => {
        tx.put(a, 'kept', 1)
        const inner = tx.savepoint(() => {
          tx.put(a, 'taken back', 1)
          throw new Error('no')
        })
        await expect(inner).rejects.toThrow('no')
        expect(tx.savepointSync(() => 5)).toBe(5)
      })
    })
    expect([...a.keysSync()]).toEqual(['kept'])
    const crossed = db.transaction(async (tx) => {
      const one = tx.savepoint(() => later())
      const two = tx.savepoint(() => later().then(later))
      await Promise.allSettled([one, two])
      tx.put(a, 'k', 1)
    })
    await expect(crossed).rejects.toEqual(coded('ERR_BUSY', 'savepoint'))
  })
})
