/** Keys and values as text, and back. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { decode, jsonMember, show } from '../../lib/formats/decode'
import { type Format, FormatError, type Side } from '../../lib/formats/format'
import { FORMAT_NAMES, formatOf, textOf } from '../../lib/formats/names'
import { fitted, printable, widthOf } from '../../lib/formats/printable'
import { FORMATS_FILE, readFormats, rememberFormats } from '../../lib/formats/remembered'
import { openFresh, useTempDirectory } from '../support/database'

const dir = useTempDirectory()

const bytesOf = (format: Format, text: string) =>
  Buffer.from(format.codec.encode(format.parse(text)))

describe('the text of a value', () => {
  const CASES: [name: string, text: string, hex: string, json: unknown, shown?: string][] = [
    ['auto', 'ada', '616461', 'ada'],
    ['auto', 'Ä', 'c384', 'Ä'],
    ['utf8', 'a b', '612062', 'a b'],
    ['utf8', '', '', '', '""'],
    ['utf8', ' a', '2061', ' a', '" a"'],
    ['utf8', '"a"', '226122', '"a"', '"\\"a\\""'],
    ['utf8', '0x61', '30783631', '0x61', '"0x61"'],
    ['utf8', 'a\u001b[31m', '611b5b33316d', 'a\u001b[31m', 'a\\x1b[31m'],
    ['utf8', 'a\u202eb', '61e280ae62', 'a\u202eb', 'a\\u202eb'],
    ['utf8', 'a\nb', '610a62', 'a\nb', 'a\\nb'],
    ['hex', '0x00ff', '00ff', '00ff', '00ff'],
    ['json', '{"a":[1,null]}', '7b2261223a5b312c6e756c6c5d7d', { a: [1, null] }],
    ['uint32', '5', '00000005', 5],
    ['int32', '-1', '7fffffff', -1],
    ['uint64', '18446744073709551615', 'ffffffffffffffff', '18446744073709551615'],
    ['int64', '-5', '7ffffffffffffffb', '-5'],
    ['counter', '7', '8000000000000007', '7'],
    ['uint64le', '258', '0201000000000000', '258'],
    ['float64', '0.5', 'bfe0000000000000', 0.5],
    ['date', '2026-01-31T12:00:00.000Z', '8000019c13ec9e00', '2026-01-31T12:00:00.000Z'],
    ['boolean', 'true', '01', true],
    [
      'uuid',
      '6c84fb90-12c4-11e1-840d-7b25c5ee775a',
      '6c84fb9012c411e1840d7b25c5ee775a',
      '6c84fb90-12c4-11e1-840d-7b25c5ee775a',
    ],
    ['msgpack', '{"a":1}', 'de0001a16101', { a: 1 }],
    ['tuple:utf8,uint32', 'eu,5', '65750000000005', ['eu', 5]],
    ['tuple:utf8,uint64', '["a,b","5"]', '612c62000000000000000005', ['a,b', '5']],
    ['tuple(utf8,tuple(boolean,boolean))', '["a","true,false"]', '61000100', ['a', [true, false]]],
    ['desc:uint32', '5', 'fffffffa', 5],
    [
      'tuple:utf8,desc:date',
      'a,1970-01-01T00:00:00.000Z',
      '61007fffffffffffffff',
      ['a', '1970-01-01T00:00:00.000Z'],
    ],
  ]
  const sideOf = (name: string): Side => (/counter|json|msgpack/.test(name) ? 'value' : 'key')

  it.each(CASES)('%s: %j is %s', (name, text, hex, json, shown = text) => {
    const format = formatOf(name, sideOf(name))
    const bytes = bytesOf(format, text)
    expect(bytes.toString('hex')).toBe(hex)
    expect(show(format, bytes)).toEqual({ text: shown, problem: undefined })
    expect(jsonMember('key', format, bytes)).toEqual({ key: json })
    const again = format.text(format.codec.decode(bytes))
    expect(bytesOf(format, again)).toEqual(bytes)
  })

  it('covers every format', () => {
    const covered = new Set(CASES.map(([name]) => name))
    expect(FORMAT_NAMES.filter((name) => !covered.has(name))).toEqual(['ordered'])
    const ordered = formatOf('ordered', 'key')
    for (const text of ['eu', '5', '["eu",5]', 'null']) {
      const bytes = bytesOf(ordered, text)
      expect(ordered.text(ordered.codec.decode(bytes))).toBe(text)
    }
  })

  it.each([
    ['auto', '\u0000'],
    ['auto', '\u0000\u0000\u0005'],
    ['utf8', undefined],
  ])('%s shows bytes that are no text in hexadecimal', (name, text) => {
    const bytes = text === undefined ? Buffer.from('ff00', 'hex') : Buffer.from(text)
    const { text: shown, problem } = show(formatOf(name, 'key'), bytes)
    expect(shown).toBe(`0x${bytes.toString('hex')}`)
    expect(problem === undefined).toBe(name === 'auto')
    expect(jsonMember('value', formatOf(name, 'key'), bytes)).toEqual({
      valueHex: bytes.toString('hex'),
    })
  })

  it('of any bytes in any format never throws, and never reaches the terminal raw', () => {
    const names = [
      ...FORMAT_NAMES.filter((name) => name !== 'counter'),
      'tuple:utf8,uint64',
      'desc:utf8',
    ]
    const formats = names.map((name) => formatOf(name, /json|msgpack/.test(name) ? 'value' : 'key'))
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom(...formats),
        (bytes, format) => {
          const { text } = show(format, Buffer.from(bytes))
          expect(printable(text)).toBe(text)
          JSON.stringify(jsonMember('key', format, Buffer.from(bytes)))
        },
      ),
    )
  })

  it('of any text comes back', () => {
    const utf8 = formatOf('tuple:utf8,utf8', 'key')
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const bytes = Buffer.from(utf8.codec.encode([a, b]))
        expect(utf8.parse(utf8.text(utf8.codec.decode(bytes)))).toEqual([a, b])
      }),
    )
  })
})

describe('a text that is none', () => {
  it.each<[string, string, string]>([
    ['uint32', '-1', 'from 0 to 4294967295'],
    ['uint32', '1.5', 'a whole number'],
    ['uint64', '18446744073709551616', 'from 0 to 18446744073709551615'],
    ['int64', '', 'a whole number'],
    ['hex', 'abc', 'two digits a byte'],
    ['hex', 'zz', 'two digits a byte'],
    ['float64', '', 'a number'],
    ['date', 'yesterday', '2026-01-31'],
    ['boolean', 'yes', 'true or false'],
    ['uuid', 'x', 'a UUID'],
    ['json', '{', 'not JSON'],
    ['tuple:utf8,uint32', 'eu', 'has 1 of the 2 parts'],
    ['tuple:utf8,uint32', 'eu,5,6', 'has 3 of the 2 parts'],
    ['tuple:utf8,uint32', 'eu,x', 'a whole number'],
    ['tuple:utf8,uint64', '["eu",12345678901234567890]', 'as text'],
  ])('in %s: %j: %s', (name, text, said) => {
    const format = formatOf(name, 'value')
    expect(() => format.parse(text)).toThrow(FormatError)
    expect(() => format.parse(text)).toThrow(said)
  })

  it.each<[string, Side, string]>([
    ['utf', 'key', 'did you mean utf8?'],
    ['', 'key', 'there is no format ""'],
    ['constructor', 'key', 'there is no format'],
    ['tuple', 'key', 'wants tuple:'],
    ['tuple:', 'key', 'there is no format ""'],
    ['tuple:utf8,', 'key', 'there is no format ""'],
    ['tuple(utf8', 'key', 'wants a )'],
    ['utf8,uint64', 'key', 'ends at ",uint64"'],
    ['desc:json', 'key', 'in the order of its values'],
    ['counter', 'key', 'codec of keys'],
    ['tuple:counter', 'value', 'codec of keys'],
  ])('nor is the format %j of a %s', (name, side, said) => {
    expect(() => formatOf(name, side)).toThrow(FormatError)
    expect(() => formatOf(name, side)).toThrow(said)
  })
})

describe('the first parts of a tuple', () => {
  it('are bounds of ranges, and what is read comes as bytes', async () => {
    const format = formatOf('tuple:utf8,uint32', 'key')
    const db = await openFresh()
    const family = db.columnFamily('default', { key: format.raw, value: 'utf8' })
    for (const [region, n] of [
      ['eu', 1],
      ['eu', 2],
      ['us', 1],
    ] as const) {
      await family.put([region, n], `${region}${n}`)
    }
    await db.default.put('not a tuple', 'x')
    const keys: string[] = []
    for await (const key of family.keys({ prefix: format.parseBound('eu') })) {
      keys.push(show(format, key).text)
    }
    expect(keys).toEqual(['eu,1', 'eu,2'])
    expect(await family.count({ lte: format.parseBound('eu') })).toBe(2)
    expect(await family.count({ gte: format.parseBound('') })).toBe(4)
    const last = await family.first({ gt: format.parseBound('eu') })
    expect(decode(format, last?.[0] as Buffer).problem).toContain('a part of a tuple')
  })
})

describe('what a terminal is given', () => {
  it.each([
    ['ab', 2],
    ['日本', 4],
    ['e\u0301', 1],
    ['😀', 2],
  ])('%s takes %d columns', (text, columns) => expect(widthOf(text)).toBe(columns))

  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
  ])('%s in %d columns is %s', (text, columns, cut) => expect(fitted(text, columns)).toBe(cut))

  it('is what it was where it is text', () => {
    expect(printable('Käse 😀 \\x1b')).toBe('Käse 😀 \\x1b')
    expect(textOf(Buffer.from('a\tb\n'))).toBe('a\tb\n')
    expect(textOf(Buffer.from('\u001b'))).toBeUndefined()
  })
})

describe('formats that are remembered', () => {
  it('are kept by family, and go with the database', async () => {
    const { Database } = await import('rocksdb-live')
    const db = await openFresh()
    expect(readFormats(db.path)).toEqual(new Map())
    rememberFormats(db.path, 'users', { key: 'utf8' })
    rememberFormats(db.path, 'users', { value: 'json' })
    rememberFormats(db.path, '__proto__', { value: 'hex' })
    expect(readFormats(db.path)).toEqual(
      new Map([
        ['users', { key: 'utf8', value: 'json' }],
        ['__proto__', { value: 'hex' }],
      ]),
    )
    expect(JSON.parse(readFileSync(`${db.path}/${FORMATS_FILE}`, 'utf8'))).toMatchObject({
      version: 1,
    })
    await db.close()
    const warned: unknown[] = []
    const listen = (warning: Error) => warned.push(warning)
    process.on('warning', listen)
    await (await Database.open(db.path)).close()
    await new Promise(setImmediate)
    process.off('warning', listen)
    expect(warned).toEqual([])
    await Database.destroy(db.path)
    expect(readFormats(db.path)).toEqual(new Map())
  })

  it.each([
    ['{', 'is damaged'],
    ['5', 'is damaged'],
    ['{"version":2,"columnFamilies":{}}', 'of version 2'],
  ])('refuse a file that has %s', (text, said) => {
    mkdirSync(dir('db'))
    writeFileSync(dir('db', FORMATS_FILE), text)
    expect(() => readFormats(dir('db'))).toThrow(FormatError)
    expect(() => readFormats(dir('db'))).toThrow(said)
  })
})
