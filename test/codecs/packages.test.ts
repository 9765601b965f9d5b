/** The codecs of other packages: `msgpack` and `ordered`. PACKAGES_SEED repeats a run. */
import fc from 'fast-check'
import {
  type Codec,
  type ColumnFamily,
  Database,
  descending,
  msgpack,
  ordered,
  tuple,
} from 'rocksdb-live'
import { seedOf } from '../support/codecs'
import { openFresh, track, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'

useTempDirectory()

const seed = seedOf('PACKAGES_SEED')
// biome-ignore lint/suspicious/noExplicitAny: keys and values of any codec
type AnyRows = ColumnFamily<any, any, any, any>

describe.each([
  ['msgpack', 'msgpackr'],
  ['ordered', 'ordered-binary'],
] as const)('%s without its package', (name, library) => {
  const codecOf = () => require('rocksdb-live')[name]()

  afterEach(() => jest.dontMock(library))

  it('says what to install when it is made, and the rest works', () => {
    jest.isolateModules(() => {
      const cause = Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })
      jest.doMock(library, () => {
        throw cause
      })
      let error: unknown
      try {
        codecOf()
      } catch (thrown) {
        error = thrown
      }
      const message = `${name}() needs the package ${library}: npm install ${library}`
      expect(error).toMatchObject({
        name: 'RocksDBError',
        code: 'ERR_NOT_SUPPORTED',
        message,
        cause,
      })
    })
  })

  it('passes on other failures of loading', () => {
    jest.isolateModules(() => {
      jest.doMock(library, () => {
        throw new SyntaxError('broken')
      })
      expect(codecOf).toThrow(new SyntaxError('broken'))
    })
  })
})

describe('msgpack', () => {
  const open = async () => {
    const spec = { key: msgpack(), value: msgpack() }
    const db = await openFresh({ columnFamilies: { rows: spec } })
    return { db, rows: db.columnFamily('rows') as AnyRows }
  }
  const values = fc.oneof(
    fc
      .anything({ withBigInt: false, withDate: false, withNullPrototype: false, maxDepth: 3 })
      .filter(isPlain),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  )

  it('gives back what it took', async () => {
    const { rows } = await open()
    const check = (value: unknown) => {
      rows.putSync('key', { value })
      expect(rows.getSync('key')).toEqual({ value })
    }
    fc.assert(fc.property(values, check), { seed, numRuns: 1000 })
    rows.putSync('bytes', new Uint8Array([1, 2]))
    expect(rows.getSync('bytes')).toEqual(Buffer.from([1, 2]))
    rows.putSync('map', { map: new Map([['a', 1]]), set: new Set([1]) })
    expect(rows.getSync('map')).toEqual({ map: { a: 1 }, set: [1] })
    await rows.put(null, null)
    expect(await rows.get(null)).toBe(null)
  })

  it('refuses what MessagePack has not', async () => {
    const { rows } = await open()
    for (const wrong of [undefined, () => 1, Symbol('a')]) {
      await expectRejection(rows.put('a', wrong), 'ERR_INVALID_ARG_TYPE', '"value"')
    }
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    for (const wrong of [2n ** 64n, circle, { deep: [Symbol('a')] }]) {
      await expectRejection(rows.put('a', wrong), 'ERR_INVALID_ARG_VALUE', '"value"')
      await expect(rows.put('a', wrong)).rejects.toHaveProperty('cause')
    }
    expect(await rows.count()).toBe(0)
  })

  it('may be come back into by what it writes', async () => {
    const { rows } = await open()
    const value = {
      before: 'text',
      get nested() {
        rows.putSync('inner', { text: 'x'.repeat(9000) })
        return rows.getSync('inner').text.length
      },
      after: [1, 2, 3],
    }
    rows.putSync('outer', value)
    expect(rows.getSync('outer')).toEqual({ before: 'text', nested: 9000, after: [1, 2, 3] })
  })

  it('hostile bytes are corrupt, and nothing worse', async () => {
    const { db, rows } = await open()
    const raw = db.columnFamily('rows', {})
    const key = Buffer.from([1])
    const check = (bytes: Uint8Array) => {
      raw.putSync(key, bytes)
      try {
        rows.getSync(1)
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_CORRUPTION' })
      }
      raw.putSync(key, Buffer.from([5]))
      expect(rows.getSync(1)).toBe(5)
    }
    const marks = fc.constantFrom(
      0x80,
      0xc1,
      0xc7,
      0xc8,
      0xc9,
      0xd4,
      0xd5,
      0xd6,
      0xd8,
      0xdc,
      0xdd,
      0xde,
      0xdf,
      0x72,
      0x70,
      0x65,
      0x73,
      0x78,
      0x74,
      0xff,
    )
    const hostile = fc.array(fc.oneof(marks, fc.nat(255)), { maxLength: 40 })
    fc.assert(
      fc.property(
        hostile.map((list) => Uint8Array.from(list)),
        check,
      ),
      { seed, numRuns: 5000 },
    )
    check(Buffer.alloc(200_000, 0x91))
    check(Buffer.from('ddffffffff', 'hex'))
    check(Buffer.from('dfffffffff', 'hex'))
    check(Buffer.alloc(0))
    raw.putSync(
      key,
      Buffer.concat([Buffer.from([0xa6]), Buffer.from('secret'), Buffer.from('secret')]),
    )
    const error = await rows.get(1).catch((reason: unknown) => reason)
    expect(`${error}${(error as Error).cause}`).not.toContain('secret')
  })

  it('values that are kept do not change', async () => {
    const { rows } = await open()
    const kept: Buffer[] = []
    for (let i = 0; i < 2000; i++) {
      rows.putSync(i, Buffer.alloc(50, i))
      kept.push(rows.getSync(i))
    }
    expect(kept.every((bytes, at) => bytes.equals(Buffer.alloc(50, at)))).toBe(true)
  })
})

/** Whether MessagePack has it: no undefined, no lone surrogates, no -0, no name that it changes. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return value === Buffer.from(value).toString()
  if (typeof value === 'number') return !Object.is(value, -0)
  if (typeof value !== 'object' || value === null) return value !== undefined
  if (Array.isArray(value))
    return Object.keys(value).length === value.length && value.every(isPlain)
  return Object.entries(value).every(
    ([name, each]) => name !== '__proto__' && isPlain(name) && isPlain(each),
  )
}

describe('ordered', () => {
  type Primitive = null | boolean | number | bigint | string
  const numbers = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer({ min: -9, max: 9 }),
    fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
    fc.constantFrom(2n ** 53n + 1n, 2 ** 53, 2n ** 64n, -(2n ** 53n) - 1n),
  )
  const letters = fc.constantFrom('\0', '\x01', '\x04', '\x05', '\x1b', '\x1c', 'a', 'ä', '🦆')
  const text = fc.array(letters, { maxLength: 6 }).map((list) => list.join(''))
  const primitives: fc.Arbitrary<Primitive> = fc.oneof(
    fc.constantFrom(null, false, true),
    numbers,
    text,
    fc
      .string({ unit: 'grapheme', maxLength: 90 })
      .filter((each) => [...each].every((letter) => letter > '\x04')),
  )
  const keys = fc.oneof(primitives, fc.array(primitives, { minLength: 2, maxLength: 4 }))

  const rank = (value: Primitive) =>
    value === null ? 0 : typeof value === 'boolean' ? 1 : typeof value === 'string' ? 3 : 2
  function comparePrimitives(a: Primitive, b: Primitive): number {
    if (rank(a) !== rank(b)) return rank(a) - rank(b)
    if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string))
    return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
  }
  function compare(a: unknown, b: unknown): number {
    const [left, right] = [[a].flat(), [b].flat()] as [Primitive[], Primitive[]]
    for (let i = 0; i < Math.min(left.length, right.length); i++) {
      const order = comparePrimitives(left[i] as Primitive, right[i] as Primitive)
      if (order !== 0) return order
    }
    return left.length - right.length
  }
  const normalPart = (value: unknown) =>
    typeof value === 'bigint' && BigInt(Number(value)) === value
      ? Number(value)
      : Object.is(value, -0)
        ? 0
        : value
  const normal = (value: unknown) =>
    Array.isArray(value) ? value.map(normalPart) : normalPart(value)

  const open = async () => {
    const db = track(await Database.open(Database.memory(`ordered ${Math.random()}`)))
    return { db, rows: db.columnFamily('default', { key: ordered(), value: 'uint32' }) as AnyRows }
  }

  it('is in order, and comes back', async () => {
    const { db, rows } = await open()
    const check = (list: unknown[]) => {
      const taken = list.filter((key) => accepts(rows, key))
      const sorted = [...taken].sort(compare)
      const unique = sorted.filter((key, at) => at === 0 || compare(sorted[at - 1], key) !== 0)
      expect([...rows.keysSync()]).toEqual(unique.map(normal))
      for (const key of taken) expect(rows.hasSync(key)).toBe(true)
      db.default.deleteRangeSync('', Buffer.alloc(300, 0xff))
    }
    fc.assert(fc.property(fc.array(keys, { maxLength: 8 }), check), { seed, numRuns: 1000 })
  })

  function accepts(rows: AnyRows, key: unknown): boolean {
    try {
      rows.putSync(key, 1)
      return true
    } catch (error) {
      // Only text of 64 characters and more is not escaped by the package.
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
      expect(
        [key]
          .flat()
          .some(
            (part) => (typeof part === 'string' && part.length >= 64) || typeof part === 'bigint',
          ),
      ).toBe(true)
      return false
    }
  }

  it('ranges begin with arrays of one', async () => {
    const { rows } = await open()
    for (const key of ['eu', ['eu', 1], ['eu', 2], ['us', 1], 5, [5, 'a']]) rows.putSync(key, 1)
    expect(await listOf(rows.keys({ gte: ['eu'], lt: ['us'] }))).toEqual([
      'eu',
      ['eu', 1],
      ['eu', 2],
    ])
    expect(await listOf(rows.keys({ gt: ['eu', 1] }))).toEqual([
      ['eu', 2],
      ['us', 1],
    ])
    expect(await rows.count({ gte: [] })).toBe(6)
    expectThrow(() => rows.keysSync({ prefix: ['eu'] }), 'ERR_INVALID_ARG_VALUE', 'prefix')
  })

  it('refuses what would come back as something else', async () => {
    const { rows } = await open()
    const types = [undefined, Symbol('a'), () => 1, {}, Buffer.from('a'), new Date(), new Map()]
    for (const wrong of types) {
      await expectRejection(rows.put(wrong, 1), 'ERR_INVALID_ARG_TYPE', '"key"')
      await expectRejection(rows.put(['a', wrong], 1), 'ERR_INVALID_ARG_TYPE', '"key[1]"')
    }
    const values = [Number.NaN, '\ud800', [], ['a'], `${'x'.repeat(80)}\0`, 2n ** 1100n]
    for (const wrong of values)
      await expectRejection(rows.put(wrong, 1), 'ERR_INVALID_ARG_VALUE', '"key')
    await expectRejection(rows.put([1, ['a', 'b']], 1), 'ERR_INVALID_ARG_TYPE', '"key[1]"')
    await expectRejection(rows.put(['a', Number.NaN], 1), 'ERR_INVALID_ARG_VALUE', '"key[1]"')
    expect(await rows.count()).toBe(0)
  })

  it('takes long text', async () => {
    const { rows } = await open()
    const long = ['ä'.repeat(100_000), 'x'.repeat(1_000_000), ['é'.repeat(5000), 5]]
    for (const key of long) {
      rows.putSync(key, 1)
      expect(rows.hasSync(key)).toBe(true)
    }
    expect([...rows.keysSync()]).toEqual([...long].sort(compare))
  })

  it('is a part of tuples, and descending', () => {
    const codec = tuple(ordered(), descending(ordered())) as Codec<unknown>
    const list = fc.array(fc.tuple(keys, keys), { maxLength: 5 })
    const check = (values: unknown[]) => {
      for (const value of values) {
        let bytes: Uint8Array
        try {
          bytes = Buffer.from(codec.encode(value))
        } catch {
          continue
        }
        expect(codec.decode(bytes as Buffer)).toEqual((value as unknown[]).map(normal))
      }
    }
    fc.assert(fc.property(list, check), { seed, numRuns: 500 })
  })

  it('hostile bytes are corrupt, and nothing worse', () => {
    const codec = ordered() as Codec<unknown>
    const bytes = fc.oneof(
      fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 23, 24, 27, 0x61, 0x80, 0xf0, 0xff),
      fc.nat(255),
    )
    const check = (list: number[]) => {
      try {
        codec.decode(Buffer.from(list))
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_CORRUPTION' })
      }
      const after = codec.encode(['🦆', 5])
      expect(codec.decode(after as Buffer)).toEqual(['🦆', 5])
    }
    fc.assert(fc.property(fc.array(bytes, { maxLength: 40 }), check), { seed, numRuns: 10_000 })
    check(Array.from({ length: 100_000 }, (_, at) => (at < 9 ? 20 : 255)))
  })
})
