/** The first and the last row of a range, and keys that are empty. */
import { finished } from 'node:stream/promises'
import { Database, type Operation } from 'rocksdb-live'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'

useTempDirectory()

const SPECS = { n: { key: 'uint32', value: 'utf8' }, text: { key: 'utf8', value: 'utf8' } } as const

describe('first and last', () => {
  it('are the rows at the ends of a range', async () => {
    const db = await openFresh({ columnFamilies: SPECS })
    const n = db.columnFamily('n')
    expect([await n.first(), await n.last(), n.firstSync(), n.lastSync()]).toEqual(
      Array(4).fill(undefined),
    )
    for (const id of [3, 1, 70_000, 2]) n.putSync(id, `row ${id}`)
    using before = db.snapshot()
    await n.delete(1)
    expect(await n.first()).toEqual([2, 'row 2'])
    expect(n.lastSync()).toEqual([70_000, 'row 70000'])
    expect(await n.first({ gt: 2 })).toEqual([3, 'row 3'])
    expect(n.firstSync({ gt: 3, lt: 70_000 })).toBeUndefined()
    expect(await n.last({ lt: 70_000 })).toEqual([3, 'row 3'])
    expect(n.lastSync({ lte: 1 })).toBeUndefined()
    expect(await n.first({ snapshot: before })).toEqual([1, 'row 1'])
    await db.columnFamily('text').put('ab', '1')
    await db.columnFamily('text').put('b', '2')
    expect(await db.columnFamily('text').last({ prefix: 'a' })).toEqual(['ab', '1'])
  })

  it('take neither a direction nor a limit', async () => {
    const { default: family } = await openFresh()
    for (const wrong of [{ reverse: true }, { limit: 5 }]) {
      await expectRejection(family.first(wrong as never), 'ERR_INVALID_ARG_VALUE')
      expect(() => family.lastSync(wrong as never)).toThrow('has no property')
    }
  })
})

describe('an empty key', () => {
  it('is a key as any', async () => {
    const db = await openFresh({ columnFamilies: SPECS })
    const { default: family } = db
    await family.put('', 'empty')
    await family.put('a', 'other')
    expect([String(await family.get('')), String(family.getSync(''))]).toEqual(['empty', 'empty'])
    expect([await family.has(''), family.hasSync(Buffer.alloc(0))]).toEqual([true, true])
    const many = (await family.getMany(['', 'a', 'b'])) as (Buffer | undefined)[]
    expect(many.map((value) => value?.toString())).toEqual(['empty', 'other', undefined])
    expect((await family.first())?.map(String)).toEqual(['', 'empty'])
    expect(await family.count({ gte: '', lt: 'a' })).toBe(1)
    expect(await family.count({ gt: '' })).toBe(1)
    expect(await family.count({ lt: '' })).toBe(0)
    const target = Buffer.alloc(8)
    expect(await family.getInto('', target)).toBe(5)
    using cursor = family.cursor({ reverse: true })
    cursor.seek('')
    expect(cursor.next(5).map(([key]) => String(key))).toEqual([''])
    const again = await reopen(db, { columnFamilies: SPECS })
    expect(await again.default.count()).toBe(2)
    await again.default.clear({ limit: 1 })
    expect((await again.default.first())?.map(String)).toEqual(['a', 'other'])
    await again.write([
      { type: 'put', key: '', value: 'in a batch' },
      { type: 'put', columnFamily: again.columnFamily('text'), key: '', value: '' },
    ])
    expect(again.columnFamily('text').getSync('')).toBe('')
    await again.default.deleteRange('', 'a')
    expect([await again.default.has(''), await again.default.has('a')]).toEqual([false, true])
    await again.columnFamily('text').delete('')
    expect(await again.columnFamily('text').count()).toBe(0)
  })
})

describe('a stream over several families', () => {
  it('writes operations in their order, in batches', async () => {
    const db = await openFresh({ columnFamilies: SPECS })
    const [n, text] = [db.columnFamily('n'), db.columnFamily('text')]
    const stream = db.writable({ batchBytes: 500 })
    for (let id = 0; id < 1000; id++) {
      stream.write({ type: 'put', columnFamily: n, key: id, value: `row ${id}` })
      stream.write({ type: 'put', columnFamily: text, key: `${id}`, value: 'x' })
    }
    const last: Operation<typeof n> = { type: 'deleteRange', columnFamily: n, begin: 10, end: 1000 }
    stream.write(last)
    stream.end({ type: 'put', key: 'default', value: 'family' })
    await finished(stream)
    expect([await n.count(), await text.count(), await db.default.count()]).toEqual([10, 1000, 1])
  })

  it('fails where an operation is wrong, with what was wrong', async () => {
    const db = await openFresh({ columnFamilies: SPECS })
    const other = await Database.open(Database.memory('other'))
    const wrong: [unknown, string][] = [
      [['key', 'value'], 'ERR_INVALID_ARG_TYPE'],
      [{ type: 'insert', key: 'a', value: 'b' }, 'ERR_INVALID_ARG_VALUE'],
      [{ type: 'put', columnFamily: 'n', key: 1, value: 'b' }, 'ERR_INVALID_ARG_TYPE'],
      [{ type: 'put', columnFamily: other.default, key: 'a', value: 'b' }, 'ERR_INVALID_ARG_VALUE'],
      [
        { type: 'put', columnFamily: db.columnFamily('n'), key: 'a', value: 'b' },
        'ERR_INVALID_ARG_TYPE',
      ],
    ]
    for (const [operation, code] of wrong) {
      const stream = db.writable()
      stream.write({ type: 'put', key: 'before', value: 'b' })
      stream.end(operation as Operation)
      await expectRejection(finished(stream), code)
    }
    expect(await db.default.count()).toBe(0)
    await other.close()
  })
})
