/** Foreign files in a database's directory: no damage, named in a warning, left alone. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { Database } from 'rocksdb-live'
import { openAt, useTempDirectory } from '../support/database'
import { errorOf, filesOf, fingerprint } from './support'

const at = useTempDirectory()

/** Names that only resemble RocksDB's, which are exactly digits and an extension. */
const ALIKE = [
  'MANIFEST-x',
  'MANIFEST-000001.bak',
  'OPTIONS',
  'LOG.old.x',
  'CURRENT.bak',
  'access.ldb',
  'app.log',
  'npm-debug.log',
  'photo.blob',
  '000001.log.gz',
  '12a.sst',
  '.log',
  '99999999999999999999999.sst',
]

let warn: jest.SpyInstance
beforeEach(() => {
  warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => warn.mockRestore())

function write(names: readonly string[], text = 'x'): string[] {
  mkdirSync(at('db'), { recursive: true })
  for (const name of names) writeFileSync(at('db', name), text)
  return fingerprint(at('db'))
}

it('opens beside files whose names only look like its own, and leaves them', async () => {
  const before = write(ALIKE)
  for (let i = 0; i < 2; i++) {
    const db = await openAt(at('db'))
    await db.default.put('a', 'b')
    await db.flush()
    await db.close()
  }
  expect(fingerprint(at('db'))).toEqual(expect.arrayContaining(before))
  await Database.destroy(at('db'))
  expect(fingerprint(at('db'))).toEqual(before)
})

it('names them in one warning', async () => {
  write(['lock.mdb', 'data.mdb', 'notes.txt'])
  write(['app.sqlite', 'noending'], 'SQLite format 3\0 and so on')
  mkdirSync(at('db', 'lost+found'))
  await (await openAt(at('db'))).close()
  await openAt(at('db'))
  expect(warn.mock.calls).toEqual([
    [
      expect.stringContaining(
        `${at('db')}: app.sqlite (SQLite), data.mdb (lmdb), lock.mdb (lmdb), noending (SQLite), notes.txt. `,
      ),
      { type: 'DirectoryWarning', code: 'ROCKSDB_LIVE_STRANGERS' },
    ],
  ])
})

it('counts those that are too many to name', async () => {
  write(Array.from({ length: 12 }, (_, i) => `file${String(i).padStart(2, '0')}`))
  await openAt(at('db'))
  expect(warn.mock.calls[0]?.[0]).toContain('file04 and 7 more')
})

it('says nothing of its own files, hidden ones and folders', async () => {
  write(['.DS_Store'])
  mkdirSync(at('db', 'folder'))
  const db = await openAt(at('db'), { rocksdb: { db: { wal_dir: at('wal') } } })
  await db.default.put('a', 'b')
  await db.flush()
  await db.close()
  await openAt(at('db'), { rocksdb: { db: { wal_dir: at('wal') } } })
  expect(warn).not.toHaveBeenCalled()
})

it.each(['000001.sst', '000001.log', '000001.blob', '000001.ldb', 'MANIFEST-000002'])(
  'still refuses a new database over %s',
  async (name) => {
    const before = write([name])
    const error = await errorOf(Database.open(at('db')))
    expect(['ERR_CORRUPTION', 'ERR_NOT_SUPPORTED']).toContain(error.code)
    expect(fingerprint(at('db'))).toEqual(before)
    expect(filesOf(at('db'))).toEqual([name])
  },
)
