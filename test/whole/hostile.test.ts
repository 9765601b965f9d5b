/**
 * Callers whose own code runs inside a call, or who change their arguments while they are in use.
 */
import type { Database } from 'rocksdb-live'
import type { Codec } from '../../lib/types/codecs'
import { openAt, openFresh, reopen, useTempDirectory } from '../support/database'
import { coded, expectRejection, listOf } from '../support/expectations'
import { ALL, failureOf, WITH_OPTIONS } from '../support/methods'

const dir = useTempDirectory()

const MERGEABLE = { rocksdb: { columnFamily: { merge_operator: 'stringappend' } } } as const

/** Transfers the memory of a view. */
function detach(bytes: Uint8Array): void {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] })
}

describe('what was passed may be changed when the call returns', () => {
  const KEY = 'the key'
  const fresh = () => [new Uint8Array(Buffer.from(KEY)), new Uint8Array(20_000).fill(7)] as const

  it.each([
    ['overwritten', (bytes: Uint8Array) => bytes.fill(0)],
    ['detached', detach],
  ])('buffers of writes, %s', async (_, change) => {
    const db = await openFresh(MERGEABLE)
    const writes: (() => Promise<void>)[] = []
    const write = (call: (key: Uint8Array, value: Uint8Array) => Promise<void>) => {
      writes.push(async () => {
        const [key, value] = fresh()
        const writing = call(key, value)
        change(key)
        change(value)
        await writing
        expect([...db.default.keysSync()].map(String)).toEqual([KEY])
        expect(db.default.getSync(KEY)?.equals(Buffer.alloc(20_000, 7))).toBe(true)
        db.default.deleteSync(KEY)
      })
    }
    for (const sync of [false, true]) {
      write((key, value) => db.default.put(key, value, { sync }))
      write((key, value) => db.default.merge(key, value, { sync }))
      write((key, value) => db.batch().put(db.default, key, value).write({ sync }))
      write((key, value) => db.write([{ type: 'put', key, value }], { sync }))
    }
    for (const run of writes) await run()
    for (const sync of [false, true]) {
      for (const remove of [
        (key: Uint8Array) => db.default.delete(key, { sync }),
        (key: Uint8Array) => db.default.deleteRange(key, `${KEY}x`, { sync }),
        (key: Uint8Array) => db.default.clear({ gte: key, lte: key }, { sync }),
        (key: Uint8Array) => db.default.clear({ prefix: key }, { sync }),
      ]) {
        db.default.putSync(KEY, 'v')
        db.default.putSync('other', 'v')
        const [key] = fresh()
        const removing = remove(key)
        change(key)
        await removing
        expect([...db.default.keysSync()].map(String)).toEqual(['other'])
      }
    }
  })

  it.each([
    ['overwritten', (bytes: Uint8Array) => bytes.fill(0)],
    ['detached', detach],
  ])('buffers of reads from disk, %s', async (_, change) => {
    const first = await openFresh()
    for (let i = 0; i < 100; i++) first.default.putSync(`${KEY}${i}`, 'x'.repeat(1000))
    first.default.putSync(KEY, 'found')
    await first.flush()
    const db = await reopen(first, { tuning: { directReads: true } })
    const options = { fillCache: false }
    const changed = async <T>(call: (key: Uint8Array) => Promise<T>) => {
      const [key] = fresh()
      const reading = call(key)
      change(key)
      return reading
    }
    expect(String(await changed((key) => db.default.get(key, options)))).toBe('found')
    expect((await changed((key) => db.default.getMany([key, key], options))).map(String)).toEqual([
      'found',
      'found',
    ])
    expect(await changed((key) => db.default.has(key, options))).toBe(true)
    expect(await changed((key) => db.default.getInto(key, Buffer.alloc(9), options))).toBe(5)
    expect(await changed((key) => db.default.count({ gte: key, lte: key, ...options }))).toBe(1)
    const keys = await changed((key) => listOf(db.default.keys({ lte: key, ...options })))
    expect(keys.map(String)).toEqual([KEY])
    await changed((key) => db.compactRange(db.default, { gte: key }))
  })

  it('the target of getInto: detached is an error, and nothing else is touched', async () => {
    const first = await openFresh()
    for (let i = 0; i < 100; i++) first.default.putSync(`key ${i}`, Buffer.alloc(3000, 1))
    await first.flush()
    const db = await reopen(first, { tuning: { directReads: true } })
    const target = new Uint8Array(3000)
    const reading = db.default.getInto('key 50', target, { fillCache: false })
    detach(target)
    await expectRejection(reading, 'ERR_INVALID_ARG_TYPE', '"target"')
    const options = { maxByteLength: 3000 }
    const memory = new (
      ArrayBuffer as unknown as new (
        n: number,
        o: object,
      ) => ArrayBuffer & { resize(n: number): void }
    )(3000, options)
    const shrinking = db.default.getInto('key 70', new Uint8Array(memory), { fillCache: false })
    memory.resize(10)
    await expectRejection(shrinking, 'ERR_OUT_OF_RANGE', 'target')
  })

  it('batches and arrays of operations', async () => {
    const { default: f, ...rest } = await openFresh().then((db) => ({ default: db.default, db }))
    const keys = ['a', 'b']
    const reading = f.getMany(keys)
    keys.length = 0
    expect(await reading).toEqual([undefined, undefined])
    const operations = [{ type: 'put', key: 'a', value: '1' }] as {
      type: 'put'
      key: string
      value: string
    }[]
    const writing = rest.db.write(operations, { sync: true })
    operations.push({ type: 'put', key: 'b', value: '2' })
    operations[0] = { type: 'put', key: 'c', value: '3' }
    await writing
    expect((await listOf(f.keys())).map(String)).toEqual(['a'])
  })
})

describe('Object.prototype', () => {
  it('with properties by the names of options changes nothing', async () => {
    const prototype = Object.prototype as unknown as Record<string, unknown>
    const names = [
      ...[
        'sync',
        'disableWAL',
        'snapshot',
        'signal',
        'deadlineMs',
        'limit',
        'reverse',
        'gt',
        'lt',
        'prefix',
      ],
      ...[
        'mode',
        'tuning',
        'preset',
        'rocksdb',
        'columnFamilies',
        'key',
        'value',
        'aggregate',
        'bottommost',
      ],
      ...['columnFamily', 'db', 'table', 'batchBytes', 'recovery', 'errorIfExists', 'noSuchOption'],
    ]
    // Loaded when it is first called; Node loads no module of TypeScript's with such a prototype.
    await (await openAt(dir('first'))).doctor()
    for (const name of names) prototype[name] = { polluted: true }
    try {
      const db = await openAt(dir('polluted'), { tuning: { changesRetainMb: 1 }, ...MERGEABLE })
      db.default.putSync('key', 'value', {})
      for (const [name, call] of Object.entries(ALL)) {
        if (['catchUp', 'dropColumnFamily'].includes(name)) continue
        expect([name, await failureOf(() => call(db, db.default, {} as never))]).toEqual([
          name,
          undefined,
        ])
      }
      expect((await listOf(db.default.keys({}))).length).toBeGreaterThan(0)
    } finally {
      for (const name of names) delete prototype[name]
    }
  })
})

describe('code of the caller’s that closes the database', () => {
  const TRAPS: [string, (close: () => void) => object][] = [
    ['a getter', (close) => Object.defineProperty({}, 'sync', { enumerable: true, get: close })],
    [
      'a Proxy',
      (close) =>
        new Proxy(
          {},
          {
            ownKeys: () => {
              close()
              return []
            },
          },
        ),
    ],
  ]
  const WAYS: [string, (db: Database) => void][] = [
    ['close', (db) => void db.close()],
    ['closeSync', (db) => db.closeSync()],
  ]
  describe.each(TRAPS)('in %s', (trap, make) => {
    it.each(WAYS)('through %s: every method ends with a typed error', async (_, close) => {
      for (const [name, call] of Object.entries(WITH_OPTIONS)) {
        const db = await openFresh(MERGEABLE)
        db.default.putSync('key', 'value')
        const options = make(() => close(db))
        const error = await failureOf(() => call(db, db.default, options as never))
        if (name === 'writable') continue // it touches the database when it is written to
        const codes = ['ERR_CLOSED', ...(trap === 'a getter' ? ['ERR_INVALID_ARG_VALUE'] : [])]
        expect([name, (error as { code?: string })?.code]).toEqual([
          name,
          expect.stringMatching(codes.join('|')),
        ])
        expect(db.closed).toBe(true)
      }
    })
  })

  it.each(WAYS)('in codecs, through %s', async (_, close) => {
    for (const call of [
      (db: Database) => db.columnFamily('c').put('k', 'v'),
      (db: Database) => db.columnFamily('c').putSync('k', 'v'),
      (db: Database) => db.columnFamily('c').get('k'),
      (db: Database) => db.columnFamily('c').getSync('k'),
      (db: Database) => db.columnFamily('c').getManySync(['k', 'l']),
      (db: Database) => db.columnFamily('c').getMany(['k', 'l']),
      (db: Database) => db.columnFamily('c').delete('k'),
      (db: Database) => db.columnFamily('c').count({ gte: 'k' }),
      (db: Database) => db.columnFamily('c').clear({ gte: 'k' }),
      (db: Database) => [...db.columnFamily('c').keysSync({ gte: 'k' })],
      (db: Database) => listOf(db.columnFamily('c').keys({ gte: 'k' })),
      (db: Database) => db.columnFamily('c').cursor({ gte: 'k' }),
      (db: Database) => db.columnFamily('c').cursor().seek('k'),
      (db: Database) => db.batch().put(db.columnFamily('c'), 'k', 'v').write(),
      (db: Database) =>
        db.write([{ type: 'put', columnFamily: db.columnFamily('c'), key: 'k', value: 'v' }]),
    ]) {
      const codec: Codec<string> = {
        encode: (text) => {
          close(db as Database)
          return text
        },
        decode: String,
      }
      const db = await openFresh({ columnFamilies: { c: { key: codec } } })
      const error = await failureOf(() => call(db as Database))
      expect(error).toEqual(coded('ERR_CLOSED'))
    }
  })

  it.each(WAYS)('in decoders in the middle of a scan, through %s', async (_, close) => {
    for (const scan of ['entriesSync', 'entries', 'valuesSync', 'values', 'cursor'] as const) {
      let armed = false
      const codec: Codec<string> = {
        encode: (text) => text,
        decode: (bytes) => {
          if (armed) close(db as Database)
          return bytes.toString()
        },
      }
      const db = await openFresh({ columnFamilies: { c: { value: codec } } })
      const c = db.columnFamily('c')
      for (let i = 0; i < 500; i++) c.putSync(String(i), 'x'.repeat(1000))
      armed = true
      const error = await failureOf(() => {
        if (scan !== 'cursor') return listOf(c[scan]() as Iterable<unknown>)
        const cursor = c.cursor()
        cursor.next(1)
        return cursor.next(1)
      })
      expect([scan, error]).toEqual([scan, coded('ERR_CLOSED')])
    }
  })
})

describe('codecs that use the database they are called by', () => {
  it('read, write and scan in the middle of every call', async () => {
    let depth = 0
    let runs = 0
    const nested = () => {
      if (depth > 0) return
      depth++
      runs++
      const { default: f } = db as Database
      f.putSync('nested key that is long', 'nested value'.repeat(100))
      f.getSync('nested key that is long')
      void f.put(`n${runs % 10}`, 'async')
      f.getManySync(['n1', 'n2', 'nested key that is long'])
      expect([...f.entriesSync({ limit: 3 })].length).toBeGreaterThan(0)
      f.cursor({ gte: 'a', lte: 'z' }).close()
      db.batch().put(f, 'in batch', 'x').writeSync()
      void f.get('nested key that is long')
      void f.count({ prefix: 'n' })
      depth--
    }
    const codec: Codec<string> = {
      encode: (text) => {
        nested()
        return text
      },
      decode: (bytes) => {
        const before = bytes.toString()
        nested()
        expect(bytes.toString()).toBe(before)
        return before
      },
    }
    const db = await openFresh({ columnFamilies: { c: { key: codec, value: codec } } })
    const c = db.columnFamily('c')
    const rows = Array.from(
      { length: 200 },
      (_, i) => [`key ${i}`, `value ${i} ${'x'.repeat(i * 40)}`] as const,
    )
    const batch = db.batch()
    for (const [i, [key, value]] of rows.entries()) {
      if (i % 4 === 0) c.putSync(key, value)
      else if (i % 4 === 1) await c.put(key, value)
      else if (i % 4 === 2) batch.put(c, key, value)
      else await db.write([{ type: 'put', columnFamily: c, key, value }])
    }
    await batch.write()
    const keys = rows.map(([key]) => key)
    const values = rows.map(([, value]) => value)
    expect(keys.map((key) => c.getSync(key))).toEqual(values)
    expect(await Promise.all(keys.map((key) => c.get(key)))).toEqual(values)
    expect(c.getManySync(keys)).toEqual(values)
    expect(await c.getMany(keys)).toEqual(values)
    const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
    expect([...c.entriesSync({ gte: 'key', lt: 'l' })]).toEqual(sorted)
    expect(await listOf(c.entries({ prefix: 'key' }))).toEqual(sorted)
    expect(c.cursor({ gt: 'key' }).next(1000)).toEqual(sorted)
    await c.deleteRange('key 1', 'key 2')
    expect(await c.count()).toBe(sorted.filter(([key]) => key < 'key 1' || key >= 'key 2').length)
    expect(runs).toBeGreaterThan(1000)
    await db.flush()
  })
})
