/**
 * A WAL in a folder of its own: forgotten, moved, shared with another database, destroyed with its
 * database.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Database } from 'rocksdb-live'
import { openAt, useTempDirectory } from '../support/database'
import { copyDirectory, errorOf, filesOf, fingerprint } from './support'

const at = useTempDirectory()
const withWal = (name: string) => ({ rocksdb: { db: { wal_dir: at(name) } } })
const MARK = 'rocksdb-live.wal'

/** A database with its WAL in `wal`, and a row that is only in the WAL. */
async function written(): Promise<void> {
  const db = await Database.open(at('db'), withWal('wal'))
  await db.default.put('flushed', '1')
  await db.flush()
  await db.default.put('logged', '2', { sync: true })
  await db.close()
}

/** The rows found when it is opened with these options. */
async function rows(path: string, options = {}): Promise<string[]> {
  const db = await openAt(path, options)
  const keys = [...db.default.keysSync()].map(String)
  await db.close()
  return keys
}

const refused = async (path: string, options = {}) => {
  const error = await errorOf(Database.open(path, options))
  expect(error).toMatchObject({ code: 'ERR_OPTIONS_MISMATCH' })
  return error.message
}

it.each(['read-write', 'read-only', 'secondary'])(
  'is missed in mode %s, and nothing changes',
  async (name) => {
    await written()
    const mode = name === 'secondary' ? { secondary: at('secondary') } : name
    const before = [fingerprint(at('db')), fingerprint(at('wal'))]
    expect(await refused(at('db'), { mode })).toContain(at('wal'))
    const other = await refused(at('db'), { mode, ...withWal('other') })
    expect(other).toContain(at('wal'))
    expect(other).toContain(at('other'))
    expect([fingerprint(at('db')), fingerprint(at('wal'))]).toEqual(before)
    expect(existsSync(at('other'))).toBe(false)
    expect(await rows(at('db'), { mode, ...withWal('wal') })).toEqual(['flushed', 'logged'])
  },
)

it('is missed where there was none of its own before', async () => {
  const db = await openAt(at('db'))
  await db.default.put('logged', '2', { sync: true })
  await db.close()
  expect(await refused(at('db'), withWal('wal'))).toMatch(/without wal_dir/)
  mkdirSync(at('wal'))
  for (const name of filesOf(at('db'), /\.log$/)) renameSync(at('db', name), at('wal', name))
  expect(await rows(at('db'), withWal('wal'))).toEqual(['logged'])
})

it('may be moved with its files, there and back', async () => {
  await written()
  renameSync(at('wal'), at('moved'))
  expect(await rows(at('db'), withWal('moved'))).toEqual(['flushed', 'logged'])
  for (const name of filesOf(at('moved'), /\.log$/)) renameSync(at('moved', name), at('db', name))
  expect(await rows(at('db'))).toEqual(['flushed', 'logged'])
})

it('is the same by another spelling, from another folder', async () => {
  const relativeWal = relative(process.cwd(), at('wal'))
  const db = await openAt(at('db'), { rocksdb: { db: { wal_dir: relativeWal } } })
  await db.default.put('a', '1', { sync: true })
  const again = await openAt(at('db'), { rocksdb: { db: { wal_dir: `${at('wal')}/` } } })
  await again.close()
  await db.close()
  expect(await rows(at('db'), withWal('wal'))).toEqual(['a'])
})

it('may be left where it has no rows', async () => {
  const db = await openAt(at('db'), withWal('wal'))
  await db.default.put('a', '1')
  await db.flush()
  await db.close()
  expect(await rows(at('db'))).toEqual(['a'])
})

describe('of another database', () => {
  it('is refused to a checkpoint, which opens with its own', async () => {
    const db = await openAt(at('db'), withWal('wal'))
    await db.default.put('a', '1', { sync: true })
    await db.checkpoint(at('checkpoint'))
    await db.default.put('b', '2', { sync: true })
    expect((await errorOf(Database.open(at('checkpoint'), withWal('wal')))).message).toContain(
      at('db'),
    )
    await db.close()
    const before = fingerprint(at('wal'))
    expect(await refused(at('checkpoint'), withWal('wal'))).toContain(at('db'))
    expect(await rows(at('checkpoint'))).toEqual(['a'])
    expect(await refused(at('checkpoint'), withWal('wal'))).toContain(at('db'))
    expect(fingerprint(at('wal'))).toEqual(before)
    expect(await rows(at('db'), withWal('wal'))).toEqual(['a', 'b'])
  })

  it('is refused to a checkpoint although nothing says whose it is', async () => {
    const db = await openAt(at('db'), withWal('wal'))
    await db.default.put('a', '1', { sync: true })
    await db.checkpoint(at('checkpoint'))
    await db.default.put('b', '2', { sync: true })
    await db.close()
    rmSync(at('wal', MARK))
    expect(await refused(at('checkpoint'), withWal('wal'))).toContain(at('wal'))
    expect(await rows(at('checkpoint'))).toEqual(['a'])
  })

  it('is refused to a new database', async () => {
    await written()
    expect(await refused(at('new'), withWal('wal'))).toContain(at('db'))
    rmSync(at('wal', MARK))
    expect(await refused(at('new'), withWal('wal'))).toContain(at('wal'))
    expect(await refused(at('new'), { rocksdb: { db: { wal_dir: at('db') } } })).toContain(at('db'))
    expect(await rows(at('db'), withWal('wal'))).toEqual(['flushed', 'logged'])
  })

  it('is refused while that is open, even without a mark', async () => {
    const db = await openAt(at('db'), withWal('wal'))
    rmSync(at('wal', MARK))
    for (const name of filesOf(at('wal'))) expect(name).toMatch(/\.log$/)
    const error = await errorOf(Database.open(at('new'), withWal('wal')))
    expect(['ERR_LOCKED', 'ERR_OPTIONS_MISMATCH']).toContain(error.code)
    await db.close()
  })

  it('is refused to a copy while the original is there', async () => {
    await written()
    copyDirectory(at('db'), at('copy'))
    expect(await refused(at('copy'), withWal('wal'))).toContain(at('db'))
    renameSync(at('db'), at('gone'))
    rmSync(at('gone'), { recursive: true })
    expect(await rows(at('copy'), withWal('wal'))).toEqual(['flushed', 'logged'])
  })
})

describe('destroy', () => {
  it('takes the WAL folder along', async () => {
    await written()
    await Database.destroy(at('db'))
    expect(existsSync(at('db'))).toBe(false)
    expect(existsSync(at('wal'))).toBe(false)
  })

  it.each([true, false])(
    "of a checkpoint leaves its original's alone (marked: %s)",
    async (marked) => {
      const db = await openAt(at('db'), withWal('wal'))
      await db.default.put('a', '1', { sync: true })
      await db.checkpoint(at('checkpoint'))
      await db.close()
      if (!marked) rmSync(at('wal', MARK))
      const before = fingerprint(at('wal'))
      await Database.destroy(at('checkpoint'))
      expect(existsSync(at('checkpoint'))).toBe(false)
      expect(fingerprint(at('wal'))).toEqual(before)
      expect(await rows(at('db'), withWal('wal'))).toEqual(['a'])
    },
  )
})

it('leaves what else is in its folder alone', async () => {
  await written()
  expect(readdirSync(join(at('wal'))).sort()).toContain(MARK)
  await openAt(at('db'), withWal('wal'))
  expect(readdirSync(at('wal')).sort()).toContain(MARK)
})
