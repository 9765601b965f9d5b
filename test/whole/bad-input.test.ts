/** Wrong keys, values, numbers and objects: each is an error that says what is wrong. */
import { ColumnFamily, Cursor, Database, Snapshot, Transaction } from 'rocksdb-live'
import { openFresh, useTempDirectory } from '../support/database'
import { coded, expectRejection, expectThrow, listOf } from '../support/expectations'
import {
  ALL,
  ASYNC_READS,
  ASYNC_SCANS,
  ASYNC_WRITES,
  failureOf,
  methodKeysOf,
  SYNC_READS,
  SYNC_SCANS,
  SYNC_WRITES,
  WITH_OPTIONS,
} from '../support/methods'

const dir = useTempDirectory()

const MERGEABLE = { rocksdb: { columnFamily: { merge_operator: 'stringappend' } } } as const

/** A buffer whose memory was transferred. */
function detached(): Uint8Array {
  const bytes = new Uint8Array([1, 2, 3])
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

type Resizable = ArrayBuffer & { resize(length: number): void }
const ResizableBuffer = ArrayBuffer as unknown as new (n: number, o: object) => Resizable

/** A view beyond the end of memory that was shrunk. */
function outOfBounds(): Uint8Array {
  const memory = new ResizableBuffer(16, { maxByteLength: 16 })
  const bytes = new Uint8Array(memory, 8, 8)
  memory.resize(4)
  return bytes
}

describe('keys and values', () => {
  const WRONG: [string, () => unknown, string][] = [
    ['undefined', () => undefined, 'ERR_INVALID_ARG_TYPE'],
    ['null', () => null, 'ERR_INVALID_ARG_TYPE'],
    ['a number', () => 5, 'ERR_INVALID_ARG_TYPE'],
    ['an object', () => ({}), 'ERR_INVALID_ARG_TYPE'],
    ['an array', () => [1], 'ERR_INVALID_ARG_TYPE'],
    ['a String', () => new String('a'), 'ERR_INVALID_ARG_TYPE'],
    ['a symbol', () => Symbol('a'), 'ERR_INVALID_ARG_TYPE'],
    ['a function', () => () => 'a', 'ERR_INVALID_ARG_TYPE'],
    ['an ArrayBuffer', () => new ArrayBuffer(3), 'ERR_INVALID_ARG_TYPE'],
    ['a Uint16Array', () => new Uint16Array(3), 'ERR_INVALID_ARG_TYPE'],
    ['a DataView', () => new DataView(new ArrayBuffer(3)), 'ERR_INVALID_ARG_TYPE'],
    ['a Proxy of a Buffer', () => new Proxy(Buffer.from('a'), {}), 'ERR_INVALID_ARG_TYPE'],
    ['a false Uint8Array', () => Object.create(Uint8Array.prototype), 'ERR_INVALID_ARG_TYPE'],
    ['a detached buffer', detached, 'ERR_INVALID_ARG_TYPE'],
    ['a buffer out of bounds', outOfBounds, 'ERR_INVALID_ARG_TYPE'],
    ['a lone surrogate', () => 'a\ud800', 'ERR_INVALID_ARG_VALUE'],
  ]
  const KEYS: typeof WRONG = [
    ...WRONG,
    ['8 MiB and a byte', () => Buffer.alloc(8 * 2 ** 20 + 1), 'ERR_OUT_OF_RANGE'],
    ['8 MiB and a byte of text', () => 'é'.repeat(4 * 2 ** 20 + 1), 'ERR_OUT_OF_RANGE'],
    ['20 MiB', () => 'x'.repeat(20 * 2 ** 20), 'ERR_OUT_OF_RANGE'],
  ]

  it.each(KEYS)('as a key, %s is refused by everything', async (_, make, code) => {
    const db = await openFresh({ columnFamilies: { f: MERGEABLE } })
    const f = db.columnFamily('f')
    const key = make() as never
    const target = Buffer.alloc(8)
    for (const promise of [
      f.get(key),
      f.getMany([key]),
      f.getMany(['a', key, 'b']),
      f.getInto(key, target),
      f.has(key),
      f.put(key, 'v'),
      f.delete(key),
      f.merge(key, 'v'),
      f.deleteRange(key, 'z'),
      f.deleteRange('a', key),
    ]) {
      await expect(promise).rejects.toEqual(coded(code))
    }
    using cursor = f.cursor()
    for (const call of [
      () => f.getSync(key),
      () => f.getManySync(['a', key]),
      () => f.getIntoSync(key, target),
      () => f.hasSync(key),
      () => f.putSync(key, 'v'),
      () => f.deleteSync(key),
      () => f.mergeSync(key, 'v'),
      () => f.deleteRangeSync(key, 'z'),
      () => db.batch().put(f, key, 'v'),
      () => db.batch().delete(f, key),
      () => cursor.seek(key),
    ]) {
      expectThrow(call, code)
    }
    expect(await f.count()).toBe(0)
  })

  it.each(WRONG)('as a value, %s is refused', async (_, make, code) => {
    const db = await openFresh({ columnFamilies: { f: MERGEABLE } })
    const f = db.columnFamily('f')
    const value = make() as never
    await expectRejection(f.put('k', value), code, '"value"')
    await expectRejection(f.merge('k', value), code, '"operand"')
    expectThrow(() => f.putSync('k', value), code, '"value"')
    expectThrow(() => f.mergeSync('k', value), code, '"operand"')
    expectThrow(() => db.batch().put(f, 'k', value), code, '"value"')
    expectThrow(() => db.batch().merge(f, 'k', value), code, '"operand"')
    await expectRejection(db.write([{ type: 'put', key: 'k', value }]), code, '"value"')
    expect(await f.count()).toBe(0)
  })

  it.each(WRONG)('as a bound, %s is refused', async (name, make, code) => {
    const db = await openFresh()
    if (name === 'undefined') return // not a bound
    for (const bound of ['gt', 'gte', 'lt', 'lte', 'prefix']) {
      const range = { [bound]: make() } as never
      expectThrow(() => db.default.entriesSync(range), code, bound)
      expectThrow(() => db.default.cursor(range), code, bound)
      await expectRejection(db.default.count(range), code, bound)
      await expectRejection(db.default.clear(range), code, bound)
      await expectRejection(db.compactRange(db.default, range), code, bound)
      expectThrow(() => db.approximateSize(db.default, range), code, bound)
    }
  })

  it('as the target of getInto, only bytes are taken', async () => {
    const { default: f } = await openFresh()
    f.putSync('k', 'v')
    for (const wrong of [
      undefined,
      null,
      'text',
      [1],
      new ArrayBuffer(8),
      new Uint16Array(8),
      detached(),
      outOfBounds(),
    ]) {
      await expectRejection(f.getInto('k', wrong as never), 'ERR_INVALID_ARG_TYPE', '"target"')
      expectThrow(() => f.getIntoSync('k', wrong as never), 'ERR_INVALID_ARG_TYPE', '"target"')
    }
    expectThrow(() => f.getIntoSync('k', new Uint8Array(0)), 'ERR_OUT_OF_RANGE')
  })

  it('of getMany come in an array', async () => {
    const { default: f } = await openFresh()
    const wrongs = [
      undefined,
      null,
      'key',
      5,
      new Set(['key']),
      { 0: 'key', length: 1 },
      Buffer.from('key'),
    ]
    for (const wrong of wrongs as never[]) {
      await expectRejection(f.getMany(wrong), 'ERR_INVALID_ARG_TYPE', '"keys"')
      expectThrow(() => f.getManySync(wrong), 'ERR_INVALID_ARG_TYPE', '"keys"')
    }
    expectThrow(() => f.getManySync(new Array(5)), 'ERR_INVALID_ARG_TYPE')
  })

  it('never stand in a message', async () => {
    const { default: f } = await openFresh()
    const secret = 'secret'
    for (const call of [
      () => f.put(`${secret}\ud800`, 'v'),
      () => f.put('k', { secret } as never),
      () => f.put(Buffer.alloc(9e6, secret), 'v'),
      () => f.deleteRange(`${secret}2`, `${secret}1`),
      () => f.count({ gt: [secret] as never }),
    ]) {
      const error = (await failureOf(call)) as Error
      expect(error).toBeInstanceOf(Error)
      expect(error.message).not.toContain(secret)
    }
  })
})

describe('numbers', () => {
  const FIELDS: [string, (typeof WITH_OPTIONS)[keyof typeof WITH_OPTIONS], number][] = [
    ['limit', SYNC_SCANS['entriesSync'] as never, Number.MAX_SAFE_INTEGER],
    ['limit', ASYNC_READS['count'] as never, Number.MAX_SAFE_INTEGER],
    ['limit', WITH_OPTIONS['clear range'], Number.MAX_SAFE_INTEGER],
    ['readaheadBytes', ASYNC_SCANS['entries'] as never, 2 ** 31 - 1],
    ['deadlineMs', ASYNC_READS['get'] as never, 2 ** 31 - 1],
    ['deadlineMs', ASYNC_SCANS['entries'] as never, 2 ** 31 - 1],
    ['batchBytes', WITH_OPTIONS['writable'], 2 ** 30],
  ]
  it.each(FIELDS)('%s takes whole ones in its range alone (%#)', async (name, call, max) => {
    const db = await openFresh()
    const wrong = [
      -1,
      -0.5,
      0.5,
      1.5,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      max + 1,
      2 ** 53,
      1e300,
    ]
    if (name !== 'limit') wrong.push(Number.POSITIVE_INFINITY)
    for (const value of wrong) {
      const error = await failureOf(() => call(db, db.default, { [name]: value } as never))
      expect([value, error]).toEqual([value, coded('ERR_OUT_OF_RANGE', `options.${name}`.slice(8))])
      expect(error).toBeInstanceOf(RangeError)
    }
    for (const value of ['5', 5n, true, null, {}, [5], new Date(5), Symbol('5')]) {
      const error = await failureOf(() => call(db, db.default, { [name]: value } as never))
      expect(error).toEqual(coded('ERR_INVALID_ARG_TYPE', name))
    }
    expect(await failureOf(() => call(db, db.default, { [name]: max } as never))).toBeUndefined()
  })
})

describe('options', () => {
  it.each(Object.entries(WITH_OPTIONS))('of %s are an object of known names', async (_, call) => {
    const db = await openFresh(MERGEABLE)
    const run = (options: unknown) => failureOf(() => call(db, db.default, options as never))
    for (const wrong of [null, 5, 'sync', true, [], () => 1, Symbol('a'), 5n]) {
      expect(await run(wrong)).toEqual(coded('ERR_INVALID_ARG_TYPE'))
    }
    expect(await run({ noSuchOption: 1 })).toEqual(coded('ERR_INVALID_ARG_VALUE', 'noSuchOption'))
    expect(await run({ ['__proto__']: 1, ...JSON.parse('{"__proto__": 1}') })).toEqual(
      coded('ERR_INVALID_ARG_VALUE', '__proto__'),
    )
    expect(await run(undefined)).toBeUndefined()
  })

  it.each(Object.entries({ ...SYNC_WRITES, ...ASYNC_WRITES }))(
    'of %s are booleans',
    async (_, call) => {
      const db = await openFresh(MERGEABLE)
      for (const name of ['sync', 'disableWAL', 'lowPri', 'noSlowdown']) {
        for (const wrong of [null, 1, 0, 'true', {}]) {
          const error = await failureOf(() => call(db, db.default, { [name]: wrong } as never))
          expect(error).toEqual(coded('ERR_INVALID_ARG_TYPE', name))
        }
      }
    },
  )

  it.each(Object.entries({ ...SYNC_READS, ...ASYNC_READS, ...SYNC_SCANS, ...ASYNC_SCANS }))(
    'of %s are of their types',
    async (name, call) => {
      const db = await openFresh()
      const wrong: [string, unknown][] = [
        ['fillCache', 1],
        ['verifyChecksums', 'yes'],
        ['snapshot', {}],
        ['snapshot', null],
        ['snapshot', 1],
      ]
      if (name in ASYNC_READS || name in ASYNC_SCANS) {
        wrong.push(
          ['signal', {}],
          ['signal', 'abort'],
          ['signal', { aborted: false }],
          ['signal', null],
        )
        wrong.push(['signal', { aborted: false, addEventListener() {} }])
      }
      for (const [option, value] of wrong) {
        const error = await failureOf(() => call(db, db.default, { [option]: value } as never))
        expect([option, error]).toEqual([option, coded('ERR_INVALID_ARG_TYPE', option)])
      }
    },
  )

  it('of open are checked before anything is made', async () => {
    const wrong: [object, string, string][] = [
      [{ mode: 'write' }, 'ERR_INVALID_ARG_VALUE', 'mode'],
      [{ mode: { secondary: '' } }, 'ERR_INVALID_ARG_VALUE', 'secondary'],
      [{ mode: {} }, 'ERR_INVALID_ARG_TYPE', 'secondary'],
      [{ mode: 5 }, 'ERR_INVALID_ARG_TYPE', 'mode'],
      [{ createIfMissing: 1 }, 'ERR_INVALID_ARG_TYPE', 'createIfMissing'],
      [{ createIfMising: true }, 'ERR_INVALID_ARG_VALUE', '"createIfMissing"'],
      [{ recovery: 'strickt' }, 'ERR_INVALID_ARG_VALUE', 'recovery'],
      [{ preset: 'fast' }, 'ERR_INVALID_TUNING', 'preset'],
      [{ tuning: { writeBuferMb: 1 } }, 'ERR_INVALID_TUNING', 'writeBufferMb'],
      [{ tuning: { writeBufferMb: '64' } }, 'ERR_INVALID_TUNING', 'writeBufferMb'],
      [{ tuning: { writeBufferMb: 64.5 } }, 'ERR_INVALID_TUNING', 'writeBufferMb'],
      [{ tuning: { writeBufferMb: Number.NaN } }, 'ERR_INVALID_TUNING', 'writeBufferMb'],
      [{ columnFamilies: [] }, 'ERR_INVALID_ARG_TYPE', 'columnFamilies'],
      [{ columnFamilies: { a: { value: 'utf16' } } }, 'ERR_INVALID_ARG_VALUE', 'a'],
      [{ columnFamilies: { a: null } }, 'ERR_INVALID_ARG_TYPE', 'a'],
      [{ columnFamilies: { 'a\ud800': {} } }, 'ERR_INVALID_ARG_VALUE', 'name'],
      [{ rocksdb: { db: { max_open_files: {} } } }, 'ERR_INVALID_TUNING', 'max_open_files'],
    ]
    for (const [options, code, text] of wrong) {
      await expectRejection(Database.open(dir('x'), options as never), code, text)
    }
    await expectRejection(Database.open(dir('x'), null as never), 'ERR_INVALID_ARG_TYPE', 'options')
    for (const path of [undefined, null, 5, {}, Buffer.from('x'), [dir('x')]] as never[]) {
      await expectRejection(Database.open(path), 'ERR_INVALID_ARG_TYPE', '"path"')
      await expectRejection(Database.destroy(path), 'ERR_INVALID_ARG_TYPE', '"path"')
      await expectRejection(Database.repair(path), 'ERR_INVALID_ARG_TYPE', '"path"')
      await expectRejection(Database.listColumnFamilies(path), 'ERR_INVALID_ARG_TYPE', '"path"')
    }
    for (const path of ['', 'a\0b', 'a\ud800']) {
      await expectRejection(Database.open(path), 'ERR_INVALID_ARG_VALUE', '"path"')
    }
    await expectRejection(Database.open(new URL('https://x/y')), 'ERR_INVALID_URL_SCHEME')
    await expectRejection(Database.openWithTuning(dir('x'), null as never), 'ERR_INVALID_ARG_TYPE')
    await expectRejection(
      Database.open(dir('x'), { createIfMissing: false }),
      'ERR_INVALID_ARGUMENT',
    )
  })
})

describe('after close', () => {
  it.each(Object.entries(ALL))('%s fails with ERR_CLOSED', async (_, call) => {
    const db = await openFresh(MERGEABLE)
    const family = db.default
    family.putSync('key', 'value')
    await db.close()
    expect(await failureOf(() => call(db, family))).toEqual(coded('ERR_CLOSED', db.path))
    await db.close()
    db.closeSync()
    expect([db.closed, db.path, family.name]).toEqual([true, expect.any(String), 'default'])
    expect([db.recovery.created, db.tuning().options.compression.value]).toEqual([true, 'zstd'])
  })
})

describe('wrong receivers', () => {
  it('are TypeErrors, thrown or rejected, for every method of every class', async () => {
    const db = await openFresh()
    using snapshot = db.snapshot()
    using cursor = db.default.cursor()
    using tx = db.begin()
    const objects = [db, db.default, snapshot, cursor, tx, db.batch(), db.default.entries()]
    const classes = [Database, ColumnFamily, Snapshot, Cursor, Transaction, db.batch().constructor]
    let calls = 0
    for (const { prototype } of classes as { prototype: object }[]) {
      for (const { key, owner } of methodKeysOf(prototype)) {
        const { get, value } = Object.getOwnPropertyDescriptor(owner, key) as PropertyDescriptor
        const method = get ?? value
        const name = String(key)
        const wrong = [{}, null, undefined, 5, 'x', new Proxy(db, {}), prototype, ...objects]
        for (const receiver of wrong) {
          if (receiver !== null && typeof receiver === 'object') {
            if (Object.getPrototypeOf(receiver) === prototype && receiver !== prototype) continue
          }
          const error = await failureOf(() => method.call(receiver, 'a', 'b'))
          expect([name, error]).toEqual([name, expect.any(TypeError)])
          calls++
        }
      }
    }
    expect(calls).toBeGreaterThan(700)
    await db.default.put('a', 'still works')
    expect((await listOf(db.default.keys())).length).toBe(1)
  })
})
