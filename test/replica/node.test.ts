/** Nodes of a replicated database, over a log in memory. */
import { becomes, caughtUp, expectEqual, rowsOf, until, useFleet } from './support'

const nodes = useFleet()
const LEASE = { leaseMs: 400 }
const one = Buffer.from('0100000000000000', 'hex')

describe('a writer and a follower', () => {
  test('what is written on one can be read on the other', async () => {
    const writer = await nodes.fleet.open(0)
    expect(writer.role).toBe('writer')
    const follower = await nodes.fleet.open(1)
    expect(follower.role).toBe('follower')
    const token = await writer.write([
      { type: 'put', columnFamily: writer.db.columnFamily('users'), key: 'ada', value: 'Ada' },
    ])
    await follower.waitFor(token)
    expect(await follower.get('users', 'ada')).toBe('Ada')
    expect(await follower.db.columnFamily('users').get('ada')).toBe('Ada')
    await expectEqual(follower, writer)
    expect(follower.status()).toMatchObject({
      role: 'follower',
      writer: { node: 'node-0', url: 'http://node-0' },
      error: undefined,
    })
    expect(follower.status().logId).toBe(writer.status().logId)
  })

  test('every kind of write arrives', async () => {
    const writer = await nodes.fleet.open(0)
    const follower = await nodes.fleet.open(1)
    const { db } = writer
    const [users, counts] = [db.columnFamily('users'), db.columnFamily('counts')]
    for (let i = 0; i < 300; i++) await users.put(`user ${i}`, `${i}`)
    await Promise.all(Array.from({ length: 300 }, () => counts.merge('all', one)))
    await db.transaction(async (tx) => {
      await tx.put(users, 'moved', (await tx.get(users, 'user 7')) ?? '')
      await tx.delete(users, 'user 7')
    })
    const compared = await db.compareAndWrite({
      checks: [{ columnFamily: users, key: 'moved', equals: '7' }],
      operations: [{ type: 'put', columnFamily: users, key: 'compared', value: 'yes' }],
    })
    expect(compared).toBe(true)
    await users.deleteRange('user 10', 'user 20')
    await users.clear({ gte: 'user 290' })
    const made = await db.createColumnFamily('made', { key: 'utf8', value: 'utf8' })
    await made.put('a', 'b')
    await db.createColumnFamily('gone')
    await db.dropColumnFamily('gone')
    await db.batch().put(users, 'both', '1').put(made, 'both', '2').write({ sync: true })
    await expectEqual(follower, writer)
    expect(follower.db.columnFamilies().sort()).toEqual(['counts', 'default', 'made', 'users'])
  })

  test('a follower refuses writes, and names who writes', async () => {
    const writer = await nodes.fleet.open(0)
    const follower = await nodes.fleet.open(1)
    await caughtUp(follower, writer)
    const users = follower.db.columnFamily('users')
    const refused = { code: 'ERR_NOT_WRITER', outcome: 'notApplied' }
    await expect(users.put('a', 'b')).rejects.toMatchObject(refused)
    await expect(users.put('a', 'b')).rejects.toThrow('node-0')
    await expect(
      follower.db.transaction(async (tx) => tx.put(users, 'a', 'b')),
    ).rejects.toMatchObject(refused)
    await expect(follower.db.createColumnFamily('x')).rejects.toMatchObject({
      code: 'ERR_NOT_WRITER',
    })
    await expect(follower.stepDown()).rejects.toMatchObject({ code: 'ERR_NOT_WRITER' })
    expect(await rowsOf(follower)).toEqual(await rowsOf(writer))
  })

  test('synchronous writes and writes without the WAL are refused', async () => {
    const { db } = await nodes.fleet.open(0)
    const users = db.columnFamily('users')
    const refused = { code: 'ERR_NOT_SUPPORTED', outcome: 'notApplied' }
    expect(() => users.putSync('a', 'b')).toThrow(expect.objectContaining(refused))
    expect(() => db.batch().put(users, 'a', 'b').writeSync()).toThrow(
      expect.objectContaining(refused),
    )
    await expect(users.put('a', 'b', { disableWAL: true })).rejects.toMatchObject(refused)
    expect(await users.get('a')).toBeUndefined()
  })

  test('values over the size of a record go in parts', async () => {
    nodes.fleet.store.maxRecordBytes = 1000
    const writer = await nodes.fleet.open(0)
    const follower = await nodes.fleet.open(1)
    const users = writer.db.columnFamily('users')
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => users.put(`key ${i}`, 'x'.repeat(i * 700))),
    )
    await expectEqual(follower, writer)
  })

  test('nodes go on after a restart', async () => {
    const { fleet } = nodes
    let writer = await fleet.open(0)
    let follower = await fleet.open(1)
    await writer.db.columnFamily('users').put('a', '1')
    await caughtUp(follower, writer)
    await follower.close()
    await writer.db.columnFamily('counts').merge('n', one)
    await writer.close()
    writer = await fleet.open(0)
    await becomes(writer, 'writer')
    await writer.db.columnFamily('counts').merge('n', one)
    follower = await fleet.open(1)
    await expectEqual(follower, writer)
    expect((await writer.get('counts', 'n')) as Buffer).toEqual(
      Buffer.from('0200000000000000', 'hex'),
    )
  })
})

describe('who writes', () => {
  test('of three that begin at once one does', async () => {
    const { fleet } = nodes
    const all = await Promise.all([0, 1, 2].map((index) => fleet.open(index)))
    expect(all.filter(({ role }) => role === 'writer')).toHaveLength(1)
  })

  test('a follower takes over when the writer is closed', async () => {
    const { fleet } = nodes
    const first = await fleet.open(0)
    const second = await fleet.open(1)
    await first.db.columnFamily('users').put('a', '1')
    await first.close()
    await becomes(second, 'writer')
    await second.db.columnFamily('users').put('b', '2')
    const third = await fleet.open(2)
    await expectEqual(third, second)
    expect(second.status().epoch).toBeGreaterThan(1)
  })

  test('stepDown hands over, and loses nothing', async () => {
    const { fleet } = nodes
    const first = await fleet.open(0, LEASE)
    const second = await fleet.open(1, LEASE)
    const users = first.db.columnFamily('users')
    const writes = Array.from({ length: 100 }, (_, i) => users.put(`${i}`, 'x'))
    const next = await first.stepDown()
    expect(next?.node).toBe('node-1')
    const written = (await Promise.allSettled(writes)).map(({ status }) => status)
    await becomes(second, 'writer')
    await second.db.columnFamily('users').put('after', 'x')
    await expectEqual(first, second)
    for (const [i, status] of written.entries()) {
      expect(await second.get('users', `${i}`)).toBe(status === 'fulfilled' ? 'x' : undefined)
    }
    expect(first.role).toBe('follower')
  })

  test('a writer that is cut off stops, and another one takes over', async () => {
    const { fleet } = nodes
    const first = await fleet.open(0, LEASE)
    const second = await fleet.open(1, LEASE)
    await first.db.columnFamily('users').put('before', 'x')
    for (let i = 0; i < 10; i++) await first.db.columnFamily('counts').merge('n', one)
    fleet.logs[0]?.cut()
    const late = first.db.columnFamily('users').put('late', 'x')
    await expect(late).rejects.toMatchObject({ code: 'ERR_NOT_WRITER', outcome: 'unknown' })
    await becomes(second, 'writer')
    await second.db.columnFamily('users').put('after', 'x')
    // It asks where it is while nobody answers: what it has written must not be applied again then.
    await until(() => first.status().counts.logFailures > 5)
    fleet.logs[0]?.heal()
    await expectEqual(first, second)
    await expect(first.db.columnFamily('users').put('a', 'b')).rejects.toMatchObject({
      code: 'ERR_NOT_WRITER',
      outcome: 'notApplied',
    })
    expect(await first.get('users', 'late')).toBeUndefined()
  })

  test('a writer that did not notice is fenced by its next append', async () => {
    const { fleet } = nodes
    const first = await fleet.open(0, { leaseMs: 60_000, heartbeatMs: 10_000 })
    await first.db.columnFamily('users').put('before', 'x')
    // Somebody for whom the lease is over long before the writer thinks so.
    fleet.store.lease.write('', fleet.store.lease.read()?.revision ?? 0)
    const second = await fleet.open(1, LEASE)
    await becomes(second, 'writer')
    const late = first.db.columnFamily('users').put('late', 'x')
    await expect(late).rejects.toMatchObject({ code: 'ERR_NOT_WRITER', outcome: 'unknown' })
    await until(() => first.status().counts.fenced === 1)
    await second.db.columnFamily('users').put('after', 'x')
    await expectEqual(first, second)
  })

  test('a follower by its role never does', async () => {
    const { fleet } = nodes
    const first = await fleet.open(0, LEASE)
    const second = await fleet.open(1, { ...LEASE, role: 'follower' })
    await first.close()
    await new Promise((resolve) => setTimeout(resolve, 3 * LEASE.leaseMs))
    expect(second.role).toBe('follower')
    expect(second.status().writer?.node).toBe('node-0')
  })
})

describe('appends without an answer', () => {
  test.each(['none', 'applied', 'late'] as const)(
    '%s: the write resolves, and is there once',
    async (effect) => {
      const { fleet } = nodes
      const writer = await fleet.open(0)
      const follower = await fleet.open(1)
      const counts = writer.db.columnFamily('counts')
      await counts.merge('n', one)
      fleet.logs[0]?.failNext(effect, effect)
      await Promise.all(Array.from({ length: 50 }, () => counts.merge('n', one)))
      fleet.logs[0]?.deliverLate()
      await counts.merge('n', one)
      await expectEqual(follower, writer)
      const sum = (await writer.get('counts', 'n')) as Buffer
      expect(sum.readBigUInt64LE()).toBe(52n)
    },
  )
})
