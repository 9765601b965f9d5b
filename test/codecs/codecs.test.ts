import { json, RocksDBError } from 'rocksdb-live'
import type { Codec } from '../../lib/types/codecs'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'

useTempDirectory()

const TEXTS = [
  'a',
  'ä',
  '€',
  '🦆',
  'mixed ä€🦆 text',
  '\ufffd',
  '\ufeffbom',
  '\0',
  'a\0b',
  'x'.repeat(5000),
  'é'.repeat(5000),
  `${'x'.repeat(23)}ä`,
  `${'x'.repeat(24)}ä`,
]

describe('buffer', () => {
  it('takes bytes of any view and text, and gives Buffers', async () => {
    const db = await openFresh()
    const memory = new Uint8Array([0, 1, 2, 3, 4, 5])
    const views = [
      Buffer.from('bytes'),
      new Uint8Array([9, 8, 7]),
      memory.subarray(2, 4),
      new Uint8Array(new SharedArrayBuffer(4)).fill(5),
      new (class extends Uint8Array {})(3).fill(1),
    ]
    for (const view of views) {
      await db.default.put(view, view)
      const read = await db.default.get(view)
      expect(Buffer.isBuffer(read)).toBe(true)
      expect(read).toEqual(Buffer.from(view))
    }
    for (const text of TEXTS) {
      await db.default.put(text, text)
      expect(db.default.getSync(Buffer.from(text))).toEqual(Buffer.from(text))
    }
  })

  it('trusts no length that a subclass tells', async () => {
    const db = await openFresh()
    class Liar extends Uint8Array {
      override get byteLength() {
        return 1 << 30
      }
      override get length() {
        return 1 << 30
      }
    }
    await db.default.put(new Liar([1, 2]), new Liar([3]))
    expect(await listOf(db.default.entries())).toEqual([[Buffer.from([1, 2]), Buffer.from([3])]])
  })
})

describe('utf8', () => {
  it('gives the text back, in the order of its bytes', async () => {
    const db = await openFresh({ columnFamilies: { t: { key: 'utf8', value: 'utf8' } } })
    const t = db.columnFamily('t')
    for (const text of TEXTS) t.putSync(text, text)
    const expected = [...TEXTS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect([...t.entriesSync()]).toEqual(expected.map((text) => [text, text]))
    expect(await listOf(t.keys())).toEqual(expected)
    expect(await t.getMany(TEXTS)).toEqual(TEXTS)
    t.putSync('empty', '')
    expect(t.getSync('empty')).toBe('')
  })

  it('takes nothing but well-formed strings', async () => {
    const db = await openFresh({ columnFamilies: { t: { key: 'utf8', value: 'utf8' } } })
    const t = db.columnFamily('t')
    for (const lone of ['\ud800', 'a\udfff', '\udc00\ud800']) {
      await expectRejection(t.put(lone, 'x'), 'ERR_INVALID_ARG_VALUE', '"key"')
      await expectRejection(t.put('x', lone), 'ERR_INVALID_ARG_VALUE', '"value"')
      expectThrow(() => t.getSync(lone), 'ERR_INVALID_ARG_VALUE', '"key"')
      expectThrow(() => t.entriesSync({ gte: lone }), 'ERR_INVALID_ARG_VALUE', 'gte')
    }
    for (const wrong of [1, null, undefined, Buffer.from('a'), {}, Symbol('a')] as never[]) {
      await expectRejection(t.put(wrong, 'x'), 'ERR_INVALID_ARG_TYPE', '"key"')
      await expectRejection(t.put('x', wrong), 'ERR_INVALID_ARG_TYPE', '"value"')
    }
    expect(await t.count()).toBe(0)
  })

  it('reports bytes that are not UTF-8, and no real U+FFFD', async () => {
    const db = await openFresh({ columnFamilies: { t: { value: 'utf8' } } })
    const raw = db.columnFamily('t', {})
    const t = db.columnFamily('t')
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
      raw.putSync('bad', Buffer.from(bytes))
      expectThrow(() => t.getSync('bad'), 'ERR_CORRUPTION', '"t"')
      await expectRejection(t.get('bad'), 'ERR_CORRUPTION', db.path)
      await expectRejection(t.getMany(['bad']), 'ERR_CORRUPTION')
      expectThrow(() => [...t.valuesSync()], 'ERR_CORRUPTION')
      await expectRejection(listOf(t.values()), 'ERR_CORRUPTION')
      expect([...t.keysSync()].map(String)).toEqual(['bad'])
    }
    raw.putSync('bad', Buffer.from('\ufffd'))
    expect(t.getSync('bad')).toBe('\ufffd')
  })
})

describe('json', () => {
  const values = [null, true, 0, -1.5, 'ä', [], {}, [1, [2]], { a: { b: [null] } }, { ключ: '🦆' }]

  it('gives back what JSON can say', async () => {
    const db = await openFresh({ columnFamilies: { j: { key: 'json', value: 'json' } } })
    const j = db.columnFamily('j')
    for (const value of values) {
      await j.put(value, value)
      expect(await j.get(value)).toEqual(value)
      expect(j.getSync(value)).toEqual(value)
    }
    await j.put('date', new Date(0))
    expect(await j.get('date')).toBe('1970-01-01T00:00:00.000Z')
    await j.put('lone surrogate', '\ud800')
    expect(await j.get('lone surrogate')).toBe('\ud800')
  })

  it('refuses what it cannot, with the cause', async () => {
    const db = await openFresh({ columnFamilies: { j: { key: 'utf8', value: json<unknown>() } } })
    const j = db.columnFamily('j')
    for (const wrong of [undefined, () => 1, Symbol('a')]) {
      await expectRejection(j.put('a', wrong), 'ERR_INVALID_ARG_TYPE', '"value"')
    }
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    for (const wrong of [1n, circle, { toJSON: () => circle }]) {
      await expectRejection(j.put('a', wrong), 'ERR_INVALID_ARG_VALUE', '"value"')
    }
    const cause = new Error('mine')
    const thrower = {
      toJSON: () => {
        throw cause
      },
    }
    await expect(j.put('a', thrower)).rejects.toMatchObject({ cause })
    expect(await j.has('a')).toBe(false)
  })

  it('reports stored bytes that do not parse', async () => {
    const db = await openFresh({ columnFamilies: { j: { value: 'json' } } })
    db.columnFamily('j', {}).putSync('a', '{"secret')
    const error = await db
      .columnFamily('j')
      .get('a')
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RocksDBError)
    expect(error).toMatchObject({ code: 'ERR_CORRUPTION' })
    expect(String(error)).not.toContain('secret')
  })
})

describe('integers', () => {
  const edges32 = [0, 1, 127, 128, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
  const edges64 = [
    0n,
    1n,
    255n,
    256n,
    2n ** 31n,
    2n ** 32n,
    2n ** 53n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
  ]

  it('are kept whole and in numeric order', async () => {
    const db = await openFresh({
      columnFamilies: {
        a: { key: 'uint32', value: 'uint64' },
        b: { key: 'uint64', value: 'uint32' },
      },
    })
    const [a, b] = [db.columnFamily('a'), db.columnFamily('b')]
    for (const key of [...edges32].reverse()) await a.put(key, BigInt(key) * 4294967297n)
    for (const key of [...edges64].reverse()) b.putSync(key, Number(key & 0xffffffffn))
    expect([...a.entriesSync()]).toEqual(edges32.map((key) => [key, BigInt(key) * 4294967297n]))
    expect(await listOf(b.entries())).toEqual(
      edges64.map((key) => [key, Number(key & 0xffffffffn)]),
    )
    expect(db.columnFamily('a', {}).getSync(Buffer.from([0, 0, 1, 0]))?.length).toBe(8)
  })

  it('out of range or of another type are refused', async () => {
    const db = await openFresh({ columnFamilies: { a: { key: 'uint32' }, b: { key: 'uint64' } } })
    const [a, b] = [db.columnFamily('a'), db.columnFamily('b')]
    for (const wrong of [-1, 2 ** 32, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -1e300]) {
      await expectRejection(a.put(wrong, 'x'), 'ERR_OUT_OF_RANGE', '"key"')
      expectThrow(() => [...a.entriesSync({ gt: wrong })], 'ERR_OUT_OF_RANGE', 'gt')
    }
    for (const wrong of [-1n, 2n ** 64n, 2n ** 200n]) {
      await expectRejection(b.put(wrong, 'x'), 'ERR_OUT_OF_RANGE', '"key"')
    }
    for (const wrong of ['1', 1n, null, undefined, Buffer.alloc(4), {}] as never[]) {
      await expectRejection(a.get(wrong), 'ERR_INVALID_ARG_TYPE', '"key"')
    }
    for (const wrong of ['1', 1, null, undefined, Buffer.alloc(8)] as never[]) {
      await expectRejection(b.get(wrong), 'ERR_INVALID_ARG_TYPE', '"key"')
    }
    a.putSync(-0, 'zero')
    expect(String(a.getSync(0))).toBe('zero')
  })

  it('of the wrong width on disk are reported', async () => {
    const db = await openFresh({ columnFamilies: { a: { key: 'uint32', value: 'uint64' } } })
    db.columnFamily('a', {}).putSync(Buffer.from([0, 0, 0, 1]), 'short')
    expectThrow(() => db.columnFamily('a').getSync(1), 'ERR_CORRUPTION', '5 and not 8')
    db.columnFamily('a', {}).putSync('long key', Buffer.alloc(8))
    await expectRejection(listOf(db.columnFamily('a').keys({ gt: 1 })), 'ERR_CORRUPTION')
  })
})

describe('a codec of one’s own', () => {
  const reversed: Codec<string> = {
    encode: (text) => Buffer.from([...text].reverse().join('')),
    decode: (bytes) => [...bytes.toString()].reverse().join(''),
  }

  it('encodes and decodes, with its own this', async () => {
    class Prefixed implements Codec<string> {
      readonly #prefix = '>'
      encode(text: string) {
        return this.#prefix + text
      }
      decode(bytes: Buffer) {
        return bytes.toString().slice(this.#prefix.length)
      }
    }
    const db = await openFresh({ columnFamilies: { c: { key: reversed, value: new Prefixed() } } })
    const c = db.columnFamily('c')
    c.putSync('ab', 'one')
    await c.put('ca', 'two')
    expect([...c.entriesSync()]).toEqual([
      ['ca', 'two'],
      ['ab', 'one'],
    ])
    expect(await listOf(c.keys({ prefix: 'c' }))).toEqual([])
    expect(await c.getMany(['ab', 'ca'])).toEqual(['one', 'two'])
    expect([...db.columnFamily('c', {}).entriesSync()].map(String)).toEqual(['ac,>two', 'ba,>one'])
  })

  it('that throws, ends the call with its error, and nothing is written', async () => {
    const failure = new Error('no')
    const codec: Codec<unknown> = {
      encode: () => {
        throw failure
      },
      decode: () => {
        throw failure
      },
    }
    const db = await openFresh({ columnFamilies: { c: { value: codec } } })
    const c = db.columnFamily('c')
    await expect(c.put('a', 1)).rejects.toBe(failure)
    expect(() => c.putSync('a', 1)).toThrow(failure)
    db.columnFamily('c', {}).putSync('a', '1')
    const wrapped = expect.objectContaining({ code: 'ERR_CORRUPTION', cause: failure })
    await expect(c.get('a')).rejects.toEqual(wrapped)
    expect(() => c.getSync('a')).toThrow(wrapped)
    expect(() => [...c.entriesSync()]).toThrow(wrapped)
    await expect(listOf(c.entries())).rejects.toEqual(wrapped)
  })

  it.each([undefined, null, 5, {}, [1], Symbol('x')])(
    'that encodes to %p is refused',
    async (encoded) => {
      const codec = { encode: () => encoded, decode: () => 1 } as never
      const db = await openFresh({ columnFamilies: { c: { key: codec, value: codec } } })
      await expectRejection(
        db.columnFamily('c').put(1 as never, 1 as never),
        'ERR_INVALID_ARG_TYPE',
      )
    },
  )

  it('may use one buffer for everything it encodes', async () => {
    const shared = Buffer.alloc(8)
    const codec: Codec<bigint> = {
      encode: (value) => {
        shared.writeBigUInt64BE(value)
        return shared
      },
      decode: (bytes) => bytes.readBigUInt64BE(),
    }
    const db = await openFresh({ columnFamilies: { c: { key: codec, value: codec } } })
    const c = db.columnFamily('c')
    await Promise.all([1n, 2n, 3n].map((key) => c.put(key, key * 10n, { sync: true })))
    expect([...c.entriesSync()]).toEqual([
      [1n, 10n],
      [2n, 20n],
      [3n, 30n],
    ])
    expect(await c.getMany([3n, 1n])).toEqual([30n, 10n])
    expect([...c.keysSync({ gte: 1n, lt: 3n })]).toEqual([1n, 2n])
  })

  it('may keep the bytes that it decodes', async () => {
    const kept: Buffer[] = []
    const keep: Codec<Buffer> = {
      encode: (bytes) => bytes,
      decode: (bytes) => {
        kept.push(bytes)
        return bytes
      },
    }
    const db = await openFresh({ columnFamilies: { c: { key: 'uint32', value: keep } } })
    for (let i = 0; i < 3000; i++) db.columnFamily('c').putSync(i, Buffer.alloc(100, i))
    await db.flush()
    const c = (
      await reopen(db, { columnFamilies: { c: { key: 'uint32', value: keep } } })
    ).columnFamily('c')
    for (let i = 0; i < 3000; i++) c.getSync(i)
    for await (const _ of c.values()) c.getSync(1)
    await Promise.all(Array.from({ length: 3000 }, (_, i) => c.get(i)))
    const ones = kept.filter((bytes) => bytes.equals(Buffer.alloc(100, 1)))
    expect(kept.length).toBe(12_000)
    expect(kept.every((bytes) => bytes.every((byte) => byte === bytes[0]))).toBe(true)
    expect(ones.length).toBeGreaterThan(3000)
  })
})
