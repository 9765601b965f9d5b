import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'rocksdb-live'
import { openAt, openFresh, useTempDirectory } from '../support/database'
import { expectRejection, expectThrow, listOf } from '../support/expectations'

const dir = useTempDirectory()

/** A closed database with rows in a table file and in the WAL. */
async function made(): Promise<string> {
  const db = await openAt(dir('made'), { columnFamilies: { users: {} } })
  await db.default.put('flushed', '1')
  await db.flush()
  await db.default.put('logged', '2')
  await db.columnFamily('users').put('ada', 'lovelace')
  await db.close()
  return dir('made')
}

describe('read-only', () => {
  it('reads everything, writes nothing, and needs no lock', async () => {
    const path = await made()
    const writer = await openAt(path)
    const db = await openAt(path, { mode: 'read-only' })
    const rows = await listOf(db.default.entriesSync())
    expect(rows.map(String)).toEqual(['flushed,1', 'logged,2'])
    expect(String(await db.columnFamily('users').get('ada'))).toBe('lovelace')
    await expectRejection(db.default.put('a', 'b'), 'ERR_READ_ONLY', 'made')
    expectThrow(() => db.default.putSync('a', 'b'), 'ERR_READ_ONLY', 'made')
    await expectRejection(db.default.delete('logged'), 'ERR_READ_ONLY')
    await expectRejection(db.default.clear(), 'ERR_READ_ONLY')
    await expectRejection(db.createColumnFamily('new'), 'ERR_READ_ONLY')
    await expectRejection(db.dropColumnFamily('users'), 'ERR_READ_ONLY')
    await expectRejection(db.flush(), 'ERR_READ_ONLY')
    await expectRejection(db.compactRange(db.default), 'ERR_READ_ONLY')
    expect(await writer.default.count()).toBe(2)
    expect(writer.columnFamilies()).toEqual(['default', 'users'])
  })

  it('leaves every file as it was', async () => {
    const path = await made()
    const before = readdirSync(path).sort()
    const db = await openAt(path, { mode: 'read-only' })
    await db.default.get('flushed')
    await db.close()
    expect(readdirSync(path).sort()).toEqual(before)
  })

  it('makes nothing where there is no database', async () => {
    const opening = Database.open(dir('none'), { mode: 'read-only' })
    await expectRejection(opening, 'ERR_INVALID_ARGUMENT', dir('none'))
    expect(existsSync(dir('none'))).toBe(false)
  })
})

describe('secondary', () => {
  it('sees what the primary had written, and the rest after catchUp', async () => {
    const primary = await openAt(await made())
    const db = await openAt(primary.path, { mode: { secondary: dir('secondary') } })
    expect(String(db.default.getSync('logged'))).toBe('2')
    primary.default.putSync('later', '3')
    await primary.flushWAL({ sync: true })
    expect(db.default.getSync('later')).toBeUndefined()
    await db.catchUp()
    expect(String(db.default.getSync('later'))).toBe('3')
    expect((await listOf(db.default.keys())).map(String)).toEqual(['flushed', 'later', 'logged'])
    await primary.default.put('flushed later', '4')
    await primary.flush()
    await primary.compactRange(primary.default)
    await db.catchUp()
    expect(await db.default.count()).toBe(4)
    await expectRejection(db.default.put('a', 'b'), 'ERR_READ_ONLY')
  })

  it('is the only mode with catchUp', async () => {
    const db = await openFresh()
    await expectRejection(db.catchUp(), 'ERR_NOT_SUPPORTED', db.path)
  })

  it('cannot be in the directory of the primary', async () => {
    const path = await made()
    const opening = Database.open(path, { mode: { secondary: path } })
    await expectRejection(opening, 'ERR_INVALID_ARGUMENT', path)
  })
})

describe('listColumnFamilies', () => {
  it('lists those of a closed and of an open database', async () => {
    const path = await made()
    expect(await Database.listColumnFamilies(path)).toEqual(['default', 'users'])
    await openAt(path)
    expect(await Database.listColumnFamilies(path)).toEqual(['default', 'users'])
  })

  it('refuses where there is no database', async () => {
    await expectRejection(Database.listColumnFamilies(dir('x')), 'ERR_INVALID_ARGUMENT', dir('x'))
    expect(existsSync(dir('x'))).toBe(false)
  })
})

describe('destroy', () => {
  it('deletes the database, and leaves other files', async () => {
    const path = await made()
    writeFileSync(join(path, 'notes.txt'), 'mine')
    await Database.destroy(path)
    expect(readdirSync(path)).toEqual(['notes.txt'])
    const db = await openAt(path)
    expect(db.recovery.created).toBe(true)
  })

  it('refuses where there is no database, and deletes nothing', async () => {
    writeFileSync(dir('notes.txt'), 'mine')
    await expectRejection(Database.destroy(dir()), 'ERR_INVALID_ARGUMENT')
    await expectRejection(Database.destroy(dir('none')), 'ERR_INVALID_ARGUMENT')
    expect(readdirSync(dir())).toEqual(['notes.txt'])
  })
})

describe('repair', () => {
  it('brings back the rows of a database whose MANIFEST is gone', async () => {
    const path = await made()
    for (const name of readdirSync(path)) {
      if (name.startsWith('MANIFEST-')) rmSync(join(path, name))
    }
    await expect(Database.open(path)).rejects.toMatchObject({ name: 'RocksDBError' })
    await Database.repair(path)
    const db = await openAt(path)
    expect(String(db.default.getSync('flushed'))).toBe('1')
    expect(String(db.default.getSync('logged'))).toBe('2')
  })

  it('refuses where there is no directory', async () => {
    await expectRejection(Database.repair(dir('none')), 'ERR_INVALID_ARGUMENT', dir('none'))
  })
})

describe('health', () => {
  it('is ok, without a cause, in every mode', async () => {
    const db = await openFresh()
    db.default.putSync('a', '1')
    await db.flush()
    const reader = await openAt(db.path, { mode: 'read-only' })
    for (const one of [db, reader]) {
      expect(one.health).toBe('ok')
      expect(one.healthCause).toBeUndefined()
    }
    await db.resume()
    expect(db.health).toBe('ok')
  })
})
