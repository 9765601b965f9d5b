import { Readable, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'

useTempDirectory()

const SPEC = {
  columnFamilies: { n: { key: 'uint32', value: 'json' }, copy: { key: 'uint32', value: 'json' } },
} as const

function* rows(count: number): Generator<[number, { i: number }]> {
  for (let i = 0; i < count; i++) yield [i, { i }]
}

describe('writable', () => {
  it.each([1, 100, 4096, undefined])(
    'imports every row with batches of %p bytes',
    async (batchBytes) => {
      const db = await openFresh(SPEC)
      const n = db.columnFamily('n')
      await pipeline(Readable.from(rows(5000)), n.writable({ batchBytes }))
      const again = (await reopen(db, SPEC)).columnFamily('n')
      expect(await again.count()).toBe(5000)
      expect(await listOf(again.entries())).toEqual([...rows(5000)])
    },
  )

  it('writes nothing before a batch is full, and the rest at the end', async () => {
    const n = (await openFresh(SPEC)).columnFamily('n')
    const stream = n.writable({ batchBytes: 1 << 20 })
    for (const row of rows(1000)) stream.write(row)
    expect(await n.count()).toBe(0)
    await new Promise<void>((resolve) => stream.end(resolve))
    expect(await n.count()).toBe(1000)
  })

  it('takes operations, in their order', async () => {
    const db = await openFresh(SPEC)
    const n = db.columnFamily('n')
    const operations = [
      [1, 'one'],
      { type: 'put', key: 2, value: 'two' },
      { type: 'put', key: 3, value: 'three' },
      { type: 'delete', key: 2 },
      [3, 'tres'],
    ]
    await pipeline(Readable.from(operations), n.writable())
    expect([...n.entriesSync()]).toEqual([
      [1, 'one'],
      [3, 'tres'],
    ])
  })

  it('holds its source back while batches are written', async () => {
    const db = await openFresh(SPEC)
    const stream = db.columnFamily('n').writable({ batchBytes: 1000, sync: true })
    let held = 0
    for (let i = 0; i < 5000; i++) if (!stream.write([i, { i }])) held++
    expect(held).toBeGreaterThan(0)
    expect(stream.writableNeedDrain).toBe(true)
    await new Promise((resolve) => stream.once('drain', resolve))
    expect(stream.writableNeedDrain).toBe(false)
    await new Promise<void>((resolve) => stream.end(resolve))
    expect(await db.columnFamily('n').count()).toBe(5000)
  })

  it.each([
    ['a wrong row', 'text', 'ERR_INVALID_ARG_TYPE'],
    ['no row', undefined, 'ERR_INVALID_ARG_TYPE'],
    ['a wrong key', [-1, 'x'], 'ERR_OUT_OF_RANGE'],
    ['a wrong value', [1, undefined], 'ERR_INVALID_ARG_TYPE'],
    ['an unknown operation', { type: 'merge', key: 1, value: 1 }, 'ERR_INVALID_ARG_VALUE'],
  ])('ends with the error of %s, and writes whole batches before it', async (_, bad, code) => {
    const db = await openFresh(SPEC)
    const n = db.columnFamily('n')
    const source = Readable.from([...rows(100), bad ?? { none: true }, ...rows(200)])
    await expectRejection(
      pipeline(source, n.writable({ batchBytes: 500 })),
      bad ? code : 'ERR_INVALID_ARG_VALUE',
    )
    const count = await n.count()
    expect(count).toBeLessThanOrEqual(100)
    expect([...n.keysSync()]).toEqual(Array.from({ length: count }, (_, i) => i))
  })

  it('ends with the error of a failed write', async () => {
    const db = await openFresh(SPEC)
    const n = db.columnFamily('n')
    await db.dropColumnFamily(n)
    const dropped = pipeline(Readable.from(rows(1000)), n.writable({ batchBytes: 100 }))
    await expectRejection(dropped, 'ERR_DROPPED', '"n"')
    const copy = db.columnFamily('copy')
    await db.close()
    await expectRejection(
      pipeline(Readable.from(rows(10)), copy.writable()),
      'ERR_CLOSED',
      '"copy"',
    )
  })

  it('writes nothing more once it is destroyed', async () => {
    const db = await openFresh(SPEC)
    const n = db.columnFamily('n')
    const stream = n.writable()
    for (const row of rows(500)) stream.write(row)
    stream.destroy()
    await new Promise((resolve) => stream.once('close', resolve))
    expect(await n.count()).toBe(0)
  })

  it.each<[string, (stream: Writable) => void]>([
    ['destroyed', (stream) => stream.destroy()],
    ['destroyed with an error', (stream) => stream.destroy(new Error('mine'))],
    ['given a wrong row', (stream) => stream.write({ type: 'merge' })],
  ])('has settled what it was writing once it is closed: %s', async (_, stop) => {
    const db = await openFresh(SPEC)
    const n = db.columnFamily('n')
    const stream = n.writable({ batchBytes: 500, sync: true })
    stream.on('error', () => {})
    for (const row of rows(900)) stream.write(row)
    stop(stream)
    await new Promise((resolve) => stream.once('close', resolve))
    const there = [...n.keysSync({ lt: 1000 })].length
    // Each is behind whatever was being written.
    for (let i = 0; i < 10; i++) await n.put(1000 + i, 'later', { sync: true })
    expect(await n.count({ lt: 1000 })).toBe(there)
  })

  it('refuses options that it does not know, and sizes that are none', async () => {
    const n = (await openFresh(SPEC)).columnFamily('n')
    expectThrow(() => n.writable({ batchByte: 1 } as never), 'ERR_INVALID_ARG_VALUE', 'batchBytes')
    for (const batchBytes of [0, -1, 1.5, Number.NaN, 2 ** 40]) {
      expectThrow(() => n.writable({ batchBytes }), 'ERR_OUT_OF_RANGE', 'batchBytes')
    }
    expect(n.writable()).toBeInstanceOf(Writable)
  })
})

describe('exporting', () => {
  it('goes through Readable.from, into another family', async () => {
    const db = await openFresh(SPEC)
    const [n, copy] = [db.columnFamily('n'), db.columnFamily('copy')]
    await pipeline(Readable.from(rows(20_000)), n.writable())
    const doubled = new Transform({
      objectMode: true,
      transform: ([key, value]: [number, { i: number }], _, done) =>
        done(null, [key, { i: 2 * value.i }]),
    })
    await pipeline(Readable.from(n.entries()), doubled, copy.writable())
    expect(await copy.count()).toBe(20_000)
    expect(copy.getSync(12_345)).toEqual({ i: 24_690 })
  })

  it('that is given up frees the cursor', async () => {
    const db = await openFresh(SPEC)
    const n = db.columnFamily('n')
    await pipeline(Readable.from(rows(20_000)), n.writable())
    await db.flush(n)
    const readable = Readable.from(n.entries())
    for await (const [key] of readable as AsyncIterable<[number, unknown]>) if (key === 10) break
    const failing = new Writable({
      objectMode: true,
      write: (_row, _encoding, done) => done(new Error('mine')),
    })
    await expect(pipeline(Readable.from(n.entries()), failing)).rejects.toThrow('mine')
    await db.compactRange(n, undefined, { bottommost: true })
    expect(db.intProperty('rocksdb.num-live-versions', n)).toBe(1)
  })
})
