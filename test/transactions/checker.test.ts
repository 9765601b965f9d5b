/**
 * The checker of histories finds every anomaly in histories made by hand, and none in valid ones.
 */
import { check, type History, type Op, type Recorded } from './histories/check.cjs'

/** Concurrent transactions: none comes before another by time. */
function together(...all: (Op[] | Partial<Recorded>)[]): Recorded[] {
  return all.map((one, i) => {
    const given = Array.isArray(one) ? { ops: one } : one
    return { id: i + 1, status: 'committed', began: i, ended: 100 + i, ops: [], ...given }
  })
}

/** The same transactions, one after another. */
function inTurn(...all: (Op[] | Partial<Recorded>)[]): Recorded[] {
  return together(...all).map((one, i) => ({ ...one, began: 10 * i, ended: 10 * i + 5 }))
}

function kindsOf(transactions: Recorded[], more: Omit<History, 'transactions'> = {}): string[] {
  const { anomalies } = check({ transactions, ...more })
  return [...new Set(anomalies.map(({ kind }) => kind))]
}

const append = (key: string, element: number, onto?: number[]): Op => ({
  ...{ type: 'append', key, base: 0, element },
  ...(onto === undefined ? {} : { onto }),
})
const read = (key: string, ...list: number[]): Op => ({ type: 'read', key, base: 0, list })
const scan = (prefix: string, ...rows: string[]): Op => ({ type: 'scan', prefix, rows })
const insert = (row: string): Op => ({ type: 'insert', row })
const remove = (row: string): Op => ({ type: 'remove', row })

describe('lists', () => {
  it.each<[string, string[], Recorded[]]>([
    [
      'writes of two transactions in two orders',
      ['G0'],
      together(
        [append('x', 1), append('y', 2)],
        [append('x', 3), append('y', 4)],
        [read('x', 1, 3)],
        [read('y', 4, 2)],
      ),
    ],
    [
      'what was never committed is read',
      ['G1a'],
      together({ ops: [append('x', 1)], status: 'aborted' }, [read('x', 1)]),
    ],
    [
      'what is written over in the same transaction is read',
      ['G1b', 'G-single'],
      together([append('x', 1), append('x', 2)], [read('x', 1)], [read('x', 1, 2)]),
    ],
    [
      'each of two reads what the other one wrote',
      ['G1c'],
      together([append('x', 1), read('y', 2)], [append('y', 2), read('x', 1)]),
    ],
    [
      'the half of a transaction is seen',
      ['G-single'],
      together([append('x', 1), append('y', 2)], [read('x', 1), read('y')], [read('y', 2)]),
    ],
    [
      'two put back the same list',
      ['lost update', 'lost append'],
      together([read('x'), append('x', 1, [])], [read('x'), append('x', 2, [])], [read('x', 2)]),
    ],
    [
      'of two merges, one is gone',
      ['lost append'],
      together([append('x', 1)], [append('x', 2)], [read('x', 2)]),
    ],
    [
      'two read what the other one writes: write skew',
      ['G2'],
      together(
        [read('x'), read('y'), append('x', 1)],
        [read('x'), read('y'), append('y', 2)],
        [read('x', 1), read('y', 2)],
      ),
    ],
    [
      'who only reads sees an order that the others cannot have had',
      ['G2'],
      // The second withdraws although the first has paid in, which is valid if it came first; the
      // third contradicts that.
      together(
        [read('savings'), append('savings', 1)],
        [read('savings'), read('checking'), append('checking', 2)],
        [read('savings', 1), read('checking')],
        [read('savings', 1), read('checking', 2)],
      ),
    ],
    ['an element is there twice', ['duplicate'], together([append('x', 1)], [read('x', 1, 1)])],
    ['nobody has written it', ['unknown element'], together([read('x', 7)])],
    [
      'one does not see its own',
      ['internal'],
      together([append('x', 1), read('x')], [read('x', 1)]),
    ],
    ['one sees two states', ['internal'], together([append('x', 1)], [read('x'), read('x', 1)])],
    [
      'one that begins later sees less',
      ['G-single-realtime'],
      inTurn([append('x', 1)], [read('x')], [read('x', 1)]),
    ],
    [
      'what was written blindly is lost',
      ['G0-realtime'],
      inTurn(
        [{ type: 'open', key: 'x', base: 0 }],
        [{ type: 'open', key: 'x', base: 1 }],
        [read('x'), append('x', 1, [])],
      ),
    ],
    [
      'a removed list is there again',
      ['G-single-realtime'],
      inTurn(
        [{ type: 'open', key: 'x', base: 0 }],
        [read('x'), append('x', 1, [])],
        [{ type: 'open', key: 'x', base: -1, order: 1 }],
        [read('x', 1)],
      ),
    ],
  ])('%s', (_, kinds, transactions) => {
    expect(kindsOf(transactions)).toEqual(kinds)
  })

  it('say who is about', () => {
    const skewed = together(
      { id: 7, ops: [read('x'), read('y'), append('x', 1)] },
      { id: 8, ops: [read('x'), read('y'), append('y', 2)] },
      [read('x', 1), read('y', 2)],
    )
    const [found] = check({ transactions: skewed }).anomalies
    expect(found?.what).toBe('T7 -rw-> T8 -rw-> T7 (of 2 that depend on each other)')
    expect(found?.transactions.map(({ id }) => id)).toEqual([7, 8])
  })
})

describe('rows', () => {
  it.each<[string, string[], Recorded[], Omit<History, 'transactions'>]>([
    [
      'two insert what only one may: a phantom',
      ['G2', 'invariant'],
      together(
        [scan('g/'), insert('g/a')],
        [scan('g/'), insert('g/b')],
        [scan('g/', 'g/a', 'g/b')],
      ),
      { limit: { prefix: 'g', rows: 1 } },
    ],
    [
      'a phantom is seen by the second scan of one transaction',
      ['G-single'],
      together([scan('g/'), scan('g/', 'g/a')], [insert('g/a')]),
      {},
    ],
    [
      'two remove the same row',
      ['lost update'],
      together(
        [insert('g/a')],
        [scan('g/', 'g/a'), remove('g/a')],
        [scan('g/', 'g/a'), remove('g/a')],
      ),
      {},
    ],
    [
      'each of two removes a row that the other one needed',
      ['G2'],
      together(
        [insert('g/a'), insert('h/b')],
        [scan('g/', 'g/a'), scan('h/', 'h/b'), remove('g/a')],
        [scan('g/', 'g/a'), scan('h/', 'h/b'), remove('h/b')],
      ),
      {},
    ],
    [
      'a row of a transaction that was undone',
      ['G1a'],
      together({ ops: [insert('g/a')], status: 'aborted' }, [scan('g/', 'g/a')]),
      {},
    ],
    ['a row of nobody', ['unknown row'], together([scan('g/', 'g/a')]), {}],
    ['an inserted row is gone', ['lost append'], together([insert('g/a')]), { rows: [] }],
    [
      'a removed row is there',
      ['lost removal'],
      together([insert('g/a')], [scan('g/', 'g/a'), remove('g/a')]),
      { rows: ['g/a'] },
    ],
    ['one does not see its own', ['internal'], together([insert('g/a'), scan('g/')]), {}],
    [
      'one sees what it removed',
      ['internal'],
      together([insert('g/a')], [scan('g/', 'g/a'), remove('g/a'), scan('g/', 'g/a')]),
      {},
    ],
    [
      'one counts what it did not read',
      ['internal'],
      together([scan('g/'), { type: 'count', prefix: 'g/', count: 1 }]),
      {},
    ],
    [
      'one that begins after a wipe sees what it removed',
      ['G-single-realtime'],
      inTurn([insert('g/a')], [{ type: 'wipe', prefix: 'g/' }, insert('g/b')], [scan('g/', 'g/a')]),
      { rows: ['g/b'] },
    ],
    [
      'one that begins after both sees neither',
      ['G-single-realtime'],
      inTurn([insert('g/a')], [scan('g/', 'g/a'), remove('g/a'), insert('g/b')], [scan('g/')]),
      { rows: ['g/b'] },
    ],
  ])('%s', (_, kinds, transactions, more) => {
    expect(kindsOf(transactions, more).sort()).toEqual(kinds)
  })

  it('beyond the last row that a scan has come to may change', () => {
    const first = { type: 'scan', prefix: 'g/', rows: ['g/1'], until: 'g/1' } as const
    const last = { type: 'scan', prefix: 'g/', rows: ['g/5'], until: 'g/5', reverse: true } as const
    const both = (a: Op, b: Op) =>
      together(
        [insert('g/1'), insert('g/5')],
        [a, insert('g/9')],
        [b, insert('g/0')],
        [scan('g/', 'g/0', 'g/1', 'g/5', 'g/9')],
      )
    expect(kindsOf(both(first, last))).toEqual(['G2'])
    // Each scan ends before what the other one writes.
    expect(kindsOf(both(last, first))).toEqual([])
    expect(
      kindsOf(together([insert('g/1')], [first, insert('h/9')], [insert('g/9'), scan('h/')])),
    ).toEqual([])
  })
})

describe('good histories', () => {
  it('of transactions one after the other', () => {
    const transactions = inTurn(
      [{ type: 'open', key: 'x', base: 0 }],
      [read('x'), append('x', 1, []), read('x', 1), insert('g/a')],
      { ops: [read('x', 1), append('x', 2, [1])], status: 'aborted' },
      [read('x', 1), append('x', 3, [1]), append('x', 4, [1, 3]), scan('g/', 'g/a')],
      [scan('g/', 'g/a'), remove('g/a'), insert('g/b'), scan('g/', 'g/b')],
      [{ type: 'open', key: 'x', base: 1 }],
      [{ type: 'read', key: 'x', base: 1, list: [] }, scan('g/', 'g/b')],
      [insert('g/c'), remove('g/c'), scan('g/', 'g/b')],
      [{ type: 'wipe', prefix: 'g/' }, insert('g/d')],
      [scan('g/', 'g/d')],
    )
    expect(check({ transactions, rows: ['g/d'] }).anomalies).toEqual([])
  })

  it('of transactions at the same time, of which one read before the other wrote', () => {
    const transactions = together(
      [read('x'), append('y', 1)],
      [append('x', 2)],
      [read('x', 2), read('y', 1)],
    )
    expect(check({ transactions }).anomalies).toEqual([])
  })

  it('of one of which nobody knows how it ended, either way', () => {
    const unknown = { ops: [append('x', 1)], status: 'unknown' } as const
    expect(kindsOf(inTurn(unknown, [read('x')]))).toEqual([])
    expect(kindsOf(inTurn(unknown, [read('x', 1)]))).toEqual([])
    // It may have been committed at any time after it began.
    expect(kindsOf(inTurn(unknown, [read('x')], [read('x', 1)]))).toEqual([])
    expect(kindsOf(inTurn(unknown, [read('x', 1)], [read('x')]))).toEqual(['G-single-realtime'])
  })
})
