/** `rocksdb-live import` of LevelDB, LMDB and RocksDB: every row arrives, or the command says why not. */
import { readdirSync, truncateSync } from 'node:fs'
import { counter, msgpack, ordered } from 'rocksdb-live'
import { openAt, useTempDirectory } from '../support/database'
import { cutImport, type LmdbPackage, MANY, makeLevel, makeRocks, rows, textsOf } from './made'
import { exportWell, importWell, itWithPackages, load, run } from './support'

const dir = useTempDirectory()

describe('from level', () => {
  itWithPackages(
    'takes every row as it is',
    async () => {
      const db = await makeLevel(dir('level'))
      await db.put(Buffer.from([0, 255]), Buffer.from([254]))
      await db.close()
      const made = importWell([dir('db'), dir('level'), '--verify'])
      expect(made).toMatchObject({ from: 'level', rowsRead: 3001, rowsCompared: 3001, runs: 1 })
      const back = await openAt(dir('db'))
      expect(await back.default.get(Buffer.from([0, 255]))).toEqual(Buffer.from([254]))
      expect(back.columnFamilies()).toEqual(['default'])
      for (const [key, value] of rows(3000)) expect(String(await back.default.get(key))).toBe(value)
    },
    60_000,
  )

  itWithPackages(
    'makes a family of each sublevel',
    async () => {
      const db = await makeLevel(dir('level'), 3)
      const users = db.sublevel('users')
      await users.put('ada', 'Ada')
      await users.sublevel('of').put('x', '1')
      await db.put(Buffer.from('!no sublevel'), Buffer.from('2'))
      await db.close()
      const words = [
        dir('db'),
        dir('level'),
        '--sublevels',
        'families',
        '--into',
        'rest',
        '--verify',
      ]
      expect(importWell(words).families).toEqual([
        { name: 'rest', read: 4, found: 4 },
        { name: 'users', read: 2, found: 2 },
      ])
      expect(await textsOf(dir('db'), 'users')).toEqual([
        ['!of!x', '1'],
        ['ada', 'Ada'],
      ])
    },
    60_000,
  )

  itWithPackages(
    'says who has it open, that it is damaged, and what is missing',
    async () => {
      const db = await makeLevel(dir('level'))
      const words = ['import', dir('db'), dir('level')]
      expect(run(words)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/is open elsewhere/),
      })
      await db.close()
      const elsewhere = run(words, undefined, dir())
      expect(elsewhere.stderr).toContain(
        `classic-level, which is not installed in ${dir()}: npm install classic-level`,
      )
      await db.open()
      await db.close()
      const tables = readdirSync(dir('level')).filter((name) => name.endsWith('.ldb'))
      expect(tables.length).toBeGreaterThan(0)
      for (const name of tables) truncateSync(dir('level', name), 100)
      expect(run(words)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/is damaged: .*repair/),
      })
    },
    60_000,
  )

  itWithPackages(
    'refuses to go on where it was written meanwhile',
    async () => {
      const db = await makeLevel(dir('level'), MANY)
      await db.close()
      await cutImport(['import', dir('db'), dir('level')], dir('db'))
      await db.open()
      await db.put(Buffer.from('new'), Buffer.from('row'))
      await db.close()
      const refused = run(['import', dir('db'), dir('level')])
      expect(refused).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/has changed since .*--restart/),
      })
      const again = importWell([dir('db'), dir('level'), '--restart'])
      expect(again).toMatchObject({ rowsRead: MANY + 1, runs: 1 })
    },
    60_000,
  )
})

describe('from lmdb', () => {
  itWithPackages(
    'takes all databases, as their bytes are',
    async () => {
      const db = load<LmdbPackage>('lmdb').open({ path: dir('lmdb') })
      for (const [key, value] of rows(2500)) db.put(key, value)
      const users = db.openDB('users', { keyEncoding: 'binary', encoding: 'binary' })
      users.put(Buffer.from('k'), Buffer.from('v'))
      await db.put('like a database', Buffer.alloc(46))
      await db.flushed
      await db.close()
      const made = importWell([dir('db'), dir('lmdb'), '--verify'])
      expect(made.families).toEqual([
        { name: 'default', read: 2501, found: 2501 },
        { name: 'users', read: 1, found: 1 },
      ])
      expect(await textsOf(dir('db'), 'users')).toEqual([['k', 'v']])
      const one = importWell([dir('one'), dir('lmdb'), '--families', 'users', '--into', 'people'])
      expect(one.families).toEqual([{ name: 'people', read: 1, found: 1 }])
      truncateSync(dir('lmdb', 'data.mdb'), 20_000)
      expect(run(['import', dir('other'), dir('lmdb')]).stderr).toMatch(
        /is damaged: it has 20000 bytes/,
      )
    },
    60_000,
  )

  itWithPackages(
    'is read by the codecs ordered and msgpack',
    async () => {
      const db = load<LmdbPackage>('lmdb').open({ path: dir('lmdb') })
      await db.put(['a', 5], { n: [1, 'two'], at: null })
      await db.close()
      importWell([dir('db'), dir('lmdb')])
      const back = await openAt(dir('db'))
      const family = back.columnFamily('default', {
        key: ordered(),
        value: msgpack(),
      })
      expect(await family.get(['a', 5])).toEqual({ n: [1, 'two'], at: null })
    },
    60_000,
  )

  itWithPackages(
    'refuses several values of a key',
    async () => {
      const db = load<LmdbPackage>('lmdb').open({ path: dir('lmdb') })
      const tags = db.openDB('tags', { dupSort: true, encoding: 'ordered-binary' })
      await tags.put('k', 1)
      await db.close()
      expect(run(['import', dir('db'), dir('lmdb')]).stderr).toContain(
        'has several values of a key (dupSort)',
      )
    },
    60_000,
  )
})

describe('from rocksdb', () => {
  it('takes families, moments and what merges came to, beside who writes it', async () => {
    await makeRocks(dir('rocks'))
    const writer = await openAt(dir('rocks'))
    const made = importWell([dir('db'), dir('rocks'), '--verify'])
    await writer.close()
    expect(made).toMatchObject({ rowsRead: 107, rowsCompared: 107 })
    const lines = exportWell([dir('db')])
    expect(lines).toBe(exportWell([dir('rocks')]))
    expect(lines).toContain(
      '{"columnFamily":"sessions","expires":{"afterMs":3600000,"graceMs":1234}}',
    )
    expect(lines).toContain('{"columnFamily":"joined","key":"k","value":"1,2"}')
    const db = await openAt(dir('db'), {
      columnFamilies: { visits: { key: 'utf8', value: counter() } },
    })
    expect(await db.columnFamily('visits').get('ada')).toBe(5n)
    const sessions = db.columnFamily('sessions', { key: 'utf8', value: 'utf8' })
    expect(await sessions.expiresAt('for good')).toBe(null)
    expect(await sessions.expiresAt('in 2100')).toEqual(new Date(Date.UTC(2100, 0)))
    expect(await sessions.get('gone')).toBe(undefined)
  }, 60_000)

  it('takes some of its families', async () => {
    await makeRocks(dir('rocks'), 5)
    expect(run(['import', dir('db'), dir('rocks'), '--families', 'sesions']).stderr).toContain(
      'did you mean "sessions"?',
    )
    expect(run(['import', dir('db'), dir('rocks'), '--into', 'x']).stderr).toContain(
      '--into takes one column family',
    )
    const made = importWell([dir('db'), dir('rocks'), '--families', 'joined', '--into', 'x'])
    expect(made.families).toEqual([{ name: 'x', read: 1, found: 1 }])
  }, 60_000)
})
