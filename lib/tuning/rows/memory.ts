/** What memory holds between reads. */
import { everywhere, type Rows } from './rows'
import { mib, plain } from './texts'

export const MEMORY_ROWS = {
  /** MiB for caches and write buffers together; `'auto'` is a share of what there is, 0 is no budget. */
  memoryBudgetMb: {
    type: 'integer',
    unit: 'MiB',
    min: 16,
    max: 4194304,
    auto: 'two fifths of the memory that the process may use',
    special: { 0: 'no budget' },
    presets: everywhere(0),
    target: { map: 'rows', option: 'blockCacheMb, dbWriteBufferMb', text: plain },
    scope: 'database',
    changeable: 'SetCapacity',
    offAt0: true,
    what: 'memory for cache, write buffers, indexes and filters together',
    help: 'Set it instead of blockCacheMb and dbWriteBufferMb, so that one number says it all.',
  },
  /** MiB of the block cache, which all families of the database share. */
  blockCacheMb: {
    type: 'integer',
    unit: 'MiB',
    min: 64,
    max: 16384,
    presets: { default: 256, production: 512, development: 128 },
    target: {
      map: 'shared',
      option: 'block_cache_bytes',
      place: 'capacity of `table.block_cache`',
      text: mib,
    },
    scope: 'database',
    changeable: 'SetCapacity',
    what: 'the cache that all families share',
    help: 'Raise it until the blocks that are read again and again fit.',
  },
  /** How the block cache is made. */
  blockCacheType: {
    type: 'choice',
    choices: ['hyper-clock', 'lru'],
    presets: everywhere('hyper-clock'),
    target: {
      map: 'shared',
      option: 'block_cache_type',
      place: 'class of `table.block_cache`',
      text: plain,
    },
    scope: 'database',
    changeable: false,
    what: 'how the block cache is made',
    help:
      'Leave it: hyper-clock takes no locks and has room for large blocks; lru where address space is ' +
      'limited (ulimit -v), or your own measurement shows more hits.',
  },
  /** Whether index and filter blocks are kept in the block cache, and bounded by it. */
  cacheIndexAndFilterBlocks: {
    type: 'boolean',
    presets: everywhere(true),
    target: { map: 'table', option: 'cache_index_and_filter_blocks', text: plain },
    scope: 'family',
    changeable: false,
    what: 'indexes and filters live in the block cache',
    help: 'Turn it off only where memory is plenty: they then stay in memory beside the cache.',
  },
  /** Whether index and filter of the newest files stay in the cache. */
  pinL0FilterAndIndex: {
    type: 'boolean',
    presets: everywhere(true),
    target: { map: 'table', option: 'pin_l0_filter_and_index_blocks_in_cache', text: plain },
    scope: 'family',
    changeable: false,
    what: 'those of the newest files are never evicted',
    help: 'Leave it on: every read asks the newest files; off where the cache is very small.',
  },
  /** MiB of a cache of whole rows; 0 is none. */
  rowCacheMb: {
    type: 'integer',
    unit: 'MiB',
    min: 1,
    max: 65536,
    special: { 0: 'none' },
    presets: everywhere(0),
    target: {
      map: 'shared',
      option: 'row_cache_bytes',
      place: 'capacity of `db.row_cache`',
      text: mib,
    },
    scope: 'database',
    changeable: false,
    what: 'a cache of whole rows before the block cache',
    help:
      'Set it where a few keys are read all the time: a hit saves the whole search, a miss costs ' +
      'a little more, and RocksDB then refuses deleteRange() and clear().',
  },
} as const satisfies Rows
