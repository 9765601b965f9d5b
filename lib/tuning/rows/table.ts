/** How tables, the files of sorted rows, are laid out. */
import { everywhere, type Rows } from './rows'
import { CODECS, filter, kib, level, oneOf, plain, prefix } from './texts'

export const TABLE_ROWS = {
  /** A named set of other rows, below what is said explicitly. */
  profile: {
    type: 'choice',
    choices: ['balanced', 'point-lookup', 'scan', 'bulk-load'],
    presets: everywhere('balanced'),
    target: { map: 'rows', option: 'profile', text: plain },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'a named set of other options',
    help: 'Choose what the family is mostly used for; whatever is said explicitly wins over it.',
  },
  /** How blocks are compressed on disk. */
  compression: {
    type: 'choice',
    choices: ['none', 'snappy', 'lz4', 'lz4hc', 'zlib', 'bzip2', 'zstd'],
    presets: { default: 'zstd', production: 'zstd', development: 'lz4' },
    target: { map: 'columnFamily', option: 'compression', text: oneOf(CODECS) },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'how blocks are compressed',
    help:
      'zstd is smallest, lz4 fastest, none for values that are compressed already; snappy, zlib and ' +
      'bzip2 are for files that other programs must read.',
  },
  /** How blocks of the last level, where most data is, are compressed. */
  bottommostCompression: {
    type: 'choice',
    choices: ['same', 'none', 'snappy', 'lz4', 'lz4hc', 'zlib', 'bzip2', 'zstd'],
    presets: everywhere('same'),
    target: {
      map: 'columnFamily',
      option: 'bottommost_compression',
      text: oneOf({ same: 'kDisableCompressionOption', ...CODECS }),
    },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'how blocks of the last level are compressed',
    help: 'Set zstd beside compression lz4: cheap where data moves often, small where it rests.',
  },
  /** The codec's level; `'auto'` is its own default. */
  compressionLevel: {
    type: 'integer',
    unit: 'level',
    min: -7,
    max: 22,
    auto: 'the codec’s own default',
    presets: everywhere('auto'),
    target: { map: 'columnFamily', option: 'compression_opts.level', text: level },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'the codec’s level',
    help: 'Raise it where the disk is the limit, lower it where the processor is.',
  },
  /** Threads that compress the blocks of one flush or compaction. */
  compressionThreads: {
    type: 'integer',
    unit: 'threads',
    min: 1,
    max: 32,
    presets: everywhere(1),
    target: { map: 'columnFamily', option: 'compression_opts.parallel_threads', text: plain },
    scope: 'family',
    changeable: 'SetOptions',
    // Older ones have it as an experiment.
    since: { rocksdb: '10.7', before: 1 },
    what: 'threads that compress the blocks of one flush or compaction',
    help: 'Raise it where one compaction must end sooner and cores are idle; lz4 and snappy ignore it.',
  },
  /** KiB of the dictionary that each file has for zstd; 0 is none. */
  zstdDictionaryKb: {
    type: 'integer',
    unit: 'KiB',
    min: 1,
    max: 1024,
    special: { 0: 'none' },
    presets: everywhere(0),
    target: { map: 'columnFamily', option: 'compression_opts.max_dict_bytes', text: kib },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'dictionary of each file for zstd',
    help: 'Set 16 or so where values are small and alike: blocks then compress better.',
  },
  /** KiB of a block, before compression. */
  blockSizeKb: {
    type: 'integer',
    unit: 'KiB',
    min: 1,
    max: 1024,
    presets: everywhere(4),
    target: { map: 'table', option: 'block_size', text: kib },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'size of a block before compression',
    help: 'Raise it for scans and better compression; keep it small for single rows.',
  },
  /** Whether files have a filter that says which keys they cannot hold. */
  filterPolicy: {
    type: 'choice',
    choices: ['bloom', 'ribbon', 'none'],
    presets: everywhere('bloom'),
    target: { map: 'table', option: 'filter_policy', text: filter },
    scope: 'family',
    changeable: false,
    what: 'filter that says which keys a file cannot hold',
    help: 'ribbon takes 30 % less memory and more time to build; none where keys are never missed.',
  },
  /** Bits of the filter for each key. */
  bloomBitsPerKey: {
    type: 'integer',
    unit: 'bits',
    min: 1,
    max: 32,
    presets: everywhere(10),
    target: { map: 'table', option: 'filter_policy', text: filter },
    scope: 'family',
    changeable: false,
    what: 'bits of the filter for each key',
    help: 'At 10, one miss in a hundred reads a block in vain; each 5 more make it ten times fewer.',
  },
  /** Whether index and filter are cut into parts that are cached one by one. */
  partitionFilters: {
    type: 'boolean',
    presets: { default: false, production: true, development: false },
    target: { map: 'table', option: 'partition_filters', text: plain },
    scope: 'family',
    changeable: false,
    what: 'index and filter are cached in parts',
    help: 'Turn it on with files from 128 MiB, whose filter would push as many blocks out of the cache.',
  },
  /** Whether blocks have a hash index beside the sorted one. */
  dataBlockHashIndex: {
    type: 'boolean',
    presets: everywhere(false),
    target: {
      map: 'table',
      option: 'data_block_index_type',
      text: (value: boolean) => (value ? 'kDataBlockBinaryAndHash' : 'kDataBlockBinarySearch'),
    },
    scope: 'family',
    changeable: false,
    what: 'a hash index in every block',
    help: 'Turn it on where cached rows are read one by one: less processor time, a little more space.',
  },
  /** First bytes of a key that make its prefix for RocksDB; 0 is none. */
  prefixLength: {
    type: 'integer',
    unit: 'bytes',
    min: 1,
    max: 256,
    special: { 0: 'none' },
    presets: everywhere(0),
    target: { map: 'columnFamily', option: 'prefix_extractor', text: prefix },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'first bytes of a key that filters know as well',
    help: 'Set it to what all keys of a group share, where most scans stay within one group.',
  },
  /** Whether large values are kept in files of their own. */
  blobFiles: {
    type: 'boolean',
    presets: everywhere(false),
    target: { map: 'columnFamily', option: 'enable_blob_files', text: plain },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'large values are kept in files of their own',
    help: 'Turn it on for values of many KiB, which compactions then need not copy.',
  },
  /** KiB from which on a value is kept in a blob file. */
  blobMinSizeKb: {
    type: 'integer',
    unit: 'KiB',
    min: 0,
    max: 65536,
    presets: everywhere(4),
    target: { map: 'columnFamily', option: 'min_blob_size', text: kib },
    scope: 'family',
    changeable: 'SetOptions',
    what: 'size from which on a value goes to a blob file',
    help: 'Lower it where values just below it make up most of what compactions write.',
  },
} as const satisfies Rows
