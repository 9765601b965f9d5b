import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Database } from 'rocksdb-live'
import { openAt, openFresh, reopen, track, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow } from '../support/expectations'

const dir = useTempDirectory()

/** A closed database with one row in each of two families. */
async function made(name = 'made'): Promise<string> {
  const db = await openAt(dir(name), { columnFamilies: { users: {} } })
  await db.default.put('key', 'value')
  await db.columnFamily('users').put('ada', 'lovelace')
  await db.close()
  return dir(name)
}

describe('opening', () => {
  it('makes a database, the directories above it, and says so', async () => {
    const db = await openAt(dir('a', 'b', 'c'))
    expect(db.recovery).toEqual({ created: true, droppedBytes: 0, reasons: [] })
    expect(db.path).toBe(dir('a', 'b', 'c'))
    expect(db.closed).toBe(false)
    expect(db.columnFamilies()).toEqual(['default'])
    const again = await reopen(db)
    expect(again.recovery).toEqual({ created: false, droppedBytes: 0, reasons: [] })
  })

  it('takes a file: URL', async () => {
    const db = await openAt(pathToFileURL(dir('with space')))
    expect(db.path).toBe(dir('with space'))
  })

  it('keeps the directory to its owner, whatever the umask', async () => {
    const before = process.umask(0)
    try {
      const db = await openAt(dir('private'))
      expect(statSync(db.path).mode & 0o777).toBe(0o700)
    } finally {
      process.umask(before)
    }
  })

  it('leaves the mode of a directory that was there', async () => {
    mkdirSync(dir('shared'))
    chmodSync(dir('shared'), 0o755)
    await openAt(dir('shared'))
    expect(statSync(dir('shared')).mode & 0o777).toBe(0o755)
  })

  it('without createIfMissing refuses, and makes no directory', async () => {
    const opening = Database.open(dir('none'), { createIfMissing: false })
    await expectRejection(opening, 'ERR_INVALID_ARGUMENT', dir('none'))
    expect(existsSync(dir('none'))).toBe(false)
    mkdirSync(dir('empty'))
    const empty = Database.open(dir('empty'), { createIfMissing: false })
    await expectRejection(empty, 'ERR_INVALID_ARGUMENT', dir('empty'))
    expect(readdirSync(dir('empty'))).toEqual([])
  })

  it('with errorIfExists refuses a database that is there, open or closed', async () => {
    const path = await made()
    const closed = Database.open(path, { errorIfExists: true })
    await expectRejection(closed, 'ERR_INVALID_ARGUMENT', path)
    const db = await openAt(path)
    const open = Database.open(path, { errorIfExists: true })
    await expectRejection(open, 'ERR_INVALID_ARGUMENT', 'errorIfExists')
    expect(String(db.default.getSync('key'))).toBe('value')
    await openAt(dir('new'), { errorIfExists: true })
  })

  it('opens families found on disk that were not named', async () => {
    const db = await openAt(await made())
    expect(db.columnFamilies()).toEqual(['default', 'users'])
    expect(String(db.columnFamily('users').getSync('ada'))).toBe('lovelace')
  })

  it('creates named families, or refuses to', async () => {
    const path = await made()
    const db = await openAt(path, { columnFamilies: { events: {} } })
    expect(db.columnFamilies().sort()).toEqual(['default', 'events', 'users'])
    await db.close()
    const refused = Database.open(path, {
      columnFamilies: { events: {}, orders: {} },
      createMissingColumnFamilies: false,
    })
    await expectRejection(refused, 'ERR_INVALID_ARGUMENT', '"orders"')
    expect((await Database.listColumnFamilies(path)).sort()).toEqual(['default', 'events', 'users'])
  })

  it('openWithTuning opens with that tuning', async () => {
    const db = track(
      await Database.openWithTuning(dir('tuned'), { writeBufferMb: 48 }, { preset: 'production' }),
    )
    expect(db.options().columnFamilies['default']?.columnFamily['write_buffer_size']).toBe(
      String(48 * 1024 * 1024),
    )
  })

  it('bounds the info logs', async () => {
    const path = dir('logs')
    for (let i = 0; i < 8; i++) await (await openAt(path)).close()
    const logs = readdirSync(path).filter((name) => name.startsWith('LOG'))
    expect(logs).toContain('LOG')
    expect(logs.length).toBeLessThanOrEqual(6)
    const { db } = (await openAt(path)).options()
    expect([db['keep_log_file_num'], db['max_log_file_size']]).toEqual(['5', '16777216'])
  })

  it('is closed after a closeSync that failed, which closing again does not say once more', async () => {
    const db = await openFresh()
    db.default.putSync('unlogged', 'value', { disableWAL: true })
    rmSync(db.path, { recursive: true })
    expectThrow(() => db.closeSync(), 'ERR_IO', db.path)
    await db.close()
    db.closeSync()
  })

  it('inherits the in-flight writes of a close that was not waited for', async () => {
    const db = await openFresh()
    const writes = Array.from({ length: 100 }, (_, i) => db.default.put(`key ${i}`, 'value'))
    const closing = db.close()
    const again = await openAt(db.path)
    await Promise.all([...writes, closing])
    expect(await again.default.count()).toBe(100)
  })
})

describe('a directory that is open already', () => {
  it.each([
    ['the same path', (path: string) => path],
    ['a trailing slash', (path: string) => `${path}/`],
    ['dots', (path: string) => join(path, '..', 'made', '.').replace(/$/, '/./')],
    ['a relative path', (path: string) => `./${relative(process.cwd(), path)}`],
    ['doubled slashes', (path: string) => path.replaceAll('/', '//')],
    [
      'a symbolic link',
      (path: string) => {
        symlinkSync(path, dir('link'))
        return dir('link')
      },
    ],
    [
      'a link above it',
      (path: string) => {
        symlinkSync(dir(), dir('above'))
        return join(dir('above'), relative(dir(), path))
      },
    ],
  ])('shares the instance through %s', async (_, spell) => {
    const path = await made()
    const first = await openAt(path)
    const second = await openAt(spell(path))
    expect(second.path).toBe(realpathSync(path))
    first.default.putSync('shared', 'yes')
    expect(String(second.default.getSync('shared'))).toBe('yes')
    await first.close()
    second.default.putSync('still', 'open')
    expect(String(await second.default.get('still'))).toBe('open')
    await second.close()
    const third = await openAt(path)
    expect(await third.default.count()).toBe(3)
  })

  it('opened many times at once, is opened once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => openAt(dir('once'))))
    all[0]?.default.putSync('a', '1')
    expect(all.map((db) => String(db.default.getSync('a')))).toEqual(Array(20).fill('1'))
    expect(all.filter((db) => db.recovery.created).length).toBeGreaterThan(0)
  })

  it('with other options is refused, with every difference named', async () => {
    const path = await made()
    const db = await openAt(path, { tuning: { writeBufferMb: 32 } })
    const other = Database.open(path, {
      tuning: { writeBufferMb: 64, maxBackgroundJobs: 7, blockCacheMb: 64 },
      columnFamilies: { users: { tuning: { compression: 'none' } } },
    })
    const error = await other.then(
      () => undefined,
      (reason: Error) => reason,
    )
    expect(error).toMatchObject({ name: 'RocksDBError', code: 'ERR_OPTIONS_MISMATCH' })
    for (const named of ['max_background_jobs', '7', 'block_cache_bytes', 'users', 'compression']) {
      expect(error?.message).toContain(named)
    }
    expect(error?.message).toContain(path)
    expect(String(db.default.getSync('key'))).toBe('value')
    expect(await openAt(path, { tuning: { writeBufferMb: 32 } })).toBeInstanceOf(Database)
  })

  it('with another default for new families is refused', async () => {
    const path = await made()
    await openAt(path, { tuning: { writeBufferMb: 32 } })
    const other = Database.open(path, { tuning: { writeBufferMb: 64 } })
    await expectRejection(other, 'ERR_OPTIONS_MISMATCH', 'write_buffer_size')
  })

  it('adds the families that the second opening names', async () => {
    const first = await openFresh()
    const second = await openAt(first.path, { columnFamilies: { late: { value: 'json' } } })
    second.columnFamily('late').putSync('a', [1])
    expect(String(first.columnFamily('late').getSync('a'))).toBe('[1]')
    const refused = Database.open(first.path, {
      columnFamilies: { later: {} },
      createMissingColumnFamilies: false,
    })
    await expectRejection(refused, 'ERR_INVALID_ARGUMENT', '"later"')
  })

  it('adds a family that many openings name at once, once', async () => {
    const first = await openFresh()
    const options = { columnFamilies: { late: {} } }
    await Promise.all(Array.from({ length: 10 }, () => openAt(first.path, options)))
    expect(first.columnFamilies()).toEqual(['default', 'late'])
  })

  it('cannot be destroyed or repaired', async () => {
    const db = await openAt(await made())
    await expectRejection(Database.destroy(`${db.path}/.`), 'ERR_LOCKED', db.path)
    await expectRejection(Database.repair(db.path), 'ERR_LOCKED', db.path)
    expect(String(db.default.getSync('key'))).toBe('value')
  })
})

describe('what cannot be opened', () => {
  it('a file', async () => {
    writeFileSync(dir('file'), 'text')
    await expectRejection(Database.open(dir('file')), 'ERR_IO', dir('file'))
    await expectRejection(Database.open(dir('file', 'below')), 'ERR_IO', 'file')
    await expectRejection(Database.destroy(dir('file')), 'ERR_IO', dir('file'))
    expect(readFileSync(dir('file'), 'utf8')).toBe('text')
  })

  it('a directory that cannot be made or written', async () => {
    await expectRejection(Database.open('/proc/rocksdb-live'), 'ERR_IO', '/proc/rocksdb-live')
    await expectRejection(Database.open('/proc/self'), 'ERR_IO', '/proc')
  })

  it('a directory without permission', async () => {
    const path = await made()
    const open = () => Database.open(path)
    if (process.getuid?.() !== 0) {
      chmodSync(path, 0o000)
      await expectRejection(open(), 'ERR_IO', path)
      chmodSync(path, 0o700)
      return
    }
    // Root may do everything, so a child gives that up before it opens. Nobody may enter `dir()`.
    const script = `
      const { pathToFileURL } = require('node:url')
      const addon = require('node-gyp-build')(process.argv[1]).instance()
      addon.setup({ createError: (code, message) => Object.assign(new Error(message), { code }),
        deliver: (id, error) => console.log(error ? error.code + ' ' + error.message : 'opened'),
        deliverCommits() {}, deliverReads() {}, deliverEvent() {}, deliverTimings() {} }, new Uint32Array(2), new Float64Array(9))
      process.setgroups([]); process.setgid(65534); process.setuid(65534)
      const maps = { columnFamily: {}, table: {} }
      addon.open(0, { path: process.argv[2], mode: 'read-write', secondaryPath: '', db: {},
        inMemory: false, createIfMissing: true, errorIfExists: false, createMissingColumnFamilies: true,
        strictRecovery: false, waitForLockMs: 0, openFilesBudget: 0, retainChangesBytes: 0, defaults: maps, families: [],
        shared: { block_cache_bytes: '8388608' } })`
    const root = join(__dirname, '..', '..')
    const said = execFileSync(process.execPath, ['-e', script, root, path], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(said).toMatch(/^ERR_IO .*made/)
  })

  it('a database without CURRENT: nothing is made, nothing deleted', async () => {
    const path = await made()
    rmSync(join(path, 'CURRENT'))
    const before = readdirSync(path).sort()
    await expectRejection(Database.open(path), 'ERR_CORRUPTION', 'CURRENT')
    await expectRejection(Database.open(path, { mode: 'read-only' }), 'ERR_CORRUPTION', 'CURRENT')
    await expectRejection(Database.listColumnFamilies(path), 'ERR_CORRUPTION', 'CURRENT')
    expect(readdirSync(path).sort()).toEqual(before)
  })

  it.each([
    ['garbage in the MANIFEST', (file: string) => writeFileSync(file, 'x'.repeat(4096))],
    ['an empty MANIFEST', (file: string) => truncateSync(file, 0)],
    ['no MANIFEST', (file: string) => rmSync(file)],
  ])('a database with %s', async (_, damage) => {
    const path = await made()
    for (const name of readdirSync(path)) {
      if (name.startsWith('MANIFEST-')) damage(join(path, name))
    }
    const tables = readdirSync(path).filter((name) => /\.(log|sst)$/.test(name))
    const error = await Database.open(path).catch((reason: { code: string }) => reason)
    expect(['ERR_CORRUPTION', 'ERR_IO']).toContain((error as { code: string }).code)
    expect(String(error)).toContain(path)
    expect(readdirSync(path)).toEqual(expect.arrayContaining(tables))
  })

  it('a database with garbage in CURRENT', async () => {
    const path = await made()
    writeFileSync(join(path, 'CURRENT'), 'nonsense')
    await expectRejection(Database.open(path), 'ERR_CORRUPTION', path)
  })
})
