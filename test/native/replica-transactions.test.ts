/** Transactions and comparisons on a replica, where commits are on their way for a while. */

import { Random } from '../support/random'
import { gate, outcome, type TestNode, useNodes } from '../support/replica'

const { node } = useNodes()
const turn = () => new Promise((resolve) => setImmediate(resolve))

async function untilQueued(one: TestNode, count: number): Promise<void> {
  while (one.state.queued < count) await turn()
}

describe('a transaction on a replica', () => {
  it('conflicts with a commit that is on its way', async () => {
    const one = await node('one')
    await one.begin()
    const first = one.db.default.put('a', '1')
    await untilQueued(one, 1)
    // Its view has no `a`, and is not of the time after the put.
    const tx = one.db.begin()
    expect(await tx.get(one.db.default, 'a')).toBeUndefined()
    tx.put(one.db.default, 'b', '1')
    const commit = outcome(tx.commit())
    expect(await commit).toEqual(['ERR_CONFLICT', 'notApplied'])
    one.publish(await one.next())
    await first
    const later = one.db.begin()
    expect(String(await later.get(one.db.default, 'a'))).toBe('1')
    later.put(one.db.default, 'b', '1')
    const committed = later.commit()
    one.publish(await one.next())
    await committed
  })

  it('conflicts with a range, and with a drop, that are on their way', async () => {
    const one = await node('one')
    await one.write()
    const users = await one.db.createColumnFamily('users')
    await users.put('a', '1')
    const hold = gate()
    one.delay = () => hold.promise
    const filler = one.db.default.put('first', '1')
    while (one.state.taken < 1) await turn()
    const range = one.db.default.deleteRange('a', 'c')
    await untilQueued(one, 1)
    const tx = one.db.begin()
    await tx.get(one.db.default, 'b')
    tx.put(one.db.default, 'z', '1')
    expect(await outcome(tx.commit())).toEqual(['ERR_CONFLICT', 'notApplied'])
    const queued = one.state.queued
    const dropped = one.db.dropColumnFamily('users')
    await untilQueued(one, queued + 1)
    const reader = one.db.begin()
    await reader.get(users, 'a')
    reader.put(one.db.default, 'z', '1')
    expect(await outcome(reader.commit())).toEqual(['ERR_CONFLICT', 'notApplied'])
    hold.open()
    await Promise.all([filler, range, dropped])
  })

  it('goes on where nothing that it read is on its way', async () => {
    const one = await node('one')
    await one.begin()
    const first = one.db.default.put('a', '1')
    await untilQueued(one, 1)
    const tx = one.db.begin()
    await tx.get(one.db.default, 'x')
    tx.put(one.db.default, 'y', '1')
    const commit = tx.commit()
    await untilQueued(one, 2)
    one.publish(await one.next())
    await Promise.all([first, commit])
  })

  it('holds its locks until its commit is there', async () => {
    const one = await node('one')
    await one.begin()
    await one.db.default.get('a')
    const first = one.db.begin()
    await first.get(one.db.default, 'a', { forUpdate: true })
    first.put(one.db.default, 'a', '1')
    const committed = first.commit()
    await untilQueued(one, 1)
    const second = one.db.begin()
    let got: unknown
    const waiting = second.get(one.db.default, 'a', { forUpdate: true }).then((value) => {
      got = value
    })
    for (let n = 0; n < 20; n++) await turn()
    expect(got).toBeUndefined()
    one.publish(await one.next())
    await Promise.all([committed, waiting])
    expect(String(got)).toBe('1')
    second.put(one.db.default, 'a', '2')
    const again = second.commit()
    one.publish(await one.next())
    await again
    expect(String(await one.db.default.get('a'))).toBe('2')
  })

  it('does not renew its view past what is on its way', async () => {
    const one = await node('one')
    await one.begin()
    const tx = one.db.begin()
    const put = one.db.default.put('a', '1')
    await untilQueued(one, 1)
    expect(
      await outcome(Promise.resolve(tx.get(one.db.default, 'a', { forUpdate: true }))),
    ).toEqual(['ERR_CONFLICT', 'notApplied'])
    await tx.rollback()
    one.publish(await one.next())
    await put
  })

  it('that another one wrote before a promotion conflicts with what it read', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.write()
    await one.db.default.put('a', '1')
    const tx = two.db.begin()
    expect(await tx.get(two.db.default, 'a')).toBeUndefined()
    tx.put(two.db.default, 'b', '1')
    await one.follow()
    await two.write()
    expect(await outcome(tx.commit())).toEqual(['ERR_CONFLICT', 'notApplied'])
  })

  it('fails as a write does where another one writes', async () => {
    const one = await node('one')
    const put = one.db.transaction(async (tx) => tx.put(one.db.default, 'a', '1'))
    expect(await outcome(put)).toEqual(['ERR_NOT_WRITER', 'notApplied'])
    expect(await one.db.transaction(async (tx) => tx.get(one.db.default, 'a'))).toBeUndefined()
    await one.begin()
    const pending = outcome(one.db.transaction(async (tx) => tx.put(one.db.default, 'a', '1')))
    await one.next()
    await one.follow()
    expect(await pending).toEqual(['ERR_NOT_WRITER', 'unknown'])
    expect(one.db.transactions()).toEqual([])
  })
})

const ACCOUNTS = 8

describe('transfers on a replica', () => {
  it.each(['serializable', 'snapshot'] as const)(
    'keep the sum: %s',
    async (isolation) => {
      const one = await node('one')
      const two = await node('two')
      const random = Random.fromEnvironment('SEED')
      const next = () => random.fraction()
      const { seed } = random
      one.delay = async () => {
        for (let turns = Math.floor(next() * 4); turns > 0; turns--) await turn()
      }
      await one.write()
      const accounts = one.db.default
      for (let n = 0; n < ACCOUNTS; n++) await accounts.put(`account ${n}`, '100')
      const worker = async () => {
        for (let round = 0; round < 60; round++) {
          const from = `account ${Math.floor(next() * ACCOUNTS)}`
          const to = `account ${Math.floor(next() * ACCOUNTS)}`
          await one.db.transaction(
            async (tx) => {
              if (from === to) return
              const left = Number(await tx.get(accounts, from))
              if (next() < 0.3) await turn()
              const right = Number(await tx.get(accounts, to))
              tx.put(accounts, from, String(left - 1))
              tx.put(accounts, to, String(right + 1))
            },
            { isolation, maxRetries: 10_000 },
          )
        }
      }
      await Promise.all(Array.from({ length: 8 }, worker))
      await two.catchUp()
      for (const { db } of [one, two]) {
        const balances: number[] = []
        for await (const value of db.default.values()) balances.push(Number(value))
        const sum = balances.reduce((all, balance) => all + balance, 0)
        expect({ seed, sum, count: balances.length }).toEqual({
          seed,
          sum: 100 * ACCOUNTS,
          count: ACCOUNTS,
        })
      }
    },
    60_000,
  )
})

describe('compareAndWrite on a replica', () => {
  it('sees what is on its way', async () => {
    const one = await node('one')
    await one.begin()
    const put = one.db.default.put('a', '1')
    await untilQueued(one, 1)
    const absent = one.db.compareAndWrite({
      checks: [{ key: 'a', absent: true }],
      operations: [{ type: 'put', key: 'b', value: '1' }],
    })
    const equal = one.db.compareAndWrite({
      checks: [{ key: 'a', equals: '1' }],
      operations: [{ type: 'put', key: 'a', value: '2' }],
    })
    one.publish(await one.next())
    await put
    one.publish(await one.next())
    expect(await Promise.all([absent, equal])).toEqual([false, true])
    expect(String(await one.db.default.get('a'))).toBe('2')
  })

  it('lets one of many have it, and counts right', async () => {
    const one = await node('one')
    one.delay = turn
    await one.write()
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        one.db.compareAndWrite({
          checks: [{ key: 'name', absent: true }],
          operations: [{ type: 'put', key: 'name', value: String(n) }],
        }),
      ),
    )
    expect(taken.filter(Boolean).length).toBe(1)
    await one.db.default.put('count', '0')
    const add = async (): Promise<void> => {
      for (;;) {
        const before = String(await one.db.default.get('count'))
        const done = await one.db.compareAndWrite({
          checks: [{ key: 'count', equals: before }],
          operations: [{ type: 'put', key: 'count', value: String(Number(before) + 1) }],
        })
        if (done) return
      }
    }
    await Promise.all(Array.from({ length: 20 }, add))
    expect(String(await one.db.default.get('count'))).toBe('20')
  })
})
