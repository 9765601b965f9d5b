// What scripts/compatibility.mjs writes with this package, by the names in its tables.

const tuned = (tuning, rocksdb) => ({ options: { tuning, ...(rocksdb && { rocksdb }) } })
const passed = (map, options, tuning = {}) => tuned(tuning, { [map]: options })

/** The rows that every kind of file is tested with: see write() of rows.cjs. */
const FILES = {
  'preset `default`': { options: {} },
  'preset `production`': { options: { preset: 'production' } },
  'preset `development`, which has no WAL': { options: { preset: 'development' } },
  ...Object.fromEntries(
    ['none', 'snappy', 'lz4', 'lz4hc', 'zlib', 'bzip2', 'zstd'].map((compression) => [
      `\`compression: '${compression}'\``,
      tuned({ compression }),
    ]),
  ),
  "`compression: 'lz4'`, `bottommostCompression: 'zstd'`": tuned({
    compression: 'lz4',
    bottommostCompression: 'zstd',
  }),
  '`zstdDictionaryKb: 16`, trained': tuned({ zstdDictionaryKb: 16 }),
  '`zstdDictionaryKb: 16`, not trained': passed(
    'columnFamily',
    { compression_opts: '{max_dict_bytes=16384;zstd_max_train_bytes=0}' },
    { zstdDictionaryKb: 16 },
  ),
  "`filterPolicy: 'ribbon'`": tuned({ filterPolicy: 'ribbon' }),
  "`filterPolicy: 'none'`": tuned({ filterPolicy: 'none' }),
  '`partitionFilters`': tuned({ partitionFilters: true }),
  '`dataBlockHashIndex`': tuned({ dataBlockHashIndex: true }),
  '`prefixLength: 4`': tuned({ prefixLength: 4 }),
  '`blobFiles`': tuned({ blobFiles: true }),
  "`compactionStyle: 'universal'`": tuned({ compactionStyle: 'universal' }),
  "`compactionStyle: 'fifo'`": tuned({ compactionStyle: 'fifo' }),
  "`walCompression: 'zstd'`": tuned({ walCompression: 'zstd' }),
  '`wal_dir`, and the reader is told of it': { options: {}, walFolder: 'wal' },
  ...Object.fromEntries(
    ['kCRC32c', 'kxxHash', 'kxxHash64', 'kXXH3'].map((checksum) => [
      `\`table.checksum: '${checksum}'\``,
      passed('table', { checksum }),
    ]),
  ),
  "`table.index_type: 'kHashSearch'`": passed(
    'table',
    { index_type: 'kHashSearch' },
    { prefixLength: 4 },
  ),
  "`table.index_type: 'kBinarySearchWithFirstKey'`": passed('table', {
    index_type: 'kBinarySearchWithFirstKey',
  }),
  '`db.recycle_log_file_num: 2`': passed('db', { recycle_log_file_num: 2 }),
  'ranges deleted over several levels, below snapshots': {
    write: 'write-ranges',
    options: {
      tuning: { compactionDynamic: false, writeBufferMb: 16 },
      rocksdb: {
        columnFamily: {
          target_file_size_base: 8192,
          max_bytes_for_level_base: 65536,
          max_bytes_for_level_multiplier: 4,
          level0_file_num_compaction_trigger: 2,
          max_compaction_bytes: 65536,
        },
      },
    },
  },
}

/** Features that RocksDB 9.7 does not know, each in the newest format and in that of 9.7. */
const NEWER = {
  nothing: { options: {} },
  '`table.separate_key_value_in_data_block`': passed('table', {
    separate_key_value_in_data_block: true,
  }),
  '`table.uniform_cv_threshold: 10`': passed('table', { uniform_cv_threshold: 10 }),
  '`table.super_block_alignment_size`': passed('table', {
    super_block_alignment_size: 32768,
  }),
  '`db.track_and_verify_wals`': passed('db', { track_and_verify_wals: true }),
}

/** Every variant of `variants` with this value of `compatibleWith`. */
function compatible(variants, compatibleWith) {
  return Object.entries(variants).map(([name, { options, ...rest }]) => {
    const tuning = { ...options.tuning, compatibleWith }
    return { name, ...rest, options: { ...options, tuning } }
  })
}

/** The same as tables of a format that RocksDB 9.7 reads, so that it reaches the option. */
function inOldFormat(variants) {
  return variants.map(({ name, options, ...rest }) => {
    const table = { ...options.rocksdb?.table, format_version: 6 }
    const rocksdb = { ...options.rocksdb, table }
    return { name: `${name}, \`format_version: 6\``, ...rest, options: { ...options, rocksdb } }
  })
}

const newer = compatible(NEWER, '11')

/** The tables for our files: what is written, and which RocksDBs must read it. */
export const OUR_FILES = [
  {
    name: "ours, compatibleWith '9'",
    readers: ['8.11.4', '9.0.0', '9.7.4', '10.10.1', '11.8.1', 'other'],
    variants: compatible(FILES, '9'),
  },
  {
    name: "ours, compatibleWith '7'",
    readers: ['7.0.4', 'ldb', '7.10.2', '8.0.0', '9.7.4', 'other'],
    variants: compatible(FILES, '7'),
  },
  {
    name: "ours, compatibleWith '11'",
    readers: ['9.7.4', '10.10.1', '11.8.1', 'other'],
    variants: [...newer, ...inOldFormat(newer.slice(1))],
  },
]
