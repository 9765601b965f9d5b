/** The adapter of Keyv beyond Keyv's own suite: restarts, moments, namespaces, odd keys, failures. */
import { spawnSync } from 'node:child_process'
import Keyv from 'keyv'
import { Database } from 'rocksdb-live'
import { createKeyv, RocksKeyv, type RocksKeyvOptions } from 'rocksdb-live/keyv'
import { openFresh, track, useTempDirectory } from '../support/database'
import { root } from '../support/documents'

const dir = useTempDirectory()

function kept<T extends { disconnect(): Promise<void> }>(store: T): T {
  track({ close: () => store.disconnect() })
  return store
}

const adapter = (options?: RocksKeyvOptions) => kept(new RocksKeyv(dir('cache'), options))
const keyvOf = (namespace: string | undefined) =>
  kept(new Keyv(new RocksKeyv(dir('cache')), { namespace } as { namespace: string }))

async function listed(rows: AsyncIterable<[string, unknown]> | undefined) {
  const found: [string, unknown][] = []
  if (rows !== undefined) for await (const row of rows) found.push(row)
  return found
}

describe('restarts', () => {
  it('keep rows and their moments', async () => {
    const before = adapter()
    before.namespace = 'n'
    await before.set('short', 'a', 3_600_000)
    await before.set('for good', 'b')
    await before.disconnect()

    const families = { keyv: { expires: true } } as const
    const db = await Database.open(dir('cache'), { columnFamilies: families })
    const rows = RocksKeyv.over(db)
    rows.namespace = 'n'
    expect(await rows.getMany(['short', 'for good', 'none'])).toEqual(['a', 'b', undefined])
    const moments = []
    for await (const key of db.columnFamily('keyv').keys()) {
      moments.push(await db.columnFamily('keyv').expiresAt(key))
    }
    await db.close()
    const [forGood, short] = moments
    expect(forGood).toBeNull()
    const left = (short as Date).getTime() - Date.now()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(3_600_000)
  })

  it.each([true, false])('keep what a killed process has set, with sync: %s', async (sync) => {
    const program = `
      const { Keyv } = require('keyv')
      const { RocksKeyv } = require('${root}/dist/keyv/index.js')
      const keyv = new Keyv(new RocksKeyv(${JSON.stringify(dir('cache'))}, { sync: ${sync} }))
      keyv.set('a', { b: 1 }, 3_600_000).then((set) => {
        console.log(set)
        process.kill(process.pid, 'SIGKILL')
      })`
    const { signal, stdout } = spawnSync(process.execPath, ['-e', program], {
      cwd: root,
      encoding: 'utf8',
    })
    expect([signal, stdout]).toEqual(['SIGKILL', 'true\n'])
    expect(await keyvOf('keyv').get('a')).toEqual({ b: 1 })
  })
})

describe('lifetimes', () => {
  it.each([
    ['undefined', undefined, null],
    ['null', null, null],
    ['0', 0, null],
    ['NaN', Number.NaN, null],
    ['Infinity', Number.POSITIVE_INFINITY, null],
    ['the longest', Number.MAX_VALUE, new Date(8.64e15)],
  ])('%s lasts for ever', async (_name, ttl, moment) => {
    const db = await openFresh({ columnFamilies: { keyv: { expires: { afterMs: 1 } } } })
    const rows = RocksKeyv.over(db)
    await rows.set('a', 'b', ttl as number)
    expect(await rows.get('a')).toBe('b')
    const [key] = (await db.columnFamily('keyv').first()) ?? []
    expect(await db.columnFamily('keyv').expiresAt(key as Buffer)).toEqual(moment)
  })

  it.each([-1, -1e300])('%d is none', async (ttl) => {
    const rows = adapter()
    await rows.set('a', 'b')
    await rows.set('a', 'c', ttl)
    expect(await rows.get('a')).toBeUndefined()
    expect(await rows.has('a')).toBe(false)
    expect(await rows.delete('a')).toBe(false)
  })

  it('take fractions, and refuse what is no number', async () => {
    const rows = adapter()
    await rows.set('a', 'b', 60_000.5)
    expect(await rows.get('a')).toBe('b')
    const wrong = rows.set('a', 'c', '1' as never)
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
    expect(await rows.get('a')).toBe('b')
  })

  it('are those of Keyv where it has one', async () => {
    const keyv = kept(createKeyv(dir('cache'), { ttl: -1 }))
    expect(await keyv.set('a', 1)).toBe(true)
    expect(await keyv.get('a')).toBeUndefined()
    await keyv.setMany([
      { key: 'a', value: 1, ttl: 60_000 },
      { key: 'b', value: 2 },
    ])
    expect(await keyv.get(['a', 'b'])).toEqual([1, undefined])
  })
})

describe('namespaces', () => {
  const names = ['a', 'a:b', 'a:b:', ':', undefined, '', '\0', 'keyv', '__proto__', 'é']

  it.each(['useKeyPrefix', 'createKeyv'])('clear just their own rows: %s', async (how) => {
    const open = (namespace: string | undefined) =>
      how === 'createKeyv'
        ? kept(createKeyv<string>(dir('cache'), { namespace } as { namespace: string }))
        : keyvOf(namespace)
    // Without a namespace, Keyv's '' and undefined are one.
    const keyvs = names.filter((name) => name !== '').map((name) => [name, open(name)] as const)
    const keys = ['b:x', 'x', '', ':', 'é']
    for (const [name, keyv] of keyvs) {
      for (const key of keys) expect(await keyv.set(key, `${name}|${key}`)).toBe(true)
    }
    for (const [cleared, keyv] of keyvs) {
      for (const key of keys) expect(await keyv.get(key)).toBe(`${cleared}|${key}`)
      const count = (await listed(keyv.iterator?.({}))).length
      expect(count).toBe(keys.length)
      await keyv.clear()
      expect(await keyv.getMany(keys)).toEqual(keys.map(() => undefined))
    }
  })

  it('give keys as they went in, whatever the name', async () => {
    for (const namespace of names) {
      const keyv = kept(createKeyv(dir('cache'), { namespace } as { namespace: string }))
      await keyv.set('b:x', 1)
      await keyv.set('a:b:x', 2)
      expect(await listed(keyv.iterator?.({}))).toEqual([
        ['a:b:x', 2],
        ['b:x', 1],
      ])
    }
  })

  it('keep their rows in an adapter that is shared, whichever was made last', async () => {
    const store = adapter()
    const one = new Keyv(store, { namespace: 'one' })
    await one.set('a', 1)
    const two = new Keyv(store, { namespace: 'two' })
    await one.set('b', 2)
    await two.set('a', 3)
    expect(await one.getMany(['a', 'b'])).toEqual([1, 2])
    expect(await two.getMany(['a', 'b'])).toEqual([3, undefined])
    await two.clear()
    expect(await one.getMany(['a', 'b'])).toEqual([1, 2])
    expect(await keyvOf('one').getMany(['a', 'b'])).toEqual([1, 2])
  })
})

describe('keys and values', () => {
  const keys = [
    '',
    '\0',
    '\0\0',
    '\u0001',
    '\uffff',
    '__proto__',
    'constructor',
    '🦀',
    'k'.repeat(100_000),
  ]

  it('are any text', async () => {
    const keyv = kept(createKeyv<string>(dir('cache')))
    await keyv.setMany(keys.map((key, at) => ({ key, value: `${at}:${key}` })))
    expect(await keyv.getMany(keys)).toEqual(keys.map((key, at) => `${at}:${key}`))
    expect(await keyv.hasMany(keys)).toEqual(keys.map(() => true))
    expect((await listed(keyv.iterator?.({}))).length).toBe(keys.length)
    expect(await keyv.deleteMany(keys)).toBe(true)
    expect(await keyv.deleteMany(keys)).toBe(false)
    expect(await listed(keyv.iterator?.({}))).toEqual([])
  })

  it('are refused where they are none, and nothing is written', async () => {
    const store = adapter()
    for (const key of [undefined, null, 1, {}, Symbol('s'), Buffer.from('a')]) {
      for (const call of [
        store.get(key as never),
        store.set(key as never, 'v'),
        store.has(key as never),
        store.delete(key as never),
      ]) {
        await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
      }
    }
    await expect(store.set('\ud800', 'v')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    for (const value of [undefined, null, 1, {}, Buffer.from('a')]) {
      await expect(store.set('a', value)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
    }
    const entries = [
      { key: 'a', value: 'v' },
      { key: 'b', value: 1 },
    ]
    await expect(store.setMany(entries)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
    for (const list of [undefined, null, 'ab', {}]) {
      await expect(store.getMany(list as never)).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
      })
    }
    expect(await listed(store.iterator())).toEqual([])
  })

  it('come many at a time, in order, as they were at the first step', async () => {
    const keyv = kept(createKeyv<number>(dir('cache')))
    const count = 20_000
    const keyOf = (at: number) => String(at).padStart(6, '0')
    const entries = Array.from({ length: count }, (_, at) => ({ key: keyOf(at), value: at }))
    expect(await keyv.setMany(entries)).toEqual(entries.map(() => true))
    let next = 0
    for await (const [key, value] of keyv.iterator?.({}) ?? []) {
      if (next === 0) await keyv.clear()
      expect([key, value]).toEqual([keyOf(next), next])
      next++
    }
    expect(next).toBe(count)
    expect(await listed(keyv.iterator?.({}))).toEqual([])
  })
})

describe('failures', () => {
  const closed = expect.objectContaining({ code: 'ERR_CLOSED' })

  it('of a closed adapter have a code', async () => {
    const store = adapter()
    await store.set('a', 'b')
    await store.disconnect()
    await store.disconnect()
    const calls = [
      () => store.get('a'),
      () => store.getMany(['a']),
      () => store.set('a', 'b'),
      () => store.setMany([{ key: 'a', value: 'b' }]),
      () => store.delete('a'),
      () => store.deleteMany(['a']),
      () => store.clear(),
      () => store.has('a'),
      () => store.hasMany(['a']),
      () => store.iterator().next(),
    ]
    for (const call of calls) await expect(call()).rejects.toEqual(closed)
  })

  it('are an event of Keyv each, and just one', async () => {
    const keyv = keyvOf('n')
    const errors: unknown[] = []
    keyv.on('error', (error: unknown) => errors.push(error))
    await keyv.disconnect()
    expect(await keyv.get('a')).toBeUndefined()
    expect(await keyv.set('a', 1)).toBe(false)
    expect(await keyv.setMany([{ key: 'a', value: 1 }])).toEqual([false])
    expect(await keyv.delete('a')).toBe(false)
    expect(await keyv.delete(['a'])).toBe(false)
    await keyv.clear()
    expect(errors).toEqual([closed, closed, closed, closed, closed, closed])
    await expect(keyv.getMany(['a'])).rejects.toEqual(closed)
    await expect(keyv.has('a')).rejects.toEqual(closed)
  })

  it('of the open fail each call, and are one event', async () => {
    const db = await openFresh()
    await db.close()
    const rows = await Database.open(db.path, { columnFamilies: { keyv: { expires: false } } })
    await rows.columnFamily('keyv').put('a', 'b')
    await rows.close()
    const store = kept(new RocksKeyv(db.path))
    const errors: unknown[] = []
    store.on('error', (error) => errors.push(error))
    const wrong = expect.objectContaining({ code: 'ERR_OPTIONS_MISMATCH' })
    await expect(store.has('a')).rejects.toEqual(wrong)
    await expect(store.set('a', 'b')).rejects.toEqual(wrong)
    expect(errors).toEqual([wrong])
  })

  it('of the open end no process that does not ask', async () => {
    const program = `
      const { RocksKeyv } = require('${root}/dist/keyv/index.js')
      new RocksKeyv('/proc/none/such')`
    const { status, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })

  it('of arguments are thrown at once', async () => {
    for (const place of [undefined, null, 1, '', 'a\0b']) {
      expect(() => new RocksKeyv(place as never)).toThrow(TypeError)
    }
    expect(() => new RocksKeyv(dir('cache'), { family: 1 as never })).toThrow(TypeError)
    expect(() => new RocksKeyv(dir('cache'), { sync: 1 as never })).toThrow(TypeError)
    expect(() => new RocksKeyv(dir('cache'), { famly: 'a' } as never)).toThrow('"family"')
    expect(() => RocksKeyv.over({} as never)).toThrow(TypeError)
    const db = await openFresh({ columnFamilies: { plain: {} } })
    expect(() => RocksKeyv.over(db, { family: 'plain' })).toThrow('"expires: true"')
    expect(() => RocksKeyv.over(db, { family: 'none' })).toThrow('must name a column family')
    expect(() => RocksKeyv.over(db, { family: { name: 'plain' } as never })).toThrow(TypeError)
  })

  it('of the database beneath have its codes', async () => {
    const families = { keyv: { expires: true }, other: { expires: true } } as const
    const db = await openFresh({ columnFamilies: families })
    const store = RocksKeyv.over(db)
    await store.set('a', 'b')
    await db.dropColumnFamily('keyv')
    const dropped = { code: 'ERR_DROPPED' }
    await expect(store.get('a')).rejects.toMatchObject(dropped)
    await expect(store.setMany([{ key: 'a', value: 'b' }])).rejects.toMatchObject(dropped)
    await expect(store.iterator().next()).rejects.toMatchObject(dropped)
    const other = RocksKeyv.over(db, { family: db.columnFamily('other') })
    await other.set('a', 'b')
    const reader = track(await Database.open(db.path, { mode: 'read-only' }))
    const copy = RocksKeyv.over(reader, { family: 'other' })
    expect(await copy.get('a')).toBe('b')
    await expect(copy.set('a', 'c')).rejects.toMatchObject({ code: 'ERR_READ_ONLY' })
    await db.close()
    await expect(other.get('a')).rejects.toEqual(closed)
    await expect(other.iterator().next()).rejects.toEqual(closed)
    expect(() => RocksKeyv.over(db)).toThrow('closed')
  })

  it('of a close under way lose nothing that was acknowledged', async () => {
    const store = adapter()
    const sets = Array.from({ length: 200 }, (_, at) =>
      store.set(`k${at}`, 'v').then(
        () => at,
        (error) => {
          expect(error).toEqual(closed)
          return -1
        },
      ),
    )
    await store.has('k0')
    const closing = store.disconnect()
    const done = (await Promise.all(sets)).filter((at) => at >= 0)
    await closing
    const again = adapter()
    const found = await again.hasMany(done.map((at) => `k${at}`))
    expect(found).toEqual(done.map(() => true))
  })
})
