/** What a replica does with records of others, and where it goes on after it was closed. */
import { Database } from 'rocksdb-live'
import { BodyKind } from '../../lib/native/replica'
import { gate, type LogRecord, packRecords, useNodes } from '../support/replica'

const { path, log, node } = useNodes()

const text = (value: string) => {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([length, bytes])
}

function record(sequence: number, body: Buffer): LogRecord {
  return { epoch: 1, sequence, ordinal: sequence - 1, body }
}

describe('records of others', () => {
  it('find their families by name, whatever their numbers are', async () => {
    const one = await node('one')
    {
      // Families with other numbers: made in another order, by a database that was no replica.
      await using plain = await Database.open(path('two'))
      for (const name of ['gone', 'b', 'a']) await plain.createColumnFamily(name)
      await plain.dropColumnFamily('gone')
    }
    const two = await node('two')
    await one.write()
    const a = await one.db.createColumnFamily('a')
    const b = await one.db.createColumnFamily('b')
    await one.db
      .batch()
      .put(a, 'key', 'of a')
      .put(b, 'key', 'of b')
      .put(one.db.default, 'key', 'of default')
      .put(b, 'other', '1')
      .delete(b, 'other')
      .deleteRange(a, 'x', 'z')
      .write()
    const hold = gate()
    one.delay = () => hold.promise
    const writes = Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? a : b).put(`k${n}`, '1'))
    hold.open()
    await Promise.all(writes)
    await two.catchUp()
    for (const { db } of [one, two]) {
      expect(String(await db.columnFamily('a').get('key'))).toBe('of a')
      expect(String(await db.columnFamily('b').get('key'))).toBe('of b')
      expect(String(await db.default.get('key'))).toBe('of default')
      expect(await db.columnFamily('b').get('other')).toBeUndefined()
      expect(await db.columnFamily('a').count()).toBe(51)
      expect(await db.columnFamily('b').count()).toBe(51)
    }
  })

  it('end at the first one that cannot be applied', async () => {
    const one = await node('one')
    await one.write()
    const users = await one.db.createColumnFamily('users')
    await one.db.default.put('before', '1')
    await users.put('a', '1')
    const good = log().records
    const [, made, before, to] = good as [LogRecord, LogRecord, LogRecord, LogRecord]
    const bad: [LogRecord[], string, RegExp][] = [
      [[record(2, before.body), record(3, to.body)], 'ERR_REPLICA_MISMATCH', /"users"/],
      [[record(2, before.body), record(3, Buffer.from([9]))], 'ERR_CORRUPTION', /kind/],
      [[record(2, before.body), record(3, to.body.subarray(0, 20))], 'ERR_CORRUPTION', /cut short/],
      [
        [record(2, before.body), record(3, to.body.subarray(0, -1))],
        'ERR_REPLICA_MISMATCH',
        /"users"/,
      ],
      [[record(2, before.body), record(3, before.body.subarray(0, -1))], 'ERR_CORRUPTION', /read/],
      [
        [record(2, before.body), record(3, made.body.subarray(0, -1))],
        'ERR_CORRUPTION',
        /cut short/,
      ],
      [
        [
          record(2, before.body),
          record(3, Buffer.from([BodyKind.createFamily, 0, 0, 0, 0, 0, 0, 0, 0])),
        ],
        'ERR_CORRUPTION',
        /cut short/,
      ],
      [
        [
          record(2, before.body),
          record(3, Buffer.concat([Buffer.from([1]), text('odd'), text('no such')])),
        ],
        'ERR_NOT_SUPPORTED',
        /no such/,
      ],
    ]
    for (const [at, [records, code, message]] of bad.entries()) {
      const two = await node(`two ${at}`)
      const applied = two.apply([record(1, Buffer.alloc(0)), ...records])
      await expect(applied).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
      expect(two.position).toMatchObject({ sequence: 2, ordinal: 1 })
      expect(String(await two.db.default.get('before'))).toBe('1')
    }
    const cut = await node('cut')
    const packed = packRecords([record(1, Buffer.alloc(0)), record(2, before.body)])
    const applied = cut.call((session, id) => session.replicaApply(id, packed.subarray(0, -1)))
    await expect(applied).rejects.toMatchObject({ code: 'ERR_CORRUPTION' })
    expect(cut.position).toMatchObject({ sequence: 1 })
  })

  it('may make a family that is there, and drop one that is not, but none comes twice', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.write()
    await one.db.createColumnFamily('users', { mergeOperator: 'uint64add' })
    await one.db.createColumnFamily('gone')
    await one.db.dropColumnFamily('gone')
    await two.catchUp()
    const [, made, , dropped] = log().records as [LogRecord, LogRecord, LogRecord, LogRecord]
    const { ordinal, sequence } = dropped
    const again = (record: LogRecord, later: number): LogRecord => ({
      ...record,
      ordinal: ordinal + later,
      sequence: sequence + later,
    })
    const twice = expect.objectContaining({ message: expect.stringContaining('applied before') })
    await expect(two.apply([made])).rejects.toEqual(twice)
    await two.apply([again(made, 1), again(dropped, 2)])
    expect(two.db.columnFamilies().sort()).toEqual(['default', 'users'])
  })

  it('are refused while it takes writes, and two at a time', async () => {
    const one = await node('one')
    await one.write()
    await expect(one.apply([])).rejects.toMatchObject({ code: 'ERR_BUSY' })
    const two = await node('two')
    await one.db.default.put('a', '1')
    const first = two.apply(log().records)
    await expect(two.apply([])).rejects.toMatchObject({ code: 'ERR_BUSY' })
    await first
  })

  it('only move the place where they have no body', async () => {
    const two = await node('two')
    expect(two.position).toBeUndefined()
    await two.apply([record(1, Buffer.alloc(0)), record(7, Buffer.alloc(0))])
    expect(two.position).toMatchObject({ epoch: 1, sequence: 7, ordinal: 6 })
  })

  it('are as large as they come', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.write()
    const value = Buffer.alloc(300 << 10, 7)
    await Promise.all(Array.from({ length: 40 }, (_, n) => one.db.default.put(`k${n}`, value)))
    await two.catchUp()
    expect(await two.db.default.count()).toBe(40)
    expect(two.position).toEqual(one.position)
  })

  it('are in the feed and give no empty changes', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.write()
    const feed = two.db.changes()
    const first = feed.next()
    const users = await one.db.createColumnFamily('users')
    await users.put('a', '1')
    await one.db.default.put('b', '2')
    await two.catchUp()
    const seen: unknown[] = []
    while (seen.length < 3) {
      const { value } = await (seen.length === 0 ? first : feed.next())
      for (const { type, family } of value?.operations ?? []) seen.push([type, family])
      expect(value?.operations.length).toBeGreaterThan(0)
    }
    expect(seen).toEqual([
      ['createFamily', 'users'],
      ['put', 'users'],
      ['put', 'default'],
    ])
    await feed.return?.()
  })
})

describe('a replica that is opened again', () => {
  it('goes on where it was', async () => {
    const one = await node('one')
    await one.write()
    await one.db.default.put('a', '1')
    const before = one.position
    await one.db.close()
    const again = await node('one')
    expect(again.position).toEqual(before)
    await again.write()
    await again.db.default.put('b', '2')
    expect(again.position).toEqual({ logId: '00000000000000a1', epoch: 3, sequence: 4, ordinal: 1 })
    const two = await node('two')
    await two.catchUp()
    expect(await two.db.default.count()).toBe(2)
  })

  it('knows the options of families that the log makes later', async () => {
    const one = await node('one')
    await one.write()
    await one.db.createColumnFamily('users', { tuning: { writeBufferMb: 20 } })
    await one.db.columnFamily<string, string>('users').put('ada' as never, 'Ada' as never)
    const users = { key: 'utf8', value: 'utf8', tuning: { writeBufferMb: 24 } } as const
    const two = await node('two', { columnFamilies: { users } })
    expect(two.db.columnFamilies()).toEqual(['default'])
    await two.catchUp()
    const family = two.db.columnFamily<string, string>('users')
    expect(await family.get('ada')).toBe('Ada')
    const { columnFamilies } = two.db.options()
    expect(columnFamilies['users']?.columnFamily['write_buffer_size']).toBe(String(24 << 20))
    // Another session with the same options joins; its codecs are its own.
    await using other = await Database.open(path('two'), {
      env: false,
      columnFamilies: { users },
    })
    expect(await other.columnFamily('users').get('ada')).toBe('Ada')
  })
})
