/** Which RocksDBs can read the files: `compatibleWith`, and the codecs in a directory. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Database, type OpenOptions, type Tuning, versions } from 'rocksdb-live'
import { PRESETS } from '../../lib/tuning'
import { useTempDirectory } from '../support/database'

const dir = useTempDirectory()
const isNew = !versions.rocksdb.startsWith('9.')

type Compression = NonNullable<Tuning['compression']>

const tables = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => name.endsWith('.sst'))
    .map((name) => join(path, name))

/** format_version is in the last 12 bytes of a table, before the magic number of 8 bytes. */
function formatOf(path: string): number[] {
  return tables(path).map((file) => {
    const bytes = readFileSync(file)
    return bytes.readUInt32LE(bytes.length - 12)
  })
}

const value = (id: number) =>
  JSON.stringify({ id, name: `user number ${id}`, city: 'Zürich', active: id % 2 === 0 })

/** Writes 3,000 small, similar rows into one table of the last level. */
async function fill(path: string, tuning: Tuning): Promise<void> {
  await using db = await Database.open(path, { env: false, tuning })
  const batch = db.batch()
  for (let id = 0; id < 3000; id += 1) batch.put(db.default, `user${id}`, value(id))
  await batch.write()
  await db.flush()
  await db.compactRange('default', undefined, { bottommost: true })
}

async function expectRows(path: string, tuning: Tuning = {}): Promise<void> {
  await using db = await Database.open(path, { env: false, tuning, mode: 'read-only' })
  expect(await db.default.count()).toBe(3000)
  expect(String(await db.default.get('user2999'))).toBe(value(2999))
}

/** A RocksDB that cannot write what only 11 reads refuses it by name, and creates nothing. */
async function expectNo11(rocksdb: OpenOptions['rocksdb'] = {}): Promise<void> {
  const tuning: Tuning = { compatibleWith: '11' }
  await expect(Database.open(dir('db'), { env: false, tuning, rocksdb })).rejects.toMatchObject({
    code: 'ERR_INVALID_TUNING',
    option: 'compatibleWith',
    message: expect.stringContaining(versions.rocksdb),
  })
  expect(readdirSync(dir())).toEqual([])
}

describe('compatibleWith', () => {
  const FORMATS: [Tuning['compatibleWith'] & string, number][] = [
    ['11', 7],
    ['9', 6],
    ['8', 5],
    ['7', 5],
  ]
  it.each(FORMATS)('%s writes tables of format_version %d', async (compatibleWith, format) => {
    if (compatibleWith === '11' && !isNew) return expectNo11()
    await fill(dir('db'), { compatibleWith })
    expect(new Set(formatOf(dir('db')))).toEqual(new Set([format]))
    await expectRows(dir('db'))
  })

  it('is 9 where nothing is said', async () => {
    await fill(dir('db'), {})
    expect(new Set(formatOf(dir('db')))).toEqual(new Set([6]))
  })

  const NEWER: ['db' | 'table', string, string | boolean | number][] = [
    ['db', 'track_and_verify_wals', true],
    ['table', 'separate_key_value_in_data_block', true],
    ['table', 'uniform_cv_threshold', 0.2],
    ['table', 'format_version', 7],
    ['table', 'format_version', '7x'],
  ]

  it.each(NEWER)('refuses %s.%s = %p below 11, and says why', async (map, option, text) => {
    const rocksdb = { [map]: { [option]: text } }
    await expect(Database.open(dir('db'), { env: false, rocksdb })).rejects.toMatchObject({
      code: 'ERR_INVALID_TUNING',
      option,
      message: expect.stringMatching(/RocksDB option .* compatibleWith to '11'/),
    })
    expect(readdirSync(dir())).toEqual([])
  })

  it('refuses them for one family as well', async () => {
    const columnFamilies = { users: { rocksdb: { table: { format_version: 7 } } } }
    await expect(Database.open(dir('db'), { env: false, columnFamilies })).rejects.toMatchObject({
      code: 'ERR_INVALID_TUNING',
      source: 'columnFamilies.users.rocksdb.table.format_version',
    })
    await using db = await Database.open(dir('other'), { env: false })
    await expect(db.createColumnFamily('users', columnFamilies.users)).rejects.toMatchObject({
      code: 'ERR_INVALID_TUNING',
      option: 'format_version',
    })
  })

  it.each(NEWER)('with 11, %s.%s = %p is passed', async (map, option, text) => {
    const rocksdb = { [map]: { [option]: text } }
    if (!isNew) return expectNo11(rocksdb)
    const tuning: Tuning = { compatibleWith: '11' }
    await using db = await Database.open(dir('db'), { env: false, tuning, rocksdb })
    await db.default.put('key', 'value', { sync: true })
    expect(String(await db.default.get('key'))).toBe('value')
  })

  it('allows what is harmless below 11', async () => {
    const rocksdb = { table: { format_version: 5 } }
    await using db = await Database.open(dir('db'), { env: false, rocksdb })
    expect(db.options().columnFamilies['default']?.table['format_version']).toBe('5')
  })
})

describe('what compatibleWith promises', () => {
  it.each(PRESETS)('preset %s has nothing on that RocksDB 9.7 cannot read', async (preset) => {
    await using db = await Database.open(dir('db'), { env: false, preset })
    const { db: database, columnFamilies } = db.options()
    const { columnFamily = {}, table = {} } = columnFamilies['default'] ?? {}
    const found = {
      walsAreChained: database['track_and_verify_wals'] ?? 'false',
      blobsAreDirect: columnFamily['enable_blob_direct_write'] ?? 'false',
      keysAreApart: table['separate_key_value_in_data_block'] ?? 'false',
      indexIsMarked: Number(table['uniform_cv_threshold'] ?? -1) >= 0,
      format: table['format_version'],
    }
    expect(found).toEqual({
      walsAreChained: 'false',
      blobsAreDirect: 'false',
      keysAreApart: 'false',
      indexIsMarked: false,
      format: '6',
    })
  })

  it('holds for families that are created later', async () => {
    await using db = await Database.open(dir('db'), {
      env: false,
      tuning: { compatibleWith: '7' },
    })
    const family = await db.createColumnFamily('later')
    await family.put('key', 'value')
    await db.flush()
    expect(new Set(formatOf(dir('db')))).toEqual(new Set([5]))
  })

  it('cannot change while open, and changes what is written after a reopen', async () => {
    {
      await using db = await Database.open(dir('db'), { env: false })
      await db.default.put('key', 'value')
      await db.flush()
      await expect(db.setOptions({ compatibleWith: '8' })).rejects.toMatchObject({
        code: 'ERR_INVALID_TUNING',
        option: 'compatibleWith',
      })
      expect(db.tuning().options.compatibleWith).toMatchObject({
        value: '9',
        rocksdb: { text: '6', inForce: '6' },
      })
    }
    await using db = await Database.open(dir('db'), {
      env: false,
      tuning: { compatibleWith: '8' },
    })
    expect(formatOf(dir('db'))).toEqual([6])
    await db.compactRange('default', undefined, { bottommost: true })
    expect(String(await db.default.get('key'))).toBe('value')
    expect(formatOf(dir('db'))).toEqual([5])
  })

  it('7 excludes a compressed WAL, of which RocksDB 7.0 loses rows', async () => {
    const tuning: Tuning = { compatibleWith: '7' }
    const byName = (wal_compression: string) => ({ db: { wal_compression } })
    await expect(
      Database.open(dir('db'), { env: false, tuning: { ...tuning, walCompression: 'zstd' } }),
    ).rejects.toMatchObject({
      code: 'ERR_INVALID_TUNING',
      option: 'walCompression',
      message: expect.stringContaining('7.10.2'),
    })
    await expect(
      Database.open(dir('db'), { env: false, tuning, rocksdb: byName('kZSTD') }),
    ).rejects.toMatchObject({
      code: 'ERR_INVALID_TUNING',
      source: 'rocksdb.db.wal_compression',
      message: expect.stringContaining('7.10.2'),
    })
    expect(readdirSync(dir())).toEqual([])
    const rocksdb = byName('kNoCompression')
    await using db = await Database.open(dir('db'), { env: false, tuning, rocksdb })
    expect(db.options().db['wal_compression']).toBe('kNoCompression')
  })

  it.each(['11', '9', '8', '7'] as const)(
    '%s never has blobs that a crash loses',
    async (compatibleWith) => {
      const rocksdb = { columnFamily: { enable_blob_direct_write: true } }
      const opening = Database.open(dir('db'), { env: false, tuning: { compatibleWith }, rocksdb })
      await expect(opening).rejects.toMatchObject({
        code: 'ERR_INVALID_TUNING',
        option: 'enable_blob_direct_write',
        message: expect.stringContaining('after a crash'),
      })
    },
  )
})

describe('codecs', () => {
  const CODECS: Compression[] = ['none', 'snappy', 'lz4', 'lz4hc', 'zlib', 'bzip2', 'zstd']
  const plain = new Set(['none', 'lz4', 'lz4hc', 'zstd'])

  it.each(CODECS)(
    '%s: what is written is read, whatever is asked for then',
    async (compression) => {
      if (!plain.has(compression) && !(compression in versions)) {
        const opening = Database.open(dir('db'), { env: false, tuning: { compression } })
        return expect(opening).rejects.toMatchObject({
          code: 'ERR_INVALID_TUNING',
          message: expect.stringContaining('this build was compiled without it'),
        })
      }
      await fill(dir('db'), { compression })
      await expectRows(dir('db'), { compression: 'none' })
    },
  )

  it('makes files smaller, each of them', async () => {
    await fill(dir('none'), { compression: 'none' })
    const sizeOf = (name: string) =>
      tables(dir(name)).reduce((sum, file) => sum + statSync(file).size, 0)
    for (const compression of CODECS.slice(1)) {
      if (!plain.has(compression) && !(compression in versions)) continue
      await fill(dir(compression), { compression })
      expect([compression, sizeOf(compression) < sizeOf('none') * 0.7]).toEqual([compression, true])
    }
  })

  it('zstdDictionaryKb trains a dictionary where zstd can, and makes small blocks smaller', async () => {
    const tuning: Tuning = { compression: 'zstd', blockSizeKb: 1 }
    await fill(dir('without'), tuning)
    await fill(dir('with'), { ...tuning, zstdDictionaryKb: 4 })
    const sizeOf = (name: string) =>
      tables(dir(name)).reduce((sum, file) => sum + statSync(file).size, 0)
    expect(sizeOf('with')).toBeLessThan(sizeOf('without'))
    await expectRows(dir('with'))
    await using db = await Database.open(dir('with'), {
      env: false,
      tuning: { zstdDictionaryKb: 4 },
    })
    const options = db.options().columnFamilies['default']?.columnFamily['compression_opts']
    expect(options).toContain(`zstd_max_train_bytes=${isNew ? 4096 * 100 : 0}`)
  })

  it('zstdDictionaryKb puts a dictionary of zstd’s own form into the file where it trains', async () => {
    await fill(dir('db'), { compression: 'zstd', blockSizeKb: 1, zstdDictionaryKb: 4 })
    await fill(dir('without'), { compression: 'zstd', blockSizeKb: 1 })
    // An untrained dictionary is a piece of the data, without this number before it.
    const magic = Buffer.from([0x37, 0xa4, 0x30, 0xec])
    const has = (name: string) =>
      tables(dir(name)).some((file) => readFileSync(file).includes(magic))
    expect([has('db'), has('without')]).toEqual([isNew, false])
  })
})
