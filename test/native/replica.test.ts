/** What a replica's queue does with writes, seen from the boundary; the log is in the tests. */
import { Database } from 'rocksdb-live'
import { gate, outcome, useNodes } from '../support/replica'

const { path, log, node } = useNodes()

describe('a write on a replica', () => {
  it('is there once it is in the log, and not before', async () => {
    const one = await node('one')
    await one.begin()
    const written = one.db.default.put('a', '1')
    const proposals = await one.next()
    expect(proposals.map(({ ordinal }) => ordinal)).toEqual([1])
    expect(await one.db.default.get('a')).toBeUndefined()
    expect(one.state).toMatchObject({ queued: 0, queuedBytes: 0, taken: 1 })
    one.publish(proposals)
    await written
    expect(String(await one.db.default.get('a'))).toBe('1')
    expect(one.position).toEqual({ logId: '00000000000000a1', epoch: 1, sequence: 2, ordinal: 1 })
    expect(one.state).toMatchObject({ queued: 0, queuedBytes: 0, taken: 0 })
  })

  it('keeps its place among the others', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.write()
    const writes: Promise<void>[] = []
    for (let n = 0; n < 3000; n++) writes.push(one.db.default.put('last', String(n)))
    await Promise.all(writes)
    expect(String(await one.db.default.get('last'))).toBe('2999')
    await two.catchUp()
    expect(String(await two.db.default.get('last'))).toBe('2999')
    expect(two.position).toEqual(one.position)
    // Those that waited together are one record.
    expect(log().records.length).toBeLessThan(3000)
    const ordinals = log().records.map(({ ordinal }) => ordinal)
    expect(ordinals).toEqual(log().records.map((_, at) => at))
  })

  it('is merged with the family’s operator, on every replica', async () => {
    const columnFamilies = {
      sums: { mergeOperator: 'uint64add', key: 'utf8', value: 'uint64' },
    } as const
    const one = await node('one', { columnFamilies })
    const two = await node('two', { columnFamilies })
    await one.write()
    expect(one.db.columnFamilies()).toEqual(['default'])
    await one.db.createColumnFamily('sums', {
      mergeOperator: 'uint64add',
      key: 'utf8',
      value: 'uint64',
    })
    const sums = one.db.columnFamily<string, bigint>('sums')
    await Promise.all([1n, 2n, 3n].map((n) => sums.merge('a', n)))
    await two.catchUp()
    expect(await sums.get('a')).toBe(6n)
    expect(await two.db.columnFamily<string, bigint>('sums').get('a')).toBe(6n)
  })

  it('fails alone if it is refused, whatever it waited with', async () => {
    const one = await node('one')
    await one.write()
    const users = await one.db.createColumnFamily('users')
    const hold = gate()
    one.delay = () => hold.promise
    const first = one.db.default.put('first', '1')
    while (one.state.taken === 0) await new Promise((resolve) => setImmediate(resolve))
    const dropping = one.db.dropColumnFamily('users')
    // The drop is proposed: what comes after it is refused, though the family is still there.
    while (one.state.queued === 0) await new Promise((resolve) => setImmediate(resolve))
    const outcomes = [
      outcome(one.db.default.put('a', '1')),
      outcome(users.put('b', '2')),
      outcome(one.db.default.put('c', '3')),
    ]
    expect(await outcomes[1]).toEqual(['ERR_DROPPED', 'notApplied'])
    hold.open()
    expect(await Promise.all(outcomes)).toEqual(['done', ['ERR_DROPPED', 'notApplied'], 'done'])
    await Promise.all([first, dropping])
    expect(one.db.columnFamilies()).toEqual(['default'])
  })

  it('is never made on the calling thread, nor without the WAL', async () => {
    const one = await node('one')
    await one.write()
    const refused = expect.objectContaining({ code: 'ERR_NOT_SUPPORTED', outcome: 'notApplied' })
    expect(() => one.db.default.putSync('a', '1')).toThrow(refused)
    const commit = () => one.db.transactionSync((tx) => tx.put(one.db.default, 'a', '1'))
    expect(commit).toThrow(refused)
    const operations = [{ type: 'put', key: 'a', value: '1' }] as const
    expect(() => one.db.compareAndWriteSync({ checks: [], operations })).toThrow(refused)
    await expect(one.db.default.put('a', '1', { disableWAL: true })).rejects.toEqual(refused)
    expect(await one.db.default.get('a')).toBeUndefined()
    expect(log().records.length).toBe(1)
  })

  it('waits for room: what is in flight has a bound', async () => {
    const one = await node('one')
    await one.begin()
    const value = Buffer.alloc(600 << 10)
    const writes: Promise<void>[] = []
    for (let n = 0; n < 200; n++) writes.push(one.db.default.put(`k${n}`, value))
    const pump = async () => {
      while (one.position?.ordinal !== 200) {
        expect(one.state.queuedBytes).toBeLessThan(40 << 20)
        const taken = await one.next(4 << 20)
        if (taken.length === 0) return
        one.publish(taken)
      }
    }
    pump()
    await Promise.all(writes)
    expect(await one.db.default.count()).toBe(200)
  })

  it('waits where nobody takes it, and is told of when another one writes', async () => {
    const one = await node('one')
    expect(await outcome(one.db.default.put('a', '1'))).toEqual(['ERR_NOT_WRITER', 'notApplied'])
    await one.begin()
    const writes = Array.from({ length: 100 }, (_, n) =>
      outcome(one.db.default.put(`k${n}`, Buffer.alloc(1 << 20))),
    )
    while (one.state.queued < 20) await new Promise((resolve) => setImmediate(resolve))
    const taken = await one.next()
    await one.follow('two writes')
    const ended = await Promise.all(writes)
    expect(ended.slice(0, taken.length)).toEqual(taken.map(() => ['ERR_NOT_WRITER', 'unknown']))
    const others = ended.slice(taken.length)
    expect(others).toEqual(others.map(() => ['ERR_NOT_WRITER', 'notApplied']))
    await expect(one.db.default.put('a', '1')).rejects.toThrow('two writes')
    expect(await one.next()).toEqual([])
  })
})

describe('clear on a replica', () => {
  it('removes what was written before it, and nothing else', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.write()
    await one.db.default.put('a', '1')
    const hold = gate()
    one.delay = () => hold.promise
    const writes = [
      one.db.default.put('b', '2'),
      one.db.default.clear(),
      one.db.default.put('c', '3'),
    ]
    hold.open()
    await Promise.all(writes)
    const keys = async (db: Database) => {
      const all: string[] = []
      for await (const key of db.default.keys()) all.push(String(key))
      return all
    }
    expect(await keys(one.db)).toEqual(['c'])
    await two.catchUp()
    expect(await keys(two.db)).toEqual(['c'])
    await one.db.default.clear({ gte: 'x' })
    expect(await keys(one.db)).toEqual(['c'])
  })
})

describe('families of a replica', () => {
  it('are made and dropped in the order of the log', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.write()
    const users = await one.db.createColumnFamily('users')
    await users.put('a', '1')
    await one.db.dropColumnFamily('users')
    const again = await one.db.createColumnFamily('users')
    await again.put('b', '2')
    await two.catchUp()
    expect(String(await two.db.columnFamily('users').get('b'))).toBe('2')
    expect(await two.db.columnFamily('users').get('a')).toBeUndefined()
    await expect(one.db.createColumnFamily('users')).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    })
    await expect(two.db.createColumnFamily('more')).rejects.toMatchObject({
      code: 'ERR_NOT_WRITER',
    })
    await expect(two.db.dropColumnFamily('users')).rejects.toMatchObject({ code: 'ERR_NOT_WRITER' })
  })

  it('cannot have two of one name, also while one is being made', async () => {
    const one = await node('one')
    await one.begin()
    const made = one.db.createColumnFamily('users')
    const proposals = await one.next()
    await expect(one.db.createColumnFamily('users')).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    })
    one.publish(proposals)
    await made
    const dropped = one.db.dropColumnFamily('users')
    const drop = await one.next()
    await one.follow()
    await expect(dropped).rejects.toMatchObject({ code: 'ERR_NOT_WRITER' })
    expect(drop.length).toBe(1)
    // It was not dropped, and can be written again.
    await one.write()
    await one.db.columnFamily('users').put('a', '1')
  })

  it('hide the one with the place', async () => {
    const one = await node('one')
    await one.write()
    await one.db.default.put('a', '1')
    const hidden = 'rocksdb-live.replica'
    expect(one.db.columnFamilies()).toEqual(['default'])
    expect(Object.keys(one.db.tuning().columnFamilies ?? {})).not.toContain(hidden)
    expect(() => one.db.columnFamily(hidden)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    )
    await expect(one.db.createColumnFamily(hidden)).rejects.toThrow(TypeError)
    expect(await Database.listColumnFamilies(path('one'))).toEqual(['default'])
    await using reader = await Database.open(path('one'), { mode: 'read-only' })
    expect(reader.columnFamilies()).toEqual(['default'])
    const opening = Database.open(path('one'), { columnFamilies: { [hidden]: {} } })
    await expect(opening).rejects.toThrow(TypeError)
  })
})

describe('the directory of a replica', () => {
  it('is not opened as a plain database', async () => {
    const one = await node('one')
    await one.write()
    await one.db.default.put('a', '1')
    await using other = await Database.open(path('one'))
    expect(String(await other.default.get('a'))).toBe('1')
    await other.close()
    await one.db.close()
    await expect(Database.open(path('one'))).rejects.toMatchObject({
      code: 'ERR_NOT_SUPPORTED',
      message: expect.stringContaining('openReplica'),
    })
    await using reader = await Database.open(path('one'), { mode: 'read-only' })
    expect(String(await reader.default.get('a'))).toBe('1')
  })

  it('has one owner in a process', async () => {
    const one = await node('one')
    await expect(node('one')).rejects.toMatchObject({ code: 'ERR_LOCKED' })
    await using other = await Database.open(path('one'))
    await one.db.close()
    await expect(other.default.put('a', '1')).rejects.toMatchObject({ code: 'ERR_NOT_WRITER' })
    const again = await node('one')
    await again.write()
    await other.default.put('a', '1')
    await using plain = await Database.open(path('plain'))
    await expect(node('plain')).rejects.toMatchObject({ code: 'ERR_OPTIONS_MISMATCH' })
    await plain.close()
  })
})
