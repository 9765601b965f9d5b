import { TuningError } from '../../lib/base/errors'
import { resolveTuning, type TuningRequest } from '../../lib/tuning'

type Asked = Partial<TuningRequest>

const resolve = (asked: Asked) =>
  resolveTuning({
    openFileLimit: 0,
    libraries: {},
    zstdDictionaryTraining: false,
    memoryLimitBytes: 2 ** 34,
    ...asked,
  })

describe('RocksDB options by their own names', () => {
  it.each([
    [16384, '16384'],
    [-1, '-1'],
    [0.25, '0.25'],
    [true, 'true'],
    ['kFlushOnly', 'kFlushOnly'],
    ['', ''],
  ])('%p is passed as %p', (value, text) => {
    const rocksdb = { db: { a: value }, columnFamily: { b: value }, table: { c: value } }
    const resolved = resolve({ rocksdb })
    expect(resolved.db['a']).toBe(text)
    expect(resolved.defaults.columnFamily['b']).toBe(text)
    expect(resolved.defaults.table['c']).toBe(text)
  })

  it('are applied last, for all families and then for one, and reported', () => {
    const { defaults, families, report } = resolve({
      tuning: { compression: 'lz4' },
      rocksdb: { columnFamily: { compression: 'kZSTD', num_levels: 4 } },
      columnFamilies: {
        cold: { rocksdb: { columnFamily: { num_levels: 5 } } },
        raw: {
          tuning: { compression: 'zstd' },
          rocksdb: { columnFamily: { compression: 'kNoCompression' } },
        },
      },
    })
    expect(defaults.columnFamily).toMatchObject({ compression: 'kZSTD', num_levels: '4' })
    expect(families['cold']?.columnFamily).toMatchObject({ compression: 'kZSTD', num_levels: '5' })
    expect(families['raw']?.columnFamily).toMatchObject({
      compression: 'kNoCompression',
      num_levels: '4',
    })
    expect(report().options.compression).toMatchObject({
      value: 'lz4',
      rocksdb: { text: 'kZSTD' },
      overriddenBy: 'rocksdb.columnFamily.compression',
    })
    expect(report().columnFamilies).toEqual({
      cold: {},
      raw: {
        compression: expect.objectContaining({
          value: 'zstd',
          rocksdb: { map: 'columnFamily', option: 'compression', text: 'kNoCompression' },
          overriddenBy: 'columnFamilies.raw.rocksdb.columnFamily.compression',
        }),
      },
    })
  })

  it('may replace what every preset sets', () => {
    const rocksdb = { db: { max_open_files: 100 }, table: { filter_policy: 'ribbonfilter:10' } }
    const resolved = resolve({ rocksdb })
    expect(resolved.db['max_open_files']).toBe('100')
    expect(resolved.defaults.table['filter_policy']).toBe('ribbonfilter:10')
  })

  it('that are undefined or inherited are none', () => {
    const db = Object.assign(Object.create({ inherited: 1 }), { absent: undefined })
    expect(resolve({ rocksdb: { db } }).db).not.toHaveProperty('inherited')
    expect(resolve({ rocksdb: { db } }).db).not.toHaveProperty('absent')
  })

  it('may be called anything, so that RocksDB can name what it does not know', () => {
    const db = JSON.parse('{ "__proto__": "x" }')
    expect(Object.keys(resolve({ rocksdb: { db } }).db)).toContain('__proto__')
  })

  it.each([
    [null],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [2 ** 53],
    [-(2 ** 53)],
    [5n],
    [{}],
    [['a']],
    [() => 1],
    [Symbol('s')],
  ])('cannot be %p', (value) => {
    expectRefused({ rocksdb: { db: { x: value } } }, 'x', 'rocksdb.db.x', 'must be a string')
  })

  it('cannot hold lone surrogates', () => {
    expect(() => resolve({ rocksdb: { db: { x: '\ud800' } } })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    )
  })

  it.each([
    [{ rocksdb: { database: {} } }, 'ERR_INVALID_ARG_VALUE'],
    [{ rocksdb: { db: 5 } }, 'ERR_INVALID_ARG_TYPE'],
    [{ rocksdb: [] }, 'ERR_INVALID_ARG_TYPE'],
    [{ columnFamilies: { a: { rocksdb: { db: {} } } } }, 'ERR_INVALID_ARG_VALUE'],
  ])('stand in their maps: %p', (asked, code) => {
    expect(() => resolve(asked)).toThrow(expect.objectContaining({ code }))
  })
})

describe('RocksDB options that cannot be passed through', () => {
  it.each([
    ['db', 'create_if_missing', true, 'createIfMissing'],
    ['db', 'error_if_exists', true, 'errorIfExists'],
    ['db', 'create_missing_column_families', true, 'createMissingColumnFamilies'],
    ['db', 'env', 'mem', 'environment'],
    ['columnFamily', 'table_factory', 'PlainTable', 'table'],
    ['columnFamily', 'block_based_table_factory', '{block_cache=1M}', 'table'],
    ['columnFamily', 'block_based_table_factory.block_cache', '1M', 'table'],
    ['columnFamily', 'plain_table_factory', '{}', 'block-based'],
    ['columnFamily', 'comparator', 'rocksdb.ReverseBytewiseComparator', 'BytewiseComparator'],
    ['table', 'block_cache', '8M', 'blockCacheMb'],
    ['table', 'block_cache.capacity', '8M', 'blockCacheMb'],
  ])('%s: %s', (map, option, value, said) => {
    const rocksdb = { [map]: { [option]: value } }
    expectRefused({ rocksdb }, option, `rocksdb.${map}.${option}`, said)
    if (map === 'db') return
    const source = `columnFamilies.a.rocksdb.${map}.${option}`
    expectRefused({ columnFamilies: { a: { rocksdb } } }, option, source, said)
  })

  it('the order that there is can be named', () => {
    const columnFamily = { comparator: 'leveldb.BytewiseComparator' }
    expect(resolve({ rocksdb: { columnFamily } }).defaults.columnFamily).toMatchObject(columnFamily)
  })
})

describe('training of zstd dictionaries', () => {
  const TRAINING: [string, string | number | boolean][] = [
    ['compression_opts', '{max_dict_bytes=16384;zstd_max_train_bytes=1638400}'],
    ['compression_opts', 'zstd_max_train_bytes=1M;'],
    ['compression_opts', '{ zstd_max_train_bytes = 100 ; level=3 }'],
    ['compression_opts', '-14:32767:0:16384:1638400'],
    ['compression_opts', '{use_zstd_dict_trainer=true}'],
    ['bottommost_compression_opts', '{zstd_max_train_bytes=1}'],
    ['compression_opts.zstd_max_train_bytes', 1024],
    ['compression_opts.use_zstd_dict_trainer', true],
  ]

  it.each(TRAINING)('is refused where this build has none: %s = %p', (option, value) => {
    const rocksdb = { columnFamily: { [option]: value } }
    expectRefused({ rocksdb }, option, `rocksdb.columnFamily.${option}`, 'cannot train')
  })

  it.each(TRAINING)('is passed where it has: %s = %p', (option, value) => {
    const rocksdb = { columnFamily: { [option]: value } }
    const { columnFamily } = resolve({ rocksdb, zstdDictionaryTraining: true }).defaults
    expect(columnFamily[option]).toBe(String(value))
  })

  it.each([
    ['compression_opts', '{level=3;max_dict_bytes=16384}'],
    ['compression_opts', '{use_zstd_dict_trainer=true;zstd_max_train_bytes=0;level=32767}'],
    ['compression_opts', '-14:32767:0:16384:0'],
    ['compression_opts', '-14:32767:0'],
    ['compression_opts.level', 3],
    ['compression_opts.zstd_max_train_bytes', 0],
    ['compression_opts.use_zstd_dict_trainer', false],
  ])('does not happen with %s = %p', (option, value) => {
    const rocksdb = { columnFamily: { [option]: value } }
    expect(resolve({ rocksdb }).defaults.columnFamily[option]).toBe(String(value))
  })
})

function expectRefused(asked: Asked, option: string, source: string, said: string): void {
  let refused: unknown
  try {
    resolve(asked)
  } catch (error) {
    refused = error
  }
  expect(refused).toBeInstanceOf(TuningError)
  expect(refused).toMatchObject({ code: 'ERR_INVALID_TUNING', option, source })
  expect((refused as Error).message).toContain(said)
}
