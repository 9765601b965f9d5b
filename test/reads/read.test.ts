/** Point reads: from memory, the page cache and the disk, on this thread and on others. */
import type { Database } from 'rocksdb-live'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow } from '../support/expectations'
import { pageCacheTells } from '../support/page-cache'
import { settlesInThisTurn } from '../support/turns'

useTempDirectory()

const SIZES = [0, 1, 100, 4095, 4096, 4097, 65535, 65536, 70_000, 1_000_000]

/** A value that tells its key. */
function makeValue(key: string, size: number): Buffer {
  const value = Buffer.alloc(size)
  for (let i = 0; i < size; i++)
    value[i] = (i * 31 + key.length * 7 + key.charCodeAt(key.length - 1)) & 0xff
  return value
}

const rows = new Map(SIZES.map((size) => [`key of ${size}`, makeValue(`key of ${size}`, size)]))
for (let i = 0; i < 300; i++) rows.set(`small ${i}`, makeValue(`small ${i}`, 200 + i))

/** Compares bytes much faster than `toEqual`. */
function sameBytes(actual: (Uint8Array | undefined)[], expected: (Uint8Array | undefined)[]): void {
  expect(actual.map((bytes) => bytes?.length)).toEqual(expected.map((bytes) => bytes?.length))
  const wrong = actual.findIndex((bytes, i) => bytes && Buffer.compare(bytes, expected[i] ?? bytes))
  expect(wrong).toBe(-1)
}

async function filled(): Promise<Database> {
  const db = await openFresh({ rocksdb: { columnFamily: { disable_auto_compactions: true } } })
  for (const [key, value] of rows) db.default.putSync(key, value)
  return db
}

/** The rows in a table file, none of them in the block cache. */
async function inFile(directReads: boolean): Promise<Database> {
  const db = await filled()
  await db.flush()
  return reopen(db, {
    tuning: { directReads },
    rocksdb: { columnFamily: { disable_auto_compactions: true } },
  })
}

const onDisk = () => inFile(true)

const PLACES = [
  ['in the memtable', filled],
  ['in the page cache', () => inFile(false)],
  ['on disk', onDisk],
] as const

describe.each(PLACES)('rows %s', (place, open) => {
  it('are read by get as they were written', async () => {
    const db = await open()
    const options = { fillCache: false }
    let atOnce = 0
    for (const [key, value] of rows) {
      const reading = db.default.get(key, options)
      if (await settlesInThisTurn(reading)) atOnce++
      expect(value.equals((await reading) as Buffer)).toBe(true)
      expect(value.equals(db.default.getSync(key, options) as Buffer)).toBe(true)
    }
    // In memory, reads of a few large values wait for the next turn, so that the event loop gets
    // its own.
    if (place === 'on disk') expect(atOnce).toBe(0)
    else if (place === 'in the memtable' || pageCacheTells()) {
      expect(atOnce).toBeGreaterThan(rows.size / 2)
    }
  })

  it('are read together in one turn, each with its own value', async () => {
    const db = await open()
    const keys = [...rows.keys()]
    const values = await Promise.all(keys.map((key) => db.default.get(key)))
    for (const [i, key] of keys.entries()) {
      expect(values[i]?.equals(rows.get(key) as Buffer)).toBe(true)
    }
  })

  it('are read by getMany in the order of the keys, with undefined for what is missing', async () => {
    const db = await open()
    const keys = [...rows.keys()].reverse().flatMap((key) => [key, `no ${key}`])
    keys.push(keys[0] as string)
    const expected = keys.map((key) => rows.get(key))
    const reading = db.default.getMany(keys.slice(0, 100), { fillCache: false })
    expect(await settlesInThisTurn(reading)).toBe(place === 'in the memtable')
    sameBytes(await reading, expected.slice(0, 100))
    sameBytes(await db.default.getMany(keys, { fillCache: false }), expected)
    sameBytes(db.default.getManySync(keys), expected)
    sameBytes(await db.default.getMany(keys), expected)
    expect(await db.default.getMany([])).toEqual([])
    expect(db.default.getManySync([])).toEqual([])
  })

  it('more than are looked up at once are read by getMany', async () => {
    const db = await open()
    const keys = Array.from({ length: 3000 }, (_, i) => `small ${i % 600}`)
    const expected = keys.map((key) => rows.get(key))
    sameBytes(await db.default.getMany(keys), expected)
  })

  it('are found by has, and no other', async () => {
    const db = await open()
    const found: [boolean, boolean][] = []
    for (const key of rows.keys()) {
      found.push([await db.default.has(key, { fillCache: false }), await db.default.has(`${key}x`)])
      expect([db.default.hasSync(key), db.default.hasSync(`${key}x`)]).toEqual([true, false])
    }
    expect(found).toEqual(Array(rows.size).fill([true, false]))
  })

  it('are copied by getInto, and nothing behind them', async () => {
    const db = await open()
    for (const [key, value] of rows) {
      const target = Buffer.alloc(value.length + 3, 0xee)
      expect(await db.default.getInto(key, target, { fillCache: false })).toBe(value.length)
      sameBytes([target], [Buffer.concat([value, Buffer.alloc(3, 0xee)])])
      target.fill(0xee)
      expect(db.default.getIntoSync(key, target)).toBe(value.length)
      sameBytes([target], [Buffer.concat([value, Buffer.alloc(3, 0xee)])])
      const exact = new Uint8Array(value.length)
      expect(db.default.getIntoSync(key, exact)).toBe(value.length)
      sameBytes([exact], [value])
    }
    const target = Buffer.alloc(8, 0xee)
    expect(await db.default.getInto('missing', target)).toBe(-1)
    expect(db.default.getIntoSync('missing', target)).toBe(-1)
    expect(target).toEqual(Buffer.alloc(8, 0xee))
  })

  it('too large for the target of getInto leave it alone', async () => {
    const db = await open()
    for (const size of [1, 100, 4097, 70_000]) {
      const target = Buffer.alloc(size - 1, 0xee)
      const reading = db.default.getInto(`key of ${size}`, target, { fillCache: false })
      await expectRejection(reading, 'ERR_OUT_OF_RANGE', String(size))
      expectThrow(
        () => db.default.getIntoSync(`key of ${size}`, target),
        'ERR_OUT_OF_RANGE',
        String(size),
      )
      expect(target.every((byte) => byte === 0xee)).toBe(true)
    }
  })

  it('are copied into views of larger memory', async () => {
    const db = await open()
    const memory = Buffer.alloc(300, 0xee)
    const target = new Uint8Array(memory.buffer, memory.byteOffset + 50, 120)
    expect(db.default.getIntoSync('key of 100', target)).toBe(100)
    expect(memory.subarray(50, 150)).toEqual(rows.get('key of 100'))
    expect(memory.subarray(0, 50).every((byte) => byte === 0xee)).toBe(true)
    expect(memory.subarray(150).every((byte) => byte === 0xee)).toBe(true)
  })
})

describe('values', () => {
  it('stay as they are when others are read after them', async () => {
    const db = await onDisk()
    const kept: [string, Buffer][] = []
    for (let round = 0; round < 20; round++) {
      for (const key of rows.keys()) {
        if ((rows.get(key) as Buffer).length > 5000) continue
        kept.push([key, db.default.getSync(key) as Buffer])
      }
    }
    const again = await Promise.all([...rows.keys()].map((key) => db.default.get(key)))
    sameBytes(again, [...rows.values()])
    for (const [key, value] of kept) expect(value.equals(rows.get(key) as Buffer)).toBe(true)
  })

  it('may be changed by whoever read them', async () => {
    const db = await filled()
    const first = db.default.getSync('key of 100') as Buffer
    const second = db.default.getSync('key of 100') as Buffer
    first.fill(0)
    expect(second).toEqual(rows.get('key of 100'))
    expect(db.default.getSync('key of 100')).toEqual(rows.get('key of 100'))
  })

  it('of a large read are not kept alive by a small one beside it', async () => {
    const db = await onDisk()
    const reads = ['key of 1', 'key of 1000000'].map((key) => db.default.get(key))
    const [small] = await Promise.all(reads)
    expect(small?.buffer.byteLength).toBeLessThan(100_000)
  })
})

describe('read options', () => {
  it('fillCache: false leaves the block cache as it was', async () => {
    const db = await onDisk()
    const usage = () => db.intProperty('rocksdb.block-cache-usage') as number
    await db.default.get('missing')
    await db.default.get('small 1', { fillCache: false })
    const before = usage()
    for (const key of rows.keys()) await db.default.get(key, { fillCache: false })
    for (const key of rows.keys()) db.default.getSync(key, { fillCache: false })
    expect(usage()).toBe(before)
    for (const key of rows.keys()) await db.default.get(key)
    expect(usage()).toBeGreaterThan(before + 1_000_000)
  })

  it('after that a get is answered at once', async () => {
    const db = await onDisk()
    await db.default.get('key of 100')
    expect(await settlesInThisTurn(db.default.get('key of 100'))).toBe(true)
  })

  it('verifyChecksums: false reads the same', async () => {
    const db = await onDisk()
    const options = { verifyChecksums: false, fillCache: false }
    expect(await db.default.get('key of 4097', options)).toEqual(rows.get('key of 4097'))
    expect(db.default.getSync('key of 4097', options)).toEqual(rows.get('key of 4097'))
  })

  it('a signal that is aborted ends the read, with its reason', async () => {
    const db = await onDisk()
    const reason = new Error('enough')
    const options = () => ({ signal: controller.signal, fillCache: false })
    let controller = new AbortController()
    controller.abort(reason)
    const begin = (): Promise<unknown>[] => [
      db.default.get('key of 1', options()),
      db.default.getMany(['key of 1'], options()),
      db.default.has('key of 1', options()),
      db.default.getInto('key of 1', Buffer.alloc(9), options()),
      db.default.count(options()),
    ]
    const before = await Promise.allSettled(begin())
    controller = new AbortController()
    const readings = begin()
    controller.abort(reason)
    for (const outcome of [...before, ...(await Promise.allSettled(readings))]) {
      const cause = expect.objectContaining({ code: 'ERR_ABORTED', cause: reason })
      expect(outcome).toEqual({ status: 'rejected', reason: cause })
    }
    await db.default.get('key of 4096', { fillCache: false })
  })

  it('a signal that stays quiet changes nothing, and keeps no listener', async () => {
    const db = await onDisk()
    const { signal } = new AbortController()
    const added = jest.spyOn(signal, 'addEventListener')
    const removed = jest.spyOn(signal, 'removeEventListener')
    const options = { signal, fillCache: false }
    expect(await db.default.get('key of 100', options)).toEqual(rows.get('key of 100'))
    expect(await db.default.count({ signal })).toBe(rows.size)
    expect(added).toHaveBeenCalledTimes(2)
    expect(removed).toHaveBeenCalledTimes(2)
  })

  it('a deadline that is far away changes nothing', async () => {
    const db = await onDisk()
    const options = { deadlineMs: 600_000, fillCache: false }
    expect(await db.default.get('key of 100', options)).toEqual(rows.get('key of 100'))
    expect(await db.default.getMany(['key of 100'], options)).toEqual([rows.get('key of 100')])
    expect(await db.default.has('key of 100', options)).toBe(true)
    expect(await db.default.count({ deadlineMs: 600_000 })).toBe(rows.size)
  })

  it('a deadline that passes ends a long count with ERR_TIMED_OUT', async () => {
    const db = await openFresh()
    for (let batch = 0; batch < 30; batch++) {
      const writes = db.batch()
      for (let i = 0; i < 10_000; i++) writes.put(db.default, `${batch} ${i}`, '')
      writes.writeSync()
    }
    await expect(db.default.count({ deadlineMs: 1 })).rejects.toMatchObject({
      code: 'ERR_TIMED_OUT',
      retryable: true,
    })
    expect(await db.default.count()).toBe(300_000)
  })
})
