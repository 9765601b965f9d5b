/** Writes that are made only if keys hold the expected values. */
import { openFresh, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow } from '../support/expectations'

useTempDirectory()

const SPECS = {
  names: { key: 'utf8', value: 'uint64' },
  rows: { key: 'uint64', value: 'json' },
} as const

async function open() {
  const db = await openFresh({ columnFamilies: SPECS })
  return { db, names: db.columnFamily('names'), rows: db.columnFamily('rows') }
}

describe('compareAndWrite', () => {
  it('writes where all keys hold what is expected, and nothing else', async () => {
    const { db, names, rows } = await open()
    const take = (value: bigint) =>
      db.compareAndWrite({
        checks: [{ columnFamily: names, key: 'ada', absent: true }],
        operations: [
          { type: 'put', columnFamily: names, key: 'ada', value },
          { type: 'put', columnFamily: rows, key: value, value: { name: 'ada' } },
        ],
      })
    expect([await take(1n), await take(2n)]).toEqual([true, false])
    expect([await names.get('ada'), await rows.get(2n)]).toEqual([1n, undefined])
    const move = {
      checks: [
        { columnFamily: names, key: 'ada', equals: 1n },
        { columnFamily: rows, key: 1n, equals: { name: 'ada' } },
      ],
      operations: [
        { type: 'delete' as const, columnFamily: names, key: 'ada' },
        { type: 'deleteRange' as const, columnFamily: rows, begin: 0n, end: 9n },
      ],
    }
    expect([db.compareAndWriteSync(move as never), db.compareAndWriteSync(move as never)]).toEqual([
      true,
      false,
    ])
    expect([await names.count(), await rows.count()]).toEqual([0, 0])
  })

  it.each([{}, { sync: true }, { disableWAL: true }])(
    'lets one of many through, with %j',
    async (options) => {
      const { db, names } = await open()
      await names.put('n', 0n)
      const add = async () => {
        for (;;) {
          const value = (await names.get('n')) as bigint
          const held = await db.compareAndWrite(
            {
              checks: [{ columnFamily: names, key: 'n', equals: value }],
              operations: [{ type: 'put', columnFamily: names, key: 'n', value: value + 1n }],
            },
            options,
          )
          if (held) return
        }
      }
      await Promise.all(Array.from({ length: 20 }, add))
      expect(await names.get('n')).toBe(20n)
    },
  )

  it('reads what is on the disk alone, and after writes that wait', async () => {
    const { db, names } = await open()
    for (let i = 0n; i < 2000n; i++) names.putSync(`${i}`, i)
    await db.flush()
    const writes: Promise<unknown>[] = []
    for (let i = 0n; i < 200n; i++) {
      writes.push(names.put(`${i}`, i + 1n, { sync: i % 50n === 0n }))
      writes.push(
        db.compareAndWrite({
          checks: [{ columnFamily: names, key: `${i}`, equals: i + 1n }],
          operations: [{ type: 'put', columnFamily: names, key: `${i}`, value: i + 2n }],
        }),
      )
    }
    const held = (await Promise.all(writes)).filter((_, at) => at % 2 === 1)
    expect(held).toEqual(Array(200).fill(true))
    expect(await names.get('7')).toBe(9n)
  })

  it('with nothing to compare or to write, does what is left', async () => {
    const { db, names } = await open()
    expect(await db.compareAndWrite({ checks: [], operations: [] })).toBe(true)
    const checks = [{ columnFamily: names, key: 'k', absent: true as const }]
    expect(await db.compareAndWrite({ checks, operations: [] })).toBe(true)
    await names.put('k', 1n)
    expect(await db.compareAndWrite({ checks, operations: [] })).toBe(false)
  })

  it('refuses what is no comparison, and writes nothing', async () => {
    const { db, names, rows } = await open()
    const other = await openFresh({ columnFamilies: SPECS })
    const operations = [{ type: 'put', columnFamily: names, key: 'k', value: 1n }]
    const bad: [unknown, string][] = [
      [undefined, 'ERR_INVALID_ARG_TYPE'],
      [[undefined], 'ERR_INVALID_ARG_TYPE'],
      [[{ columnFamily: names, key: 'k' }], 'ERR_INVALID_ARG_VALUE'],
      [[{ columnFamily: names, key: 'k', equals: 1n, absent: true }], 'ERR_INVALID_ARG_VALUE'],
      [[{ columnFamily: names, key: 'k', absent: false }], 'ERR_INVALID_ARG_VALUE'],
      [[{ columnFamily: names, key: 5, absent: true }], 'ERR_INVALID_ARG_TYPE'],
      [[{ columnFamily: names, key: 'k', equals: 'x' }], 'ERR_INVALID_ARG_TYPE'],
      [
        [{ columnFamily: other.columnFamily('names'), key: 'k', absent: true }],
        'ERR_INVALID_ARG_VALUE',
      ],
      [[{ columnFamily: {}, key: 'k', absent: true }], 'ERR_INVALID_ARG_TYPE'],
      [[{ columnFamily: names, key: 'k', is: 1n }], 'ERR_INVALID_ARG_VALUE'],
    ]
    for (const [checks, code] of bad) {
      const work = { checks, operations } as never
      await expectRejection(db.compareAndWrite(work), code)
      expectThrow(() => db.compareAndWriteSync(work), code)
    }
    await expectRejection(db.compareAndWrite(undefined as never), 'ERR_INVALID_ARG_TYPE')
    await expectRejection(
      db.compareAndWrite({ checks: [], operation: [] } as never),
      'ERR_INVALID_ARG_VALUE',
    )
    expect(await names.count()).toBe(0)
    await db.dropColumnFamily(rows)
    const dropped = {
      checks: [{ columnFamily: rows, key: 1n, absent: true as const }],
      operations: [],
    }
    await expectRejection(db.compareAndWrite(dropped), 'ERR_DROPPED')
  })
})
