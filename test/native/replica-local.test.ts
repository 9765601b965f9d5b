/** Writes of a replica that are acknowledged before they are in the log. */
import { outcome, useNodes } from '../support/replica'

const { log, node } = useNodes()

describe('a local write', () => {
  it('is there at once, and in the log later, in the same order', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.begin({ local: true })
    for (let n = 0; n < 50; n++) await one.db.default.put('last', String(n))
    expect(String(await one.db.default.get('last'))).toBe('49')
    expect(one.state).toMatchObject({ queued: 50, taken: 0 })
    expect(one.position).toMatchObject({ epoch: 1, sequence: 1, ordinal: 50 })
    expect(log().records.length).toBe(1)
    one.publish(await one.next())
    expect(one.state).toMatchObject({ queued: 0, taken: 0, unconfirmedMs: 0 })
    expect(one.position).toMatchObject({ epoch: 1, sequence: 51, ordinal: 50 })
    await two.catchUp()
    expect(String(await two.db.default.get('last'))).toBe('49')
    expect(two.position).toEqual(one.position)
  })

  it('is held while the log lags, and fails if that lasts', async () => {
    const one = await node('one')
    await one.begin({ local: true, maxLagMs: 0, holdMs: 50 })
    await one.db.default.put('a', '1')
    const held = ['ERR_BUSY', 'notApplied']
    expect(await outcome(one.db.default.put('b', '1'))).toEqual(held)
    // At once, while it is as it was.
    const many = Array.from({ length: 100 }, (_, n) => outcome(one.db.default.put(`k${n}`, '1')))
    expect(new Set((await Promise.all(many)).map(String))).toEqual(new Set([held.join()]))
    await expect(one.db.default.put('b', '1')).rejects.toMatchObject({ retryable: true })
    one.publish(await one.next())
    await one.db.default.put('c', '1')
    expect(await one.db.default.count()).toBe(2)
  })

  it('goes on as soon as the log has caught up', async () => {
    const one = await node('one')
    await one.begin({ local: true, maxLagMs: 0, holdMs: 2 ** 31 - 1 })
    await one.db.default.put('a', '1')
    const second = one.db.default.put('b', '2')
    one.publish(await one.next())
    await second
    const third = outcome(one.db.default.put('c', '3'))
    await one.follow()
    expect(await third).toEqual(['ERR_NOT_WRITER', 'notApplied'])
  })

  it('is a tail that the place row tells of where the log never got it', async () => {
    const one = await node('one')
    await one.begin({ local: true })
    await one.db.default.put('a', '1')
    const taken = await one.next()
    await one.db.default.put('b', '2')
    await one.follow()
    expect(taken.length).toBe(1)
    expect(one.position).toMatchObject({ epoch: 1, sequence: 1, ordinal: 2 })
    expect(one.state).toMatchObject({ queued: 0, taken: 0 })
  })

  it('may be a transaction, a comparison, a clear, and a family', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.write({ local: true })
    const users = await one.db.createColumnFamily('users')
    await users.put('a', '1')
    const counts = Array.from({ length: 20 }, () =>
      one.db.transaction(
        async (tx) => {
          const before = Number((await tx.get(users, 'count')) ?? 0)
          tx.put(users, 'count', String(before + 1))
        },
        { maxRetries: 1000 },
      ),
    )
    await Promise.all(counts)
    const done = await one.db.compareAndWrite({
      checks: [{ columnFamily: users, key: 'count', equals: '20' }],
      operations: [{ type: 'put', columnFamily: users, key: 'count', value: '21' }],
    })
    expect(done).toBe(true)
    await one.db.default.put('x', '1')
    await one.db.default.clear()
    await one.db.createColumnFamily('gone')
    await one.db.dropColumnFamily('gone')
    while (one.state.queued + one.state.taken > 0) await new Promise((done) => setImmediate(done))
    await two.catchUp()
    expect(String(await two.db.columnFamily('users').get('count'))).toBe('21')
    expect(await two.db.default.count()).toBe(0)
    expect(two.db.columnFamilies().sort()).toEqual(['default', 'users'])
    expect(two.position).toEqual(one.position)
  })
})
