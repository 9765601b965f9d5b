/** Every way to iterate over a range, compared with an array of the same rows. */
import { isDeepStrictEqual } from 'node:util'
import type { ColumnFamily, Database } from 'rocksdb-live'
import type { Range } from '../../lib/types/ranges'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'
import { pageCacheTells } from '../support/page-cache'
import { settlesInThisTurn } from '../support/turns'

useTempDirectory()

const CODECS = {
  buffer: { key: 'buffer', value: 'buffer' },
  utf8: { key: 'utf8', value: 'utf8' },
  uint32: { key: 'uint32', value: 'json' },
  uint64: { key: 'uint64', value: 'buffer' },
} as const
type CodecName = keyof typeof CODECS

// biome-ignore lint/suspicious/noExplicitAny: the rows of any of the codecs above
type Rows = [any, any][]

/** Rows in key order, with gaps between them, and one key that is a prefix of the next. */
const ROWS: Record<CodecName, Rows> = {
  buffer: ['a', 'aa', 'ab', 'b', 'b\0', 'ba', 'c', 'ÿ', '\u{10ffff}'].map((key, i) => [
    Buffer.from(key),
    Buffer.from(`value ${i}`),
  ]),
  utf8: ['a', 'aa', 'ab', 'b', 'b\0', 'ba', 'c', 'ü', '🦆'].map((key, i) => [key, `value ${i}`]),
  uint32: [0, 1, 2, 255, 256, 1000, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1].map((key, i) => [
    key,
    { i },
  ]),
  uint64: [0n, 1n, 255n, 256n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n].map((key, i) => [
    key,
    Buffer.alloc(i, i),
  ]),
}

/** Bounds that are keys, lie between them, and outside of them. */
const BOUNDS: Record<CodecName, unknown[]> = {
  buffer: [
    'a',
    'ab',
    'aba',
    'b',
    'b\0',
    'c',
    'zz',
    '',
    Buffer.from([0xff]),
    Buffer.from([0xff, 0xff]),
  ],
  utf8: ['a', 'ab', 'aba', 'b', 'b\0', 'c', 'zz', '', '🦆'],
  uint32: [0, 1, 3, 256, 2 ** 31, 2 ** 32 - 1],
  uint64: [0n, 1n, 2n, 256n, 2n ** 63n, 2n ** 64n - 1n],
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' || typeof a === 'bigint')
    return a < (b as never) ? -1 : a > (b as never) ? 1 : 0
  return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string))
}

function startsWith(key: unknown, prefix: unknown): boolean {
  const bytes = Buffer.from(prefix as string)
  return Buffer.from(key as string)
    .subarray(0, bytes.length)
    .equals(bytes)
}

function expected(rows: Rows, range: Range<unknown>): Rows {
  const { gt, gte, lt, lte, prefix, reverse, limit } = range
  const within = rows.filter(
    ([key]) =>
      (gt === undefined || compare(key, gt) > 0) &&
      (gte === undefined || compare(key, gte) >= 0) &&
      (lt === undefined || compare(key, lt) < 0) &&
      (lte === undefined || compare(key, lte) <= 0) &&
      (prefix === undefined || startsWith(key, prefix)),
  )
  if (reverse) within.reverse()
  return within.slice(0, limit)
}

/** Like `toEqual` for rows, but many times faster while they are equal. */
function expectRows(range: Range<unknown>, rows: Rows, want: Rows): void {
  if (!isDeepStrictEqual(rows, want)) expect([range, rows]).toEqual([range, want])
}

/** Every pair of a lower and an upper bound, and single ones. */
function* ranges(codec: CodecName): Generator<Range<unknown>> {
  yield {}
  const bounds = BOUNDS[codec]
  for (const a of bounds) {
    yield { gt: a }
    yield { gte: a }
    yield { lt: a }
    yield { lte: a }
    yield { gt: a, gte: a, lt: a, lte: a }
    if (codec === 'buffer' || codec === 'utf8') yield { prefix: a }
    for (const b of bounds) {
      yield { gt: a, lt: b }
      yield { gte: a, lte: b }
      yield { gt: a, lte: b }
      yield { gte: a, lt: b, gt: b }
      if (codec === 'buffer' || codec === 'utf8') yield { prefix: a, gt: b }
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a family of any of the codecs
type AnyRows = ColumnFamily<any, any, any, any>

async function filled(codec: CodecName, place: string): Promise<[Database, AnyRows]> {
  const options = { columnFamilies: { rows: CODECS[codec] }, tuning: { directReads: true } }
  const db = await openFresh(options)
  for (const [key, value] of ROWS[codec]) (db.columnFamily('rows') as AnyRows).putSync(key, value)
  if (place === 'in the memtable') return [db as Database, db.columnFamily('rows')]
  await db.flush()
  const again = await reopen(db, options)
  return [again as Database, again.columnFamily('rows')]
}

describe.each(Object.keys(CODECS) as CodecName[])('ranges of %s keys', (codec) => {
  it.each(['in the memtable', 'on disk'])('give what an array would, %s', async (place) => {
    const [, family] = await filled(codec, place)
    const rows = ROWS[codec]
    for (const bounds of ranges(codec)) {
      for (const reverse of [false, true]) {
        for (const limit of [undefined, 0, 1, 2, 1000, Number.POSITIVE_INFINITY]) {
          const range = { ...bounds, reverse, limit, fillCache: place === 'on disk' && limit === 2 }
          const want = expected(rows, range)
          expectRows(range, [...family.entriesSync(range)], want)
          if (limit === 1) continue
          expectRows(range, await listOf(family.entries(range)), want)
        }
      }
    }
  })

  it('are the same for keys, values, pages, cursors, count and clear', async () => {
    const [, family] = await filled(codec, 'in the memtable')
    const rows = ROWS[codec]
    let i = 0
    for (const bounds of ranges(codec)) {
      const range = { ...bounds, reverse: i % 2 === 0, limit: i % 3 === 0 ? 2 : undefined }
      const want = expected(rows, range)
      const [keys, values] = [want.map(([key]) => key), want.map(([, value]) => value)]
      expect([...family.keysSync(range)]).toEqual(keys)
      expect([...family.valuesSync(range)]).toEqual(values)
      using cursor = family.cursor(range)
      expect([...cursor.next(3), ...cursor.next(100)]).toEqual(want)
      expect(cursor.next(1)).toEqual([])
      const sizes = [...family.pagesSync(range)].map((page) => page.count)
      expect(sizes.reduce((sum, n) => sum + n, 0)).toBe(want.length)
      if (i++ % 5 !== 0) continue
      expect(await listOf(family.keys(range))).toEqual(keys)
      expect(await listOf(family.values(range))).toEqual(values)
      expect(await family.count(range)).toBe(want.length)
      const { reverse: _, ...cleared } = range
      await family.clear(cleared)
      const gone = new Set(expected(rows, cleared))
      expect([...family.entriesSync()]).toEqual(rows.filter((row) => !gone.has(row)))
      for (const [key, value] of rows) family.putSync(key, value)
    }
  })
})

describe('prefix', () => {
  it('is for byte and text keys alone', async () => {
    const db = await openFresh({ columnFamilies: CODECS })
    const name = 'uint32'
    expectThrow(
      () => db.columnFamily(name).keysSync({ prefix: 1 }),
      'ERR_INVALID_ARG_VALUE',
      'prefix',
    )
    const count = db.columnFamily('uint64').count({ prefix: 1n })
    await expectRejection(count, 'ERR_INVALID_ARG_VALUE', 'prefix')
  })

  it('of 0xff bytes has no end', async () => {
    const db = await openFresh()
    const keys = [[0xfe, 0xff], [0xff], [0xff, 0], [0xff, 0xff], [0xff, 0xff, 1]].map((key) =>
      Buffer.from(key),
    )
    for (const key of keys) db.default.putSync(key, 'x')
    expect([...db.default.keysSync({ prefix: Buffer.from([0xff]) })]).toEqual(keys.slice(1))
    expect([...db.default.keysSync({ prefix: Buffer.from([0xff, 0xff]) })]).toEqual(keys.slice(3))
    expect([...db.default.keysSync({ prefix: Buffer.from([0xfe]), reverse: true })]).toEqual(
      keys.slice(0, 1),
    )
  })
})

describe('iterating', () => {
  const COUNT = 20_000

  async function large(values: (i: number) => Buffer | string, directReads?: boolean) {
    const options = {
      columnFamilies: { n: { key: 'uint32' } },
      tuning: { directReads },
    } as const
    const db = await openFresh(options)
    const batch = db.batch()
    for (let i = 0; i < COUNT; i++) batch.put(db.columnFamily('n'), i, values(i))
    batch.writeSync()
    if (directReads === undefined) return db
    await db.flush()
    return reopen(db, options)
  }

  it('from disk waits for threads, and reads every row once', async () => {
    const db = await large((i) => `value ${i}`, true)
    const n = db.columnFamily('n')
    const rows = n.entries({ fillCache: false })
    const first = rows.next()
    expect(await settlesInThisTurn(first)).toBe(false)
    expect((await first).value?.[0]).toBe(0)
    let next = 1
    for await (const [key, value] of rows) {
      if (key !== next || value.toString() !== `value ${key}`) break
      next++
    }
    expect(next).toBe(COUNT)
    const backwards = await listOf(n.keys({ reverse: true, readaheadBytes: 1 << 20 }))
    expect(backwards).toEqual(Array.from({ length: COUNT }, (_, i) => COUNT - 1 - i))
  })

  it('from the page cache begins at once', async () => {
    const db = await large((i) => `value ${i}`, false)
    const first = db.columnFamily('n').entries({ limit: 100, fillCache: false }).next()
    if (pageCacheTells()) expect(await settlesInThisTurn(first)).toBe(true)
    expect((await first).value?.[0]).toBe(0)
  })

  it.each(['entries', 'pages'] as const)('async %s may be asked for many at once', async (kind) => {
    const n = (await large((i) => `value ${i}`, true)).columnFamily('n')
    const rows = n[kind]({ fillCache: false }) as AsyncIterableIterator<unknown>
    const results = await Promise.all(Array.from({ length: 50 }, () => rows.next()))
    if (kind === 'entries') {
      const keys = results.map(({ value }) => (value as [number, Buffer])[0])
      expect(keys).toEqual(Array.from({ length: 50 }, (_, i) => i))
    } else {
      const counts = results.map(
        ({ value }) => (value as { count: number } | undefined)?.count ?? 0,
      )
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(COUNT)
    }
    await rows.return?.()
    expect(await rows.next()).toEqual({ done: true, value: undefined })
  })

  it('keeps entries valid after those behind them were read', async () => {
    const n = (await large((i) => Buffer.alloc(50, i))).columnFamily('n')
    const kept = [...n.valuesSync(), ...(await listOf(n.values()))]
    for (let i = 0; i < 1000; i++) n.getSync(i)
    expect(kept.length).toBe(2 * COUNT)
    const intact = kept.filter((bytes, i) => bytes.equals(Buffer.alloc(50, i % COUNT)))
    expect(intact.length).toBe(2 * COUNT)
  })

  it('sees the database as it was at the first step', async () => {
    const n = (await large((i) => String(i))).columnFamily('n')
    const sync = n.entriesSync()
    const async = n.entries()
    const cursor = n.cursor()
    sync.next()
    await async.next()
    await n.clear()
    n.putSync(5, 'new')
    expect([...sync].length).toBe(COUNT - 1)
    expect((await listOf(async)).length).toBe(COUNT - 1)
    expect(cursor.next(COUNT + 1).length).toBe(COUNT)
    expect([...n.valuesSync()].map(String)).toEqual(['new'])
    cursor.close()
  })

  it('can be left early, by break, return and an error', async () => {
    const db = await large((i) => String(i), true)
    const n = db.columnFamily('n')
    const snapshots: number[] = []
    for (let round = 0; round < 50; round++) {
      for (const [key] of n.entriesSync()) if (key === round) break
      for await (const key of n.keys()) if (key === round) break
      for (const page of n.pagesSync()) if (page.count > 0) break
      for await (const page of n.pages()) if (page.count > 0) break
      await expect(
        (async () => {
          for await (const _ of n.values()) throw new Error('mine')
        })(),
      ).rejects.toThrow('mine')
      const unstarted = n.entries()
      await unstarted.return?.()
      expect(await unstarted.next()).toEqual({ done: true, value: undefined })
    }
    // A live iterator would keep the files from before the compaction.
    await db.compactRange(n, undefined, { bottommost: true })
    snapshots.push(db.intProperty('rocksdb.num-live-versions', n) as number)
    expect(snapshots).toEqual([1])
  })

  it('of an empty family gives nothing', async () => {
    const db = await openFresh()
    expect([...db.default.entriesSync()]).toEqual([])
    expect(await listOf(db.default.entries())).toEqual([])
    expect([...db.default.pagesSync()]).toEqual([])
    expect(await listOf(db.default.pages())).toEqual([])
    expect(db.default.cursor().next(10)).toEqual([])
    expect(await db.default.count()).toBe(0)
    await db.default.clear()
  })

  it('ends with ERR_ABORTED or ERR_TIMED_OUT where that is asked for', async () => {
    const n = (await large((i) => String(i), true)).columnFamily('n')
    const controller = new AbortController()
    let rows = 0
    const reading = (async () => {
      for await (const _ of n.keys({ signal: controller.signal })) {
        if (++rows === 100) controller.abort(new Error('enough'))
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: new Error('enough') })
    expect(rows).toBe(100)
    const late = (async () => {
      for (;;) for await (const _ of n.keys({ deadlineMs: 1 })) rows++
    })()
    await expectRejection(late, 'ERR_TIMED_OUT', '"n"')
  })
})
