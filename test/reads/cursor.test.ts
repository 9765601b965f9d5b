/** Cursors and pages: the raw ways through a range. */
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Codec } from '../../lib/types/codecs'
import { openAt, openFresh, reopen, useTempDirectory } from '../support/database'
import { expectThrow, listOf } from '../support/expectations'

useTempDirectory()

const SPEC = { columnFamilies: { n: { key: 'uint32', value: 'utf8' } } } as const

async function filled(count: number, step = 10) {
  const db = await openFresh(SPEC)
  const n = db.columnFamily('n')
  const batch = db.batch()
  for (let i = 0; i < count; i++) batch.put(n, i * step, `value ${i * step}`)
  batch.writeSync()
  return { db, n }
}

describe('a cursor', () => {
  it('gives so many rows at a time', async () => {
    const { n } = await filled(5000)
    using cursor = n.cursor()
    const sizes: number[] = []
    const keys: number[] = []
    for (const size of [1, 2, 1000, 2049, 5000, 1]) {
      const rows = cursor.next(size)
      sizes.push(rows.length)
      keys.push(...rows.map(([key]) => key))
    }
    expect(sizes).toEqual([1, 2, 1000, 2049, 1948, 0])
    expect(keys).toEqual(Array.from({ length: 5000 }, (_, i) => i * 10))
  })

  it('seeks to the first key that is not before', async () => {
    const { n } = await filled(100)
    using cursor = n.cursor({ gte: 100, lt: 500 })
    const at = (key: number) => {
      cursor.seek(key)
      return cursor.next(1)[0]?.[0]
    }
    expect([0, 100, 101, 300, 295, 490, 491, 500, 5000, 100].map(at)).toEqual([
      100,
      100,
      110,
      300,
      300,
      490,
      undefined,
      undefined,
      undefined,
      100,
    ])
    cursor.seek(470)
    expect(cursor.next(10).map(([key]) => key)).toEqual([470, 480, 490])
    cursor.seek(110)
    expect(cursor.next(2).map(([key]) => key)).toEqual([110, 120])
  })

  it('seeks backwards to the last key that is not behind', async () => {
    const { n } = await filled(100)
    using cursor = n.cursor({ gte: 100, lt: 500, reverse: true })
    const at = (key: number) => {
      cursor.seek(key)
      return cursor.next(1)[0]?.[0]
    }
    expect([5000, 500, 490, 489, 300, 305, 100, 99, 0].map(at)).toEqual([
      490,
      490,
      490,
      480,
      300,
      300,
      100,
      undefined,
      undefined,
    ])
    cursor.seek(125)
    expect(cursor.next(10).map(([key]) => key)).toEqual([120, 110, 100])
  })

  it('counts its limit over seeks', async () => {
    const { n } = await filled(100)
    using cursor = n.cursor({ limit: 5 })
    expect(cursor.next(3).length).toBe(3)
    cursor.seek(500)
    expect(cursor.next(100).map(([key]) => key)).toEqual([500, 510])
    cursor.seek(0)
    expect(cursor.next(100)).toEqual([])
  })

  it('sees the database as it was when it was made', async () => {
    const { n } = await filled(10)
    using cursor = n.cursor()
    n.putSync(5, 'new')
    n.deleteSync(10)
    expect(cursor.next(3).map(([key]) => key)).toEqual([0, 10, 20])
  })

  it('can be made twice a thousand times, and closed twice', async () => {
    const { db, n } = await filled(10)
    const cursors = Array.from({ length: 2000 }, () => n.cursor())
    expect(cursors.every((cursor) => cursor.next(1)[0]?.[0] === 0)).toBe(true)
    for (const cursor of cursors) {
      cursor.close()
      cursor.close()
      expect(cursor.closed).toBe(true)
    }
    expectThrow(() => cursors[0]?.next(1), 'ERR_CLOSED', '"n"')
    expectThrow(() => cursors[0]?.seek(1), 'ERR_CLOSED', '"n"')
    const left = n.cursor()
    await db.close()
    expectThrow(() => left.next(1), 'ERR_CLOSED', '"n"')
    expectThrow(() => left.seek(1), 'ERR_CLOSED', '"n"')
    left.close()
  })

  it('refuses counts and keys that are none', async () => {
    const { n } = await filled(10)
    using cursor = n.cursor()
    for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expectThrow(() => cursor.next(wrong), 'ERR_OUT_OF_RANGE', 'count')
    }
    for (const wrong of [undefined, null, '1', 1n, {}] as never[]) {
      expectThrow(() => cursor.next(wrong), 'ERR_INVALID_ARG_TYPE', 'count')
    }
    expectThrow(() => cursor.seek(-1), 'ERR_OUT_OF_RANGE', 'key')
    expectThrow(() => cursor.seek('1' as never), 'ERR_INVALID_ARG_TYPE', 'key')
    expect(cursor.next(Number.MAX_SAFE_INTEGER).length).toBe(10)
  })

  it('gives rows again after one that could not be decoded', async () => {
    const { db, n } = await filled(3)
    db.columnFamily('n', {}).putSync(Buffer.from([0, 0, 0, 15]), Buffer.from([0xff]))
    using cursor = n.cursor()
    expectThrow(() => cursor.next(10), 'ERR_CORRUPTION', '"n"')
    cursor.seek(20)
    expect(cursor.next(10)).toEqual([[20, 'value 20']])
  })

  it('seeks behind rows that cannot be read, and fails at them each time', async () => {
    const { db: first, n: rows } = await filled(0)
    for (let i = 0; i < 5000; i++) rows.putSync(i, `value ${i} ${randomBytes(50).toString('hex')}`)
    await first.flush()
    await first.close()
    const table = readdirSync(first.path).find((name) => name.endsWith('.sst')) as string
    const file = openSync(join(first.path, table), 'r+')
    writeSync(file, 'x'.repeat(100), 200_000)
    closeSync(file)
    const n = (await openAt(first.path, SPEC)).columnFamily('n')
    using cursor = n.cursor()
    expectThrow(() => cursor.next(5000), 'ERR_CORRUPTION', '"n"')
    expectThrow(() => cursor.next(1), 'ERR_CORRUPTION', '"n"')
    cursor.seek(4999)
    expect(cursor.next(10).map(([key]) => key)).toEqual([4999])
    cursor.seek(0)
    expect(cursor.next(10)).toHaveLength(10)
  })
})

describe('a cursor whose codec uses it in the middle of a call', () => {
  async function nesting(within: (key: string) => void) {
    const codec: Codec<string> = {
      encode: (text) => text,
      decode: (bytes) => {
        const text = bytes.toString()
        within(text)
        return text
      },
    }
    const db = await openFresh({ columnFamilies: { c: { key: codec, value: 'utf8' } } })
    const c = db.columnFamily('c')
    for (let i = 10; i < 99; i++) c.putSync(`key${i}`, `value${i}`)
    return c
  }
  const numbers = (rows: [string, string][]) =>
    rows.map(([key, value]) => {
      expect(value).toBe(key.replace('key', 'value'))
      return Number(key.slice(3))
    })

  it('gives each of the two callers its rows', async () => {
    let inner: [string, string][] = []
    let armed = true
    const c = await nesting((key) => {
      if (!armed || key !== 'key12') return
      armed = false
      inner = cursor.next(2)
    })
    using cursor = c.cursor()
    expect(numbers(cursor.next(5))).toEqual([10, 11, 12, 13, 14])
    expect(numbers(inner)).toEqual([15, 16])
    expect(numbers(cursor.next(1))).toEqual([17])
  })

  it('and so does an iterator, over the end of a chunk', async () => {
    const inner: unknown[] = []
    const c = await nesting((key) => {
      if (key === 'key25') inner.push(rows.next().value)
    })
    const rows = c.entriesSync()
    const outer = Array.from({ length: 20 }, () => rows.next().value as [string, string])
    expect(inner).toEqual([['key26', 'value26']])
    expect(numbers(outer).slice(14, 18)).toEqual([24, 25, 27, 28])
  })

  it('keeps to its limit', async () => {
    let inner: [string, string][] = []
    const c = await nesting((key) => {
      if (key === 'key12') inner = cursor.next(10)
    })
    using cursor = c.cursor({ limit: 7 })
    expect(numbers(cursor.next(5))).toEqual([10, 11, 12, 13, 14])
    expect(numbers(inner)).toEqual([15, 16])
    expect(cursor.next(1)).toEqual([])
  })
})

describe('large rows', () => {
  const sizes = [1000, 65_535, 65_536, 65_537, 10, 300_000, 0, 4_000_000, 65_536, 5]

  it.each(['in the memtable', 'on disk'])('cross whole, %s', async (place) => {
    const options = {
      columnFamilies: { n: { key: 'uint32' } },
      tuning: { directReads: true },
    } as const
    let db = await openFresh(options)
    for (const [i, size] of sizes.entries()) db.columnFamily('n').putSync(i, Buffer.alloc(size, i))
    if (place === 'on disk') {
      await db.flush()
      db = await reopen(db, options)
    }
    const n = db.columnFamily('n')
    const whole = (rows: [number, Buffer][]) =>
      rows.map(([key, value]) => [key, value.length, value.every((byte) => byte === key)])
    const want = sizes.map((size, i) => [i, size, true])
    expect(whole(await listOf(n.entries()))).toEqual(want)
    expect(whole([...n.entriesSync()])).toEqual(want)
    expect(whole(n.cursor().next(100))).toEqual(want)
    expect(whole(await listOf(n.entries({ reverse: true })))).toEqual([...want].reverse())
    expect(whole([...n.entriesSync({ reverse: true })])).toEqual([...want].reverse())
    expect([...n.keysSync()]).toEqual(want.map(([key]) => key))
    const lengths: number[] = []
    for (const { offsets, count } of n.pagesSync()) {
      for (let i = 0; i < count; i++) {
        lengths.push((offsets[2 * i + 2] as number) - (offsets[2 * i + 1] as number))
      }
    }
    expect(lengths).toEqual(sizes)
  })
})

describe('pages', () => {
  it('hold the rows as they are, end to end', async () => {
    const { n } = await filled(10_000, 1)
    const read = (page: { bytes: Buffer; offsets: Uint32Array; count: number }) => {
      expect(page.count).toBeGreaterThan(0)
      expect([page.offsets.length, page.offsets[0]]).toEqual([2 * page.count + 1, 0])
      expect(page.bytes.length).toBe(page.offsets[2 * page.count])
      return Array.from({ length: page.count }, (_, i) => {
        const [start, middle, end] = page.offsets.subarray(2 * i, 2 * i + 3) as unknown as number[]
        const key = page.bytes.subarray(start, middle).readUInt32BE()
        return `${key}: ${page.bytes.subarray(middle, end)}`
      })
    }
    const want = Array.from({ length: 10_000 }, (_, i) => `${i}: value ${i}`)
    const sync: string[] = []
    for (const page of n.pagesSync()) sync.push(...read(page))
    expect(sync).toEqual(want)
    const async: string[] = []
    for await (const page of n.pages()) async.push(...read(page))
    expect(async).toEqual(want)
    const limited: string[] = []
    for (const page of n.pagesSync({ limit: 777, reverse: true })) limited.push(...read(page))
    expect(limited).toEqual(want.reverse().slice(0, 777))
  })
})

describe('a huge scan', () => {
  it('of 300,000 rows gives each once, every way', async () => {
    const { db, n } = await filled(0)
    const COUNT = 300_000
    for (let start = 0; start < COUNT; start += 50_000) {
      const batch = db.batch()
      for (let i = start; i < start + 50_000; i++) batch.put(n, i, 'x')
      batch.writeSync()
      if (start === 100_000) await db.flush()
    }
    const sum = (COUNT * (COUNT - 1)) / 2
    let seen = 0
    for (const key of n.keysSync()) seen += key
    expect(seen).toBe(sum)
    for await (const [key] of n.entries({ reverse: true })) seen -= key
    expect(seen).toBe(0)
    let rows = 0
    for await (const page of n.pages()) rows += page.count
    expect(rows).toBe(COUNT)
    expect(await n.count()).toBe(COUNT)
    await n.clear({ lt: 250_000 })
    expect(await n.count()).toBe(50_000)
    await n.clear({ limit: 20_000 })
    expect(n.keysSync().next().value).toBe(270_000)
  })
})

describe('buffers of rows', () => {
  // 128 KiB make a buffer for few rows grow to the size of one for many rows.
  it.each([60_000, 64 * 1024, 128 * 1024, 256 * 1024, 512 * 1024])(
    'serve scans of many rows after rows of %i bytes',
    async (size) => {
      const { db, n } = await filled(20_000)
      const large = await db.createColumnFamily('large', { key: 'uint32' })
      for (let i = 0; i < 20; i++) large.putSync(i, Buffer.alloc(size - 4))
      for (let i = 0; i < 20; i++) {
        expect([...large.valuesSync()]).toHaveLength(20)
        let rows = 0
        for await (const page of n.pages()) rows += page.count
        expect(rows).toBe(20_000)
      }
    },
  )
})
