/**
 * The well-known anomalies. Each happens with plain reads and writes in a fixed order, and not with
 * transactions in the same order: the later commit fails with `ERR_CONFLICT`, and `db.transaction`
 * runs again and succeeds.
 */
import { json, type Transaction } from 'rocksdb-live'
import { openFresh, useTempDirectory } from '../support/database'

useTempDirectory()

const families = {
  accounts: { key: 'utf8', value: json<number>() },
  shifts: { key: 'utf8', value: 'utf8' },
} as const

async function open() {
  const db = await openFresh({ columnFamilies: families })
  const [accounts, shifts] = [db.columnFamily('accounts'), db.columnFamily('shifts')]
  await accounts.put('checking', 100)
  await accounts.put('savings', 0)
  return { db, accounts, shifts }
}

type Opened = Awaited<ReturnType<typeof open>>

/** Runs the first function, whose first run waits in the middle until the second one is done. */
async function overtake(
  first: (middle: () => Promise<void>) => Promise<void>,
  second: () => Promise<void>,
): Promise<void> {
  let arrive = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  // Not from within the first one, in whose transaction it would be nested.
  const overtaken = arrived.then(second)
  await first(() => {
    arrive()
    return overtaken
  })
}

const conflict = { code: 'ERR_CONFLICT', retryable: true, outcome: 'notApplied' }

describe('a lost update', () => {
  /** The balance of an account, with any kind of read. */
  const add = async (tx: Transaction, { accounts }: Opened, amount: number) => {
    tx.put(accounts, 'checking', ((await tx.get(accounts, 'checking')) ?? 0) + amount)
  }

  it('happens with get and put', async () => {
    const { accounts } = await open()
    const one = await accounts.get('checking')
    const other = await accounts.get('checking')
    await accounts.put('checking', (one ?? 0) + 10)
    await accounts.put('checking', (other ?? 0) + 1)
    expect(await accounts.get('checking')).toBe(101)
  })

  it.each(['serializable', 'snapshot'] as const)(
    'fails the later commit, %s',
    async (isolation) => {
      const opened = await open()
      const { db, accounts } = opened
      await using one = db.begin({ isolation })
      await using other = db.begin({ isolation })
      await add(one, opened, 10)
      await add(other, opened, 1)
      await one.commit()
      await expect(other.commit()).rejects.toMatchObject(conflict)
      expect(await accounts.get('checking')).toBe(110)
    },
  )

  it('fails a commit after a plain put, too', async () => {
    const opened = await open()
    const { db, accounts } = opened
    await using tx = db.begin()
    await add(tx, opened, 1)
    await accounts.put('checking', 110)
    await expect(tx.commit()).rejects.toMatchObject(conflict)
    expect(await accounts.get('checking')).toBe(110)
  })

  it('fails the locking read or the commit where what was read before has changed', async () => {
    const { db, accounts } = await open()
    await using tx = db.begin({ isolation: 'snapshot' })
    const found = (await tx.get(accounts, 'checking')) ?? 0
    await accounts.put('checking', 110)
    await accounts.put('savings', 5)
    const update = async () => {
      await tx.get(accounts, 'savings', { forUpdate: true })
      tx.put(accounts, 'checking', found + 1)
      await tx.commit()
    }
    await expect(update()).rejects.toMatchObject(conflict)
    expect(await accounts.get('checking')).toBe(110)
  })

  it('is made good by running again', async () => {
    const opened = await open()
    const { db, accounts } = opened
    let runs = 0
    await overtake(
      (middle) =>
        db.transaction(async (tx) => {
          runs++
          const found = (await tx.get(accounts, 'checking')) ?? 0
          await middle()
          tx.put(accounts, 'checking', found + 10)
        }),
      () => db.transaction((tx) => add(tx, opened, 1)),
    )
    expect(await accounts.get('checking')).toBe(111)
    expect(runs).toBe(2)
  })
})

describe('write skew', () => {
  // Of two doctors on call, one may leave if the other one stays.
  const bothOnCall = async ({ shifts }: Opened) => {
    for (const doctor of ['ada', 'ben']) await shifts.put(doctor, 'on call')
  }

  /**
   * Each transaction writes what the other one has only read, and bases its write on what it read.
   */
  const leave = async (tx: Transaction, { shifts }: Opened, doctor: string, other: string) => {
    if ((await tx.get(shifts, other)) === 'on call') tx.put(shifts, doctor, 'home')
  }

  const onCall = async ({ shifts }: Opened) =>
    (await shifts.getMany(['ada', 'ben'])).filter((state) => state === 'on call').length

  it('happens with get and put', async () => {
    const opened = await open()
    await bothOnCall(opened)
    const { shifts } = opened
    const ben = await shifts.get('ben')
    const ada = await shifts.get('ada')
    if (ben === 'on call') await shifts.put('ada', 'home')
    if (ada === 'on call') await shifts.put('ben', 'home')
    expect(await onCall(opened)).toBe(0)
  })

  it('fails the later commit', async () => {
    const opened = await open()
    await bothOnCall(opened)
    await using one = opened.db.begin()
    await using other = opened.db.begin()
    await leave(one, opened, 'ada', 'ben')
    await leave(other, opened, 'ben', 'ada')
    await one.commit()
    await expect(other.commit()).rejects.toMatchObject(conflict)
    expect(await onCall(opened)).toBe(1)
  })

  it('happens with `snapshot`, where what is read is not checked', async () => {
    const opened = await open()
    await bothOnCall(opened)
    await using one = opened.db.begin({ isolation: 'snapshot' })
    await using other = opened.db.begin({ isolation: 'snapshot' })
    await leave(one, opened, 'ada', 'ben')
    await leave(other, opened, 'ben', 'ada')
    await one.commit()
    await other.commit()
    expect(await onCall(opened)).toBe(0)
  })

  it('is made good by running again', async () => {
    const opened = await open()
    await bothOnCall(opened)
    const { db, shifts } = opened
    let runs = 0
    await overtake(
      (middle) =>
        db.transaction(async (tx) => {
          runs++
          const ben = await tx.get(shifts, 'ben')
          await middle()
          if (ben === 'on call') tx.put(shifts, 'ada', 'home')
        }),
      () => db.transaction((tx) => leave(tx, opened, 'ben', 'ada')),
    )
    expect(await shifts.getMany(['ada', 'ben'])).toEqual(['on call', 'home'])
    expect(runs).toBe(2)
  })
})

describe('a phantom', () => {
  // A room has at most one booking; there is no key for "none" that could be read.
  const range = { prefix: 'room/' }

  const isFree: Record<string, (tx: Transaction, opened: Opened) => Promise<boolean>> = {
    entries: async (tx, { shifts }) => {
      for await (const _ of tx.entries(shifts, range)) return false
      return true
    },
    keys: async (tx, { shifts }) => {
      for await (const _ of tx.keys(shifts, range)) return false
      return true
    },
    count: async (tx, { shifts }) => (await tx.count(shifts, range)) === 0,
    first: async (tx, { shifts }) => (await tx.first(shifts, range)) === undefined,
    last: async (tx, { shifts }) => (await tx.last(shifts, range)) === undefined,
  }
  const ways = Object.entries(isFree)

  it('happens with count and put', async () => {
    const { shifts } = await open()
    const one = await shifts.count(range)
    const other = await shifts.count(range)
    if (one === 0) await shifts.put('room/ada', 'booked')
    if (other === 0) await shifts.put('room/ben', 'booked')
    expect(await shifts.count(range)).toBe(2)
  })

  it.each(ways)('fails the later commit, seen with %s', async (_, free) => {
    const opened = await open()
    const { db, shifts } = opened
    await using one = db.begin()
    await using other = db.begin()
    if (await free(one, opened)) one.put(shifts, 'room/ada', 'booked')
    if (await free(other, opened)) other.put(shifts, 'room/ben', 'booked')
    await one.commit()
    await expect(other.commit()).rejects.toMatchObject(conflict)
    expect(await shifts.count(range)).toBe(1)
  })

  it.each(ways)('is made good by running again, seen with %s', async (_, free) => {
    const opened = await open()
    const { db, shifts } = opened
    const answers: boolean[] = []
    await overtake(
      (middle) =>
        db.transaction(async (tx) => {
          const answer = await free(tx, opened)
          answers.push(answer)
          await middle()
          if (answer) tx.put(shifts, 'room/ada', 'booked')
        }),
      () => shifts.put('room/ben', 'booked'),
    )
    expect(answers).toEqual([true, false])
    expect(await shifts.count(range)).toBe(1)
  })

  it('is none where a scan had not come as far', async () => {
    const { db, shifts } = await open()
    await shifts.put('room/ben', 'booked')
    await using tx = db.begin()
    for await (const [key] of tx.entries(shifts, range)) {
      tx.put(shifts, 'first', key)
      break
    }
    await shifts.put('room/cid', 'booked')
    await tx.commit()
    expect(await shifts.get('first')).toBe('room/ben')
  })
})

describe('a read-only anomaly', () => {
  // Fekete, O'Neil, O'Neil 2004: an overdraft of both accounts together costs 1. Whoever reads both
  // after the deposit and before the withdrawal sees a state in which the withdrawal cannot have
  // cost anything.
  const both = async (tx: Transaction, { accounts }: Opened) => {
    const [checking = 0, savings = 0] = await tx.getMany(accounts, ['checking', 'savings'])
    return { checking, savings }
  }

  const withdraw = (tx: Transaction, { accounts }: Opened, found: Record<string, number>) => {
    const { checking = 0, savings = 0 } = found
    const fee = checking + savings < 10 ? 1 : 0
    tx.put(accounts, 'checking', checking - 10 - fee)
  }

  const poor = async () => {
    const opened = await open()
    await opened.accounts.put('checking', 0)
    return opened
  }

  it('happens with get and put', async () => {
    const { accounts } = await poor()
    const [checking = 0, savings = 0] = await accounts.getMany(['checking', 'savings'])
    await accounts.put('savings', 20)
    const report = await accounts.getMany(['checking', 'savings'])
    await accounts.put('checking', checking - 10 - (checking + savings < 10 ? 1 : 0))
    // The report saw 20 before anything was withdrawn, and yet a fee was charged.
    expect(report).toEqual([0, 20])
    expect(await accounts.getMany(['checking', 'savings'])).toEqual([-11, 20])
  })

  it('happens with `snapshot`', async () => {
    const opened = await poor()
    const { db, accounts } = opened
    const isolation = 'snapshot'
    await using withdrawal = db.begin({ isolation })
    const found = await both(withdrawal, opened)
    await db.transaction((tx) => tx.put(accounts, 'savings', 20), { isolation })
    const report = await db.transaction((tx) => both(tx, opened), { isolation })
    withdraw(withdrawal, opened, found)
    await withdrawal.commit()
    expect(report).toEqual({ checking: 0, savings: 20 })
    expect(await accounts.getMany(['checking', 'savings'])).toEqual([-11, 20])
  })

  it('fails the commit that the report denies', async () => {
    const opened = await poor()
    const { db, accounts } = opened
    await using withdrawal = db.begin()
    const found = await both(withdrawal, opened)
    await db.transaction((tx) => tx.put(accounts, 'savings', 20))
    const report = await db.transaction((tx) => both(tx, opened))
    withdraw(withdrawal, opened, found)
    await expect(withdrawal.commit()).rejects.toMatchObject(conflict)
    expect(report).toEqual({ checking: 0, savings: 20 })
    expect(await accounts.getMany(['checking', 'savings'])).toEqual([0, 20])
  })

  it('is made good by running again', async () => {
    const opened = await poor()
    const { db, accounts } = opened
    const reports: unknown[] = []
    await overtake(
      (middle) =>
        db.transaction(async (tx) => {
          const found = await both(tx, opened)
          await middle()
          withdraw(tx, opened, found)
        }),
      async () => {
        await db.transaction((tx) => tx.put(accounts, 'savings', 20))
        reports.push(await db.transaction((tx) => both(tx, opened)))
      },
    )
    expect(reports).toEqual([{ checking: 0, savings: 20 }])
    expect(await accounts.getMany(['checking', 'savings'])).toEqual([-10, 20])
  })

  it('is no danger to a report that checks nothing: it reads one state, whatever happens', async () => {
    const opened = await poor()
    const { db, accounts } = opened
    await using report = db.begin({ isolation: 'snapshot' })
    expect(await report.get(accounts, 'checking')).toBe(0)
    await accounts.put('savings', 20)
    expect(await both(report, opened)).toEqual({ checking: 0, savings: 0 })
    await report.commit()
  })
})
