// What the two kinds of block cache are compared by. `n` rows of 16-byte keys and `valueBytes` are
// loaded before; each worker then does steps of `mode` (worker.mjs) for as long as a round lasts.

/** 100 bytes a row, so that 500,000 of them fill about 65 MiB of cache. */
const CACHED = { blockCacheMb: 256 }

export const SCENARIOS = [
  { title: 'get, all cached, 1 worker', workers: 1, mode: 'uniform', tuning: CACHED },
  { title: 'get, all cached, 2 workers', workers: 2, mode: 'uniform', tuning: CACHED },
  { title: 'getMany of 100, all cached, 1 worker', workers: 1, mode: 'many', tuning: CACHED },
  { title: 'getMany of 100, all cached, 2 workers', workers: 2, mode: 'many', tuning: CACHED },
  { title: 'one hot key, 1 worker', workers: 1, mode: 'hot', tuning: CACHED },
  { title: 'one hot key, 2 workers', workers: 2, mode: 'hot', tuning: CACHED },
  {
    title: 'skewed gets, 64 MiB for 3 times the data, 2 workers',
    workers: 2,
    mode: 'skewed',
    times: 3,
    tuning: { blockCacheMb: 64, statistics: 'counters' },
  },
  {
    title: 'even gets, 64 MiB for 3 times the data, 2 workers',
    workers: 2,
    mode: 'uniform',
    times: 3,
    tuning: { blockCacheMb: 64, statistics: 'counters' },
  },
  {
    title: 'skewed gets, blocks of 1 MiB, 64 MiB for 3 times the data, 1 worker',
    workers: 1,
    mode: 'skewed',
    times: 3,
    tuning: { blockCacheMb: 64, blockSizeKb: 1024, statistics: 'counters' },
  },
  {
    title: 'gets of a hot twentieth between long scans, 64 MiB for 3 times the data, 1 worker',
    workers: 1,
    mode: 'scans',
    times: 3,
    tuning: { blockCacheMb: 64, statistics: 'counters' },
  },
  {
    title: 'the same with partitionFilters, 1 worker',
    workers: 1,
    mode: 'scans',
    times: 3,
    tuning: { blockCacheMb: 64, partitionFilters: true, statistics: 'counters' },
  },
  {
    title: 'skewed gets with partitionFilters, 64 MiB for 3 times the data, 2 workers',
    workers: 2,
    mode: 'skewed',
    times: 3,
    tuning: { blockCacheMb: 64, partitionFilters: true, statistics: 'counters' },
  },
  {
    title: 'skewed gets and writes, memoryBudgetMb 96, 2 workers',
    workers: 2,
    mode: 'writes',
    times: 3,
    tuning: { memoryBudgetMb: 96, statistics: 'counters' },
  },
]

export const KINDS = ['lru', 'hyper-clock']

/** The key of a row. */
export const keyOf = (row) => Buffer.from(String(row).padStart(16, '0'))
