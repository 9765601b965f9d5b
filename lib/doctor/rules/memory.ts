/** Rules about the block cache and the memory of the process. */
import { isKnown, type OpenEvidence } from '../evidence'
import { MIB, OTHERS_MEMORY, percent, type Rule, sizeText, whyUnknown } from '../rule'

const INDEX_SHARE = 0.5
const LEAST_CACHE = 8 * MIB
const LEAST_LOOKUPS = 10_000
const LEAST_HITS = 0.8
const PINNED_SHARE = 0.7
const MANY_CORES = 16
const UNACCOUNTED_SHARE = 0.3
const LEAST_UNACCOUNTED = 512 * MIB

const indexes: Rule = {
  rule: 'indexes-fill-cache',
  options: ['partitionFilters', 'blockCacheMb', 'blockSizeKb'],
  judge({ open, opened }) {
    if (!isKnown(open)) return whyUnknown(open)
    if (opened !== 'live') return { unknown: OTHERS_MEMORY }
    const readers = open.properties['rocksdb.estimate-table-readers-mem'] ?? 0
    if (!isKnown(open.cache)) return open.cache
    const { capacity, bytes } = open.cache
    const inside =
      (bytes['index-block'] ?? 0) + (bytes['filter-block'] ?? 0) + (bytes['filter-meta-block'] ?? 0)
    const outside = readers > Math.max(capacity, LEAST_CACHE)
    if (!outside && (capacity < LEAST_CACHE || inside <= INDEX_SHARE * capacity)) return undefined
    return {
      severity: 'warning',
      what: outside
        ? `Indexes and filters take ${sizeText(readers)} outside of the block cache.`
        : `Indexes and filters take ${percent(inside / capacity)} of the block cache, and push blocks of rows out.`,
      cause: 'The indexes and filters of all tables are larger than the cache was sized for.',
      remedy:
        'Partition them (partitionFilters) so that only the parts in use stay, make blocks larger (blockSizeKb), use ribbon filters (filterPolicy), or raise blockCacheMb.',
      option: { name: 'partitionFilters', suggestion: 'true' },
      evidence: [
        {
          source: 'rocksdb.fast-block-cache-entry-stats',
          text: `index and filter blocks ${sizeText(inside)}, capacity ${sizeText(capacity)}`,
        },
        { source: 'rocksdb.estimate-table-readers-mem', text: String(readers) },
      ],
    }
  },
}

const thrash: Rule = {
  rule: 'cache-too-small',
  options: ['blockCacheMb'],
  judge({ open, opened }) {
    if (!isKnown(open)) return whyUnknown(open)
    if (opened !== 'live') return { unknown: OTHERS_MEMORY }
    if (!isKnown(open.statistics)) return whyUnknown(open.statistics)
    const { tickers } = open.statistics
    const [hits, misses] = [
      tickers['rocksdb.block.cache.hit'] ?? 0,
      tickers['rocksdb.block.cache.miss'] ?? 0,
    ]
    const capacity = open.figures['block_cache_capacity_bytes'] ?? 0
    const pinned = open.figures['block_cache_pinned_bytes'] ?? 0
    const ratio = hits / (hits + misses)
    if (hits + misses < LEAST_LOOKUPS || ratio >= LEAST_HITS) return undefined
    if (capacity === 0 || pinned <= PINNED_SHARE * capacity) return undefined
    return {
      severity: 'warning',
      what: `Only ${percent(ratio)} of the blocks that are read are in the cache, of which ${percent(pinned / capacity)} is pinned.`,
      cause:
        'What is pinned (indexes, filters, blocks of open iterators) leaves little room for blocks that are read again.',
      remedy:
        'Raise blockCacheMb, read once and for all with fillCache: false, and partition indexes (partitionFilters).',
      option: { name: 'blockCacheMb', suggestion: String(Math.ceil((2 * capacity) / MIB)) },
      evidence: [
        { source: 'rocksdb.block.cache.hit', text: `${hits} hits, ${misses} misses` },
        {
          source: 'rocksdb.block-cache-pinned-usage',
          text: `${sizeText(pinned)} of ${sizeText(capacity)}`,
        },
      ],
    }
  },
}

const locked: Rule = {
  rule: 'cache-contended',
  options: ['blockCacheType'],
  judge({ open, opened, process }) {
    if (!isKnown(open)) return whyUnknown(open)
    if (opened !== 'live') return { unknown: OTHERS_MEMORY }
    if (!isKnown(process)) return process
    const type = open.tuning['blockCacheType']
    if (type !== 'lru' || process.cores < MANY_CORES) return undefined
    return {
      severity: 'notice',
      what: `The block cache is of the type that one core at a time may use a part of, and there are ${process.cores} cores.`,
      cause:
        'An LRU cache takes a lock for each block that is read; a block that all threads read makes them wait.',
      remedy:
        "Set blockCacheType to 'hyper-clock', and a row cache (rowCacheMb) for rows that are read all the time.",
      option: { name: 'blockCacheType', suggestion: 'hyper-clock' },
      evidence: [
        { source: 'tuning', text: 'blockCacheType is lru' },
        { source: 'os.availableParallelism', text: String(process.cores) },
      ],
    }
  },
}

/** What this process's RocksDB and V8 say that they hold. */
function accounted(open: OpenEvidence, scriptBytes: number): number {
  return (
    scriptBytes +
    (open.figures['block_cache_usage_bytes'] ?? 0) +
    (open.properties['rocksdb.size-all-mem-tables'] ?? 0) +
    (open.properties['rocksdb.estimate-table-readers-mem'] ?? 0)
  )
}

const unaccounted: Rule = {
  rule: 'memory-unaccounted',
  options: [],
  judge({ open, opened, memory }) {
    if (!isKnown(open)) return whyUnknown(open)
    if (opened !== 'live') return { unknown: OTHERS_MEMORY }
    if (!isKnown(memory)) return memory
    if (memory.libc !== 'glibc' || memory.allocator !== undefined) return undefined
    if (memory.arenaMax !== undefined && Number(memory.arenaMax) <= 2) return undefined
    const known = accounted(open, memory.scriptBytes)
    const rest = memory.anonymousBytes - known
    if (rest < LEAST_UNACCOUNTED || rest < UNACCOUNTED_SHARE * memory.anonymousBytes)
      return undefined
    return {
      severity: 'notice',
      what: `${sizeText(rest)} of the process's memory belong to nothing that RocksDB or V8 knows of.`,
      cause:
        'The allocator of glibc keeps memory that was freed, in an arena for each thread; other databases and addons of the process count as well.',
      remedy: 'Start the process with MALLOC_ARENA_MAX=2, or preload jemalloc.',
      evidence: [
        { source: '/proc/self/status', text: `RssAnon ${sizeText(memory.anonymousBytes)}` },
        {
          source: 'rocksdb and V8',
          text: `${sizeText(known)} in caches, memtables, table readers and heaps`,
        },
      ],
    }
  },
}

export const MEMORY_RULES: readonly Rule[] = [indexes, thrash, locked, unaccounted]
