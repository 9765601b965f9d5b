/** What codecs refuse, alone and as parts, and stored bytes that are none of theirs. */
import {
  type ColumnFamily,
  descending,
  json,
  msgpack,
  type RocksDBError,
  schema,
  tuple,
} from 'rocksdb-live'
import * as z from 'zod'
import { openFresh, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'

useTempDirectory()

// biome-ignore lint/suspicious/noExplicitAny: keys and values of any codec
type AnyRows = ColumnFamily<any, any, any, any>

const ID = '6c84fb90-12c4-11e1-840d-7b25c5ee775a'
const TYPE = 'ERR_INVALID_ARG_TYPE'
const RANGE = 'ERR_OUT_OF_RANGE'
const VALUE = 'ERR_INVALID_ARG_VALUE'

const REFUSED: Record<string, [code: string, values: unknown[]][]> = {
  int32: [
    [RANGE, [-(2 ** 31) - 1, 2 ** 31, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]],
    [TYPE, ['1', 1n, null, undefined, {}, new Number(1)]],
  ],
  int64: [
    [RANGE, [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 200n]],
    [TYPE, ['1', 1, null, undefined]],
  ],
  float64: [[TYPE, ['1', 1n, null, undefined, {}]]],
  date: [
    [VALUE, [new Date(Number.NaN), new Date(8.64e15 + 1)]],
    [
      TYPE,
      [0, '1970', null, undefined, {}, Object.create(Date.prototype), new Proxy(new Date(), {})],
    ],
  ],
  boolean: [[TYPE, [0, 1, 'true', null, undefined, new Boolean(true)]]],
  uuid: [
    [
      VALUE,
      [
        '',
        ID.slice(1),
        `${ID}0`,
        `{${ID}}`,
        ID.replaceAll('-', ''),
        `${ID}\n`,
        ID.replace('6', 'g'),
      ],
    ],
    [VALUE, [ID.replace('6', '６'), ID.replace('-', '0')]],
    [TYPE, [1, null, undefined, Buffer.alloc(16)]],
  ],
}

it.each(Object.keys(REFUSED))('%s refuses what it is not', async (codec) => {
  const spec = { key: codec, value: codec } as { key: 'uuid'; value: 'uuid' }
  const db = await openFresh({ columnFamilies: { rows: spec } })
  const family = (codecs: object) => db.columnFamily('rows', codecs) as AnyRows
  const rows = family(spec)
  const values = family({ value: codec })
  const parts = family({ key: tuple('utf8', spec.key) })
  const nested = family({ key: tuple('utf8', descending(tuple(spec.key, 'utf8'))) })
  const all = REFUSED[codec]?.flatMap(([code, list]) => list.map((value) => [code, value] as const))
  for (const [code, value] of all ?? []) {
    await expectRejection(rows.get(value), code, '"key"')
    await expectRejection(rows.put(value, value), code, '"key"')
    await expectRejection(rows.getMany([value]), code, '"keys[]"')
    // undefined is no bound at all.
    if (value !== undefined) expectThrow(() => rows.keysSync({ gte: value }), code, '"options.gte"')
    await expectRejection(values.put('a', value), code, '"value"')
    await expectRejection(parts.get(['a', value]), code, '"key[1]"')
    expectThrow(() => parts.putSync(['a', value], 'x'), code, '"key[1]"')
    expectThrow(() => db.batch().delete(parts, ['a', value]), code, '"key[1]"')
    expectThrow(() => nested.putSync(['a', [value, 'b']], 'x'), code, '"key[1][0]"')
  }
  expect(await values.count()).toBe(0)
})

describe('float64', () => {
  it('has no NaN in keys, and one zero', async () => {
    const db = await openFresh({ columnFamilies: { rows: { key: 'float64', value: 'float64' } } })
    const rows = db.columnFamily('rows')
    await expectRejection(rows.put(Number.NaN, 1), VALUE, 'must not be NaN in a key')
    const parts = db.columnFamily('rows', { key: tuple('utf8', descending('float64')) })
    expectThrow(() => parts.getSync(['a', Number.NaN]), VALUE, '"key[1]"')
    rows.putSync(-0, 5)
    expect(rows.getSync(0)).toBe(5)
    expect([...rows.keysSync()]).toEqual([0])
  })

  it('keeps any number that is a value', async () => {
    const db = await openFresh({ columnFamilies: { rows: { key: 'uint32', value: 'float64' } } })
    const rows = db.columnFamily('rows')
    const values = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, -1e300, Number.MIN_VALUE, 1 / 3]
    for (const [at, value] of values.entries()) rows.putSync(at, value)
    expect([...rows.valuesSync()]).toEqual(values)
  })
})

it('dates come back as Dates of their own', async () => {
  const db = await openFresh({ columnFamilies: { rows: { key: 'date', value: 'date' } } })
  const rows = db.columnFamily('rows')
  class Later extends Date {
    override getTime() {
      return 5
    }
  }
  const dates = [new Date(-8.64e15), new Date(-1), new Date(0), new Later(7), new Date(8.64e15)]
  for (const date of [...dates].reverse()) await rows.put(date, date)
  const entries = await listOf(rows.entries())
  expect(entries.map(([key]) => key.getTime())).toEqual(dates.map(Number))
  expect(entries.map(([, value]) => Number(value))).toEqual(dates.map(Number))
})

it.each([
  ['int32', '00'],
  ['int64', '00'],
  ['float64', '00'],
  ['float64', 'fff8000000000000', 'key'],
  ['float64', '7fffffffffffffff', 'key'],
  ['date', '00'],
  ['date', 'ffffffffffffffff'],
  ['date', '0000000000000000'],
  ['date', '801eb208c2dc0001'],
  ['boolean', ''],
  ['boolean', '02'],
  ['boolean', '0000'],
  ['uuid', '00'],
  ['uuid', '0000000000000000000000000000000000'],
] as const)('bytes that are not %s are corrupt: %s', async (codec, hex, ...sides: string[]) => {
  const db = await openFresh({ columnFamilies: { rows: { key: codec, value: codec } } })
  const rows = db.columnFamily('rows') as AnyRows
  const bytes = Buffer.from(hex, 'hex')
  db.columnFamily('rows', {}).putSync(bytes, bytes)
  await expectRejection(listOf(rows.keys()), 'ERR_CORRUPTION', `not ${codec}`)
  expectThrow(() => [...rows.keysSync()], 'ERR_CORRUPTION', `not ${codec}`)
  if (sides.length > 0) return
  const values = db.columnFamily('rows', { value: codec }) as AnyRows
  await expectRejection(values.get(bytes), 'ERR_CORRUPTION', `not ${codec}`)
})

describe('tuple and descending', () => {
  const unordered: [string, () => unknown][] = [
    ['tuple of json', () => tuple('utf8', 'json' as 'utf8')],
    ['tuple of json()', () => tuple(json<string>() as never)],
    ['tuple of msgpack()', () => tuple('utf8', msgpack<string>())],
    ['tuple of a schema of json', () => tuple(schema(z.string(), 'json'))],
    ['tuple of nothing', () => tuple()],
    ['descending json', () => descending('json' as never)],
    ['descending msgpack()', () => descending(msgpack<string>())],
    ['tuple of an unknown name', () => tuple('utf16' as never)],
    ['descending of an unknown name', () => descending('utf16' as never)],
  ]
  it.each(unordered)('refuse when made: %s', (_, make) => {
    expectThrow(make, VALUE, 'must be')
  })

  it.each([[undefined], [null], [5], [{}], [{ encode: () => '' }]] as never[][])(
    'take codecs alone, not %p',
    (wrong) => {
      expectThrow(() => tuple('utf8', wrong as never), TYPE, 'parts[1]')
      expectThrow(() => descending(wrong as never), TYPE, 'codec')
    },
  )

  it('a value of another length or kind is refused', async () => {
    const key = tuple('utf8', 'uint64')
    const db = await openFresh({ columnFamilies: { rows: { key, value: key } } })
    const rows = db.columnFamily('rows') as AnyRows
    for (const wrong of ['a', 5, null, undefined, {}, { 0: 'a', 1: 1n, length: 2 }, new Set()]) {
      await expectRejection(
        rows.put(wrong, ['a', 1n]),
        TYPE,
        '"key" argument must be an Array of 2',
      )
      await expectRejection(rows.put(['a', 1n], wrong), TYPE, '"value" argument must be an Array')
    }
    for (const wrong of [[], ['a'], ['a', 1n, 1n]]) {
      await expectRejection(
        rows.put(wrong, ['a', 1n]),
        VALUE,
        `must have 2 parts and has ${wrong.length}`,
      )
    }
    await expectRejection(rows.put(new Array(2), ['a', 1n]), TYPE, '"key[0]"')
    const revoked = Proxy.revocable([], {})
    revoked.revoke()
    await expect(rows.put(revoked.proxy, ['a', 1n])).rejects.toThrow(TypeError)
    const growing = new Proxy(['a', 1n], { get: (list, name) => Reflect.get(list, name) })
    await rows.put(growing, ['a', 1n])
    expect(await rows.get(['a', 1n])).toEqual(['a', 1n])
  })

  it('parts are taken when the call is made, whatever codecs of values do', async () => {
    const list: unknown[] = ['a', Buffer.from('b')]
    const value = {
      encode(text: string) {
        list[0] = 'other'
        return text
      },
      decode: String,
    }
    const db = await openFresh({
      columnFamilies: { rows: { key: tuple('utf8', 'buffer'), value } },
    })
    const rows = db.columnFamily('rows') as AnyRows
    await rows.put(list, 'x')
    expect(await listOf(rows.keys())).toEqual([['a', Buffer.from('b')]])
  })

  it('detached bytes are no empty part', async () => {
    const db = await openFresh({ columnFamilies: { rows: { key: tuple('utf8', 'buffer') } } })
    const bytes = new Uint8Array(3)
    structuredClone(bytes, { transfer: [bytes.buffer] })
    const failed = db.columnFamily('rows').put(['a', bytes], 'x')
    await expectRejection(failed, TYPE, 'not detached')
  })

  it('codecs of one’s own are parts, also where they come back into the database', async () => {
    const own = {
      encode: (text: string) => text.toUpperCase(),
      decode(bytes: Buffer): string {
        const family = rows
        rows = undefined
        family?.getSync(['again', 'x', 1n])
        rows = family
        return bytes.toString()
      },
    }
    let rows: AnyRows | undefined
    const db = await openFresh({
      columnFamilies: {
        rows: { key: tuple(own, descending(own), 'uint64'), value: tuple(own, 'int32') },
      },
    })
    rows = db.columnFamily('rows') as AnyRows
    rows.putSync(['again', 'x', 1n], ['v', -1])
    rows.putSync(['\0b', '\x01', 2n], ['\0', 1])
    expect([...rows.entriesSync()]).toEqual([
      [
        ['\0B', '\x01', 2n],
        ['\0', 1],
      ],
      [
        ['AGAIN', 'X', 1n],
        ['V', -1],
      ],
    ])
    const failure = new Error('mine')
    const throwing = {
      ...own,
      decode: () => Promise.reject(failure),
      encode: () => {
        throw failure
      },
    }
    const other = db.columnFamily('rows', { key: tuple('utf8', throwing) }) as AnyRows
    expect(() => other.putSync(['a', 'b'], 'x')).toThrow(failure)
  })

  it('take no methods on another this', () => {
    const { encode, decode } = tuple('utf8')
    expectThrow(() => encode(['a']), 'ERR_INVALID_THIS')
    expectThrow(() => decode(Buffer.from('a\0')), 'ERR_INVALID_THIS')
    const codec = tuple('utf8')
    expect(codec.decode(Buffer.from(codec.encode(['a'])))).toEqual(['a'])
    expectThrow(() => codec.decode('a\0' as never), TYPE)
    const error = (() => {
      try {
        return codec.decode(Buffer.from('secret'))
      } catch (reason) {
        return reason as RocksDBError
      }
    })()
    expect(error).toMatchObject({ code: 'ERR_CORRUPTION' })
    expect(String(error)).not.toContain('secret')
  })
})
