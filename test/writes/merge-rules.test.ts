/** Operands and values that a merge operator cannot read: refused in every way of writing them. */
import { finished } from 'node:stream/promises'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { coded, expectRejection, expectThrow } from '../support/expectations'

useTempDirectory()

const COUNTERS = { columnFamilies: { n: { mergeOperator: 'uint64add' } } } as const

/** 8 bytes, little-endian. */
function eight(count: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(count))
  return bytes
}

describe('uint64add', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['three bytes', Buffer.from('abc')],
    ['nine bytes', Buffer.alloc(9)],
  ])('takes 8 bytes, and not %s', async (_, wrong) => {
    const db = await openFresh(COUNTERS)
    const family = db.columnFamily('n')
    await family.put('k', eight(1))
    const refused = coded('ERR_INVALID_ARGUMENT', 'uint64add takes 8 bytes')
    const row = { columnFamily: family, key: 'k' } as const
    const asynchronous: (() => Promise<unknown>)[] = []
    for (const sync of [false, true]) {
      asynchronous.push(
        () => family.merge('k', wrong, { sync }),
        () => family.put('k', wrong, { sync }),
        () => db.batch().put(db.default, 'x', '1').merge(family, 'k', wrong).write({ sync }),
        () => db.write([{ type: 'merge', ...row, operand: wrong }], { sync }),
        () => db.write([{ type: 'put', ...row, value: wrong }], { sync }),
      )
    }
    asynchronous.push(() =>
      finished(family.writable().end({ type: 'put', key: 'k', value: wrong })),
    )
    for (const write of asynchronous) await expect(write()).rejects.toEqual(refused)
    for (const write of [
      () => family.mergeSync('k', wrong),
      () => family.putSync('k', wrong),
      () => db.batch().put(db.default, 'x', '1').merge(family, 'k', wrong).writeSync(),
      () => db.writeSync([{ type: 'merge', ...row, operand: wrong }]),
    ]) {
      expectThrow(write, 'ERR_INVALID_ARGUMENT', 'uint64add takes 8 bytes')
    }
    const error: unknown = await family.merge('k', wrong).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ outcome: 'notApplied', retryable: false })
    // Those that wait together with a bad one are written.
    const writes = await Promise.allSettled([
      family.merge('k', eight(2), { sync: true }),
      family.merge('k', wrong, { sync: true }),
      family.merge('k', eight(4), { sync: true }),
    ])
    expect(writes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(family.getSync('k')).toEqual(eight(7))
    expect(await db.default.count()).toBe(0)
    await db.flush()
    const again = await reopen(db, COUNTERS)
    expect(await again.columnFamily('n').get('k')).toEqual(eight(7))
  })

  it('fails reads of a key whose value was there before it, and of no other', async () => {
    const first = await openFresh({ columnFamilies: { n: {} } })
    await first.columnFamily('n').put('text', 'abc')
    await first.columnFamily('n').put('k', eight(1))
    let db = await reopen(first, COUNTERS)
    for (const round of [1, 2]) {
      const family = db.columnFamily('n')
      await family.merge('text', eight(1))
      await family.merge('k', eight(1))
      await expectRejection(family.get('text'), 'ERR_CORRUPTION', 'merge operator')
      await expectRejection(family.getMany(['k', 'text']), 'ERR_CORRUPTION', 'merge operator')
      expectThrow(() => [...family.entriesSync()], 'ERR_CORRUPTION', 'merge operator')
      expect(await family.get('k')).toEqual(eight(1 + round))
      await db.flush()
      await db.compactRange(family)
      expect(db.health).toBe('ok')
      db = await reopen(db, COUNTERS)
    }
    const family = db.columnFamily('n')
    await family.put('text', eight(5))
    await family.merge('text', eight(1))
    expect(await family.get('text')).toEqual(eight(6))
  })
})

describe('an operator that is not offered', () => {
  it.each(['sortlist', 'MergeSortOperator'])('%s, at open and at creation', async (name) => {
    const options = { rocksdb: { columnFamily: { merge_operator: name } } }
    await expectRejection(
      openFresh({ columnFamilies: { f: options } }),
      'ERR_NOT_SUPPORTED',
      'are offered',
    )
    const db = await openFresh()
    const created = db.createColumnFamily('f', { mergeOperator: name })
    await expectRejection(created, 'ERR_NOT_SUPPORTED', 'uint64add')
    expect(db.columnFamilies()).toEqual(['default'])
  })
})
