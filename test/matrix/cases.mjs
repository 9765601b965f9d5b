/** Every option of the linked RocksDB, and what is tried with each. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The values tried with every option, besides structs. */
export const VALUES = [0, -1, 1, 2 ** 31 - 1, 2 ** 32, 2 ** 53 - 1, '', 'abc']

/** Objects and words that RocksDB's sources name. */
const OBJECTS = {
  'columnFamily memtable_factory': [
    'vector',
    'skip_list',
    'prefix_hash',
    'hash_linkedlist',
    'cuckoo',
  ],
  'columnFamily merge_operator': [
    ...[
      'put',
      'put_v1',
      'uint64add',
      'stringappend',
      'stringappendtest',
      'max',
      'bytesxor',
      'sortlist',
      'rocksdb-live.counter',
    ],
    ...['UInt64AddOperator', 'MergeSortOperator', 'cassandra', 'AggMergeOperator.v1'],
  ],
  'columnFamily prefix_extractor': [
    'fixed:0',
    'fixed:4',
    'capped:0',
    'capped:4',
    'noop',
    'rocksdb.Noop',
  ],
  'columnFamily comparator': ['leveldb.BytewiseComparator', 'rocksdb.ReverseBytewiseComparator'],
  'columnFamily memtable_insert_with_hint_prefix_extractor': ['fixed:4', 'capped:4', 'noop'],
  'columnFamily sst_partitioner_factory': [
    'SstPartitionerFixedPrefixFactory',
    '{id=SstPartitionerFixedPrefixFactory;length=0}',
    '{id=SstPartitionerFixedPrefixFactory;length=4}',
  ],
  'columnFamily compaction_filter': ['RemoveEmptyValueCompactionFilter'],
  'columnFamily table_factory': ['PlainTable', 'CuckooTable', 'BlockBasedTable'],
  'columnFamily compression_opts': [
    '-14:32767:0',
    '0:0:0:0:0:0',
    '{parallel_threads=0;}',
    '{parallel_threads=4294967295}',
    '0:0:0:4096:0:0:false',
  ],
  'table filter_policy': [
    'bloomfilter:10',
    'bloomfilter:0',
    'bloomfilter:-1',
    'bloomfilter:1e300',
    'ribbonfilter:10:-1',
    'ribbonfilter:0:0',
    'rocksdb.internal.Standard128RibbonFilter',
    'rocksdb.internal.DeprecatedBlockBasedBloomFilter',
  ],
  'table flush_block_policy_factory': [
    'FlushBlockBySizePolicyFactory',
    'FlushBlockEveryKeyPolicyFactory',
  ],
  'table user_defined_index_factory': ['trie_index'],
  'db file_checksum_gen_factory': ['FileChecksumGenCrc32cFactory'],
}

/** Options that are refused or harmless alone, but not together. */
const PAIRS = [
  {
    map: 'db',
    name: 'recycle_log_file_num',
    value: 4,
    beside: { db: { wal_compression: 'kZSTD', wal_recovery_mode: 'kPointInTimeRecovery' } },
  },
  {
    map: 'db',
    name: 'recycle_log_file_num',
    value: 4,
    beside: { db: { wal_recovery_mode: 'kSkipAnyCorruptedRecords' } },
  },
  {
    map: 'table',
    name: 'block_align',
    value: true,
    beside: {
      columnFamily: { compression: 'kNoCompression', bottommost_compression: 'kNoCompression' },
    },
  },
  {
    map: 'table',
    name: 'block_align',
    value: true,
    beside: { columnFamily: { compression: 'kLZ4Compression' } },
  },
  {
    map: 'table',
    name: 'index_type',
    value: 'kHashSearch',
    beside: { columnFamily: { prefix_extractor: 'fixed:4' } },
  },
  {
    map: 'table',
    name: 'no_block_cache',
    value: true,
    beside: {
      table: {
        cache_index_and_filter_blocks: false,
        pin_l0_filter_and_index_blocks_in_cache: false,
      },
    },
  },
  {
    map: 'columnFamily',
    name: 'inplace_update_support',
    value: true,
    beside: { db: { allow_concurrent_memtable_write: false } },
  },
  {
    map: 'columnFamily',
    name: 'enable_blob_direct_write',
    value: true,
    beside: {
      db: { allow_concurrent_memtable_write: false, enable_pipelined_write: false },
      columnFamily: { enable_blob_files: true },
    },
  },
  {
    map: 'columnFamily',
    name: 'memtable_factory',
    value: 'vector',
    beside: { db: { allow_concurrent_memtable_write: false } },
  },
  {
    map: 'columnFamily',
    name: 'memtable_factory',
    value: 'hash_linkedlist',
    beside: {
      db: { allow_concurrent_memtable_write: false },
      columnFamily: { prefix_extractor: 'fixed:4' },
    },
  },
  {
    map: 'columnFamily',
    name: 'memtable_factory',
    value: 'prefix_hash',
    beside: {
      db: { allow_concurrent_memtable_write: false },
      columnFamily: { prefix_extractor: 'fixed:4' },
    },
  },
  {
    map: 'db',
    name: 'two_write_queues',
    value: true,
    beside: { db: { enable_pipelined_write: false } },
  },
  {
    map: 'db',
    name: 'unordered_write',
    value: true,
    beside: { db: { enable_pipelined_write: false } },
  },
  {
    map: 'db',
    name: 'use_direct_reads',
    value: true,
    beside: {
      db: { use_direct_io_for_flush_and_compaction: true, writable_file_max_buffer_size: 0 },
    },
  },
  {
    map: 'columnFamily',
    name: 'compaction_style',
    value: 'kCompactionStyleFIFO',
    beside: { columnFamily: { compaction_options_fifo: '{max_table_files_size=0}' } },
  },
  {
    map: 'columnFamily',
    name: 'compaction_style',
    value: 'kCompactionStyleUniversal',
    beside: { columnFamily: { 'compaction_options_universal.min_merge_width': 0 } },
  },
  {
    map: 'columnFamily',
    name: 'compaction_style',
    value: 'kCompactionStyleUniversal',
    beside: { columnFamily: { num_levels: 1 } },
  },
]

/** Each of these once ended the process, hung, or lost rows. Part of every sample. */
const ONCE_BAD = [
  ['db', 'best_efforts_recovery', true],
  ['db', 'log_readahead_size', 2 ** 53 - 1],
  ['db', 'manifest_preallocation_size', 2 ** 32],
  ['db', 'max_background_jobs', 2 ** 31 - 1],
  ['db', 'max_file_opening_threads', 2 ** 31 - 1],
  ['db', 'rate_limiter_bytes_per_sec', 0],
  ['db', 'rate_limiter_bytes_per_sec', 1],
  ['db', 'table_cache_numshardbits', 2 ** 31 - 1],
  ['columnFamily', 'arena_block_size', 2 ** 31 - 1],
  ['columnFamily', 'compression_opts', '{parallel_threads=0;}'],
  ['columnFamily', 'compression_opts.parallel_threads', 0],
  ['columnFamily', 'bottommost_compression_opts', '{parallel_threads=0;enabled=true}'],
  ['columnFamily', 'bottommost_compression', 'kXpressCompression'],
  ['columnFamily', 'preclude_last_level_data_seconds', 1],
  ['columnFamily', 'memtable_factory', 'vector'],
  ['columnFamily', 'merge_operator', 'sortlist'],
  ['columnFamily', 'num_levels', 2 ** 31 - 1],
  ['columnFamily', 'sample_for_compression', 2 ** 32],
  ['table', 'block_size', 2 ** 31 - 1],
  ['table', 'index_type', 'kHashSearch'],
  ['table', 'block_align', true],
].map(([map, name, value]) => ({ map, name, value, always: true }))

/** Structs are in braces since RocksDB 10, and without them before. */
const fieldsOf = (text) =>
  text.includes('=')
    ? text
        .replace(/^\{(.*)\}$/s, '$1')
        .split(';')
        .map((part) => part.split('=')[0].trim())
        .filter(Boolean)
    : []

/** The sections of an OPTIONS file, which RocksDB writes with every option, empty ones as well. */
function readOptionsFile(directory) {
  const newest = readdirSync(directory)
    .filter((name) => name.startsWith('OPTIONS-'))
    .sort()
    .at(-1)
  const maps = { db: {}, columnFamily: {}, table: {} }
  let map
  for (const line of readFileSync(join(directory, newest), 'utf8').split('\n')) {
    const section = /^\[(\w+)/.exec(line)?.[1]
    if (section !== undefined)
      map = { DBOptions: 'db', CFOptions: 'columnFamily', TableOptions: 'table' }[section]
    const option = /^\s*(\w+)=(.*)$/.exec(line)
    if (map !== undefined && option !== null) maps[map][option[1]] = option[2]
  }
  return maps
}

/**
 * Names that are accepted but not written: old ones, and objects. Empty if the sources are not
 * here.
 */
function namesInSources(root) {
  const files = {
    db: 'options/db_options.cc',
    columnFamily: 'options/cf_options.cc',
    table: 'table/block_based/block_based_table_factory.cc',
  }
  const names = { db: [], columnFamily: [], table: [] }
  for (const [map, file] of Object.entries(files)) {
    const path = join(root, 'deps/rocksdb', file)
    if (!existsSync(path)) continue
    for (const [, name] of readFileSync(path, 'utf8').matchAll(/^\s*\{"([a-z]\w*)",/gim)) {
      if (!/^k[A-Z]|_LEVEL$/.test(name)) names[map].push(name)
    }
  }
  return names
}

/** The words of RocksDB's enumerations, for the options whose value is one. */
function wordsInSources(root) {
  const words = new Set()
  for (const file of [
    'options/options_helper.cc',
    'options/db_options.cc',
    'options/cf_options.cc',
    'table/block_based/block_based_table_factory.cc',
  ]) {
    const path = join(root, 'deps/rocksdb', file)
    if (!existsSync(path)) continue
    for (const [, word] of readFileSync(path, 'utf8').matchAll(/\{"(k[A-Z]\w+)"/g)) {
      if (!/^kCustomCompression(?!80)/.test(word)) words.add(word)
    }
  }
  return [...words]
}

/** RocksDB's options in force in a new database: by map, name and text. */
async function optionsInForce(root, scratch) {
  const { Database } = createRequire(import.meta.url)(join(root, 'dist/index.js'))
  const directory = mkdtempSync(join(scratch, 'names-'))
  try {
    const db = await Database.open(directory, { env: false })
    const { db: database, columnFamilies } = db.options()
    const maps = readOptionsFile(directory)
    await db.close()
    const { columnFamily, table } = columnFamilies.default
    return {
      db: { ...maps.db, ...database },
      columnFamily: { ...maps.columnFamily, ...columnFamily },
      table: { ...maps.table, ...table },
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** All cases, in a fixed order for each RocksDB. */
export async function allCases(root, scratch) {
  const inForce = await optionsInForce(root, scratch)
  const old = namesInSources(root)
  const words = wordsInSources(root)
  const cases = []
  const names = []
  for (const map of ['db', 'columnFamily', 'table']) {
    const all = new Set([...Object.keys(inForce[map]), ...old[map]])
    for (const name of [...all].sort()) {
      names.push(`${map} ${name}`)
      const text = inForce[map][name] ?? ''
      const fields = fieldsOf(text)
      for (const value of VALUES) cases.push({ map, name, value })
      const zeros = fields.length === 0 ? ['value'] : fields
      cases.push({ map, name, value: `{${zeros.map((field) => `${field}=0`).join(';')}}` })
      for (const field of fields) {
        cases.push({ map, name, value: `{${field}=0}` })
        names.push(`${map} ${name}.${field}`)
        for (const value of VALUES) cases.push({ map, name: `${name}.${field}`, value })
      }
      if (/^k[A-Z]/.test(text)) for (const value of words) cases.push({ map, name, value })
    }
  }
  for (const [place, values] of Object.entries(OBJECTS)) {
    const [map, name] = place.split(' ')
    for (const value of values) cases.push({ map, name, value })
  }
  return {
    names,
    cases: [...cases, ...PAIRS.map((pair) => ({ ...pair, always: true })), ...ONCE_BAD],
  }
}
