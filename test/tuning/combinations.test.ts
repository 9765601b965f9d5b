/** Values outside their range, and values that exclude each other. */
import { OPTIONS, resolveTuning, rowOf, TUNING_NAMES, type TuningName } from '../../lib/tuning'
import { type Asked, fromEnvironment, optionsOf, refusal, resolve } from '../support/asked'
import { variable } from '../support/layers'

let warn: jest.SpyInstance
beforeEach(() => {
  warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => warn.mockRestore())

describe('operators’ values', () => {
  const RANGES: [TuningName, number, number][] = [
    ['writeBufferMb', 16, 2048],
    ['blockCacheMb', 64, 16384],
    ['targetFileSizeMb', 8, 1024],
    ['maxBackgroundJobs', 1, 16],
  ]

  it.each(RANGES)('%s too low is %d, with one warning', (name, min) => {
    const layers = fromEnvironment({ [`PQPRIV_DB_${variable(name)}`]: String(min - 1) })
    expect(optionsOf({ layers })[name]).toMatchObject({ value: min, given: min - 1 })
    expect(warn).toHaveBeenCalledTimes(1)
  })

  it.each(RANGES)('%s too high (from %d on) is %d, with one warning', (name, _, max) => {
    const layers = fromEnvironment({ [`PQPRIV_DB_${variable(name)}`]: String(max + 1) })
    expect(optionsOf({ layers })[name]).toMatchObject({ value: max, given: max + 1 })
    expect(warn).toHaveBeenCalledTimes(1)
  })

  it.each(RANGES)('%s outside of %d to %d is refused with strict', (name, min, max) => {
    for (const value of [min - 1, max + 1]) {
      const layers = fromEnvironment({ [`PQPRIV_DB_${variable(name)}`]: String(value) })
      const error = refusal({ layers, strict: true })
      expect(error).toMatchObject({ option: name, value })
      expect(error.message).toContain(`from ${min} to ${max}`)
    }
  })

  it('an invalid codec is refused, with those that there are', () => {
    const error = refusal({ tuning: { compression: 'lzma' } })
    expect(error.message).toContain("'none', 'snappy', 'lz4', 'lz4hc', 'zlib', 'bzip2', 'zstd'")
  })

  it('valid values are kept, without a word', () => {
    const tuning = {
      writeBufferMb: 256,
      blockCacheMb: 1024,
      targetFileSizeMb: 128,
      maxBackgroundJobs: 8,
      compression: 'lz4',
    }
    const options = optionsOf({ tuning })
    for (const [name, value] of Object.entries(tuning)) {
      expect(options[name as TuningName]).toMatchObject({ value, source: `tuning.${name}` })
      expect(options[name as TuningName]).not.toHaveProperty('given')
    }
    expect(warn).not.toHaveBeenCalled()
  })

  it.each(TUNING_NAMES.filter((name) => rowOf(name).type === 'integer'))(
    '%s: its special values are kept, and what is between them and its range is clamped',
    (name) => {
      const row = OPTIONS[name] as { min: number; max: number; special?: object }
      for (const value of Object.keys(row.special ?? {}).map(Number)) {
        const entry = optionsOf({ tuning: { [name]: value }, strict: true })[name]
        expect([name, entry.value, entry.given]).toEqual([name, value, undefined])
      }
      if (name === 'memoryBudgetMb') return
      const below = row.min - 1
      if (Object.hasOwn(row.special ?? {}, below)) return
      expect(optionsOf({ tuning: { [name]: below } })[name]).toMatchObject({ value: row.min })
    },
  )

  it('a value is warned of once, however often it is resolved', () => {
    const first = resolve({ tuning: { writeBufferMb: 1 } })
    resolveTuning(first.request)
    first.addFamily('a', {})
    expect(warn).toHaveBeenCalledTimes(1)
  })
})

describe('impossible combinations', () => {
  const fifo = { compactionStyle: 'fifo' }
  const CASES: [string, Asked, TuningName, string][] = [
    [
      'pipelined and unordered writes',
      { rocksdb: { db: { unordered_write: true } } },
      'enablePipelinedWrite',
      'unordered_write',
    ],
    [
      'direct reads and mapped ones',
      { tuning: { directReads: true }, rocksdb: { db: { allow_mmap_reads: 1 } } },
      'directReads',
      'allow_mmap_reads',
    ],
    [
      'direct and mapped writes',
      {
        tuning: { directIoForFlushAndCompaction: true },
        rocksdb: { db: { allow_mmap_writes: 'true' } },
      },
      'directIoForFlushAndCompaction',
      'allow_mmap_writes',
    ],
    [
      'fifo with dynamic levels',
      { tuning: { ...fifo, compactionDynamic: true } },
      'compactionDynamic',
      'compactionStyle is fifo (from tuning.compactionStyle)',
    ],
    [
      'universal with dynamic levels',
      { tuning: { compactionStyle: 'universal', compactionDynamic: true } },
      'compactionDynamic',
      'compactionStyle is universal',
    ],
    [
      'fifo with files written anew',
      { tuning: { ...fifo, periodicCompactionSeconds: 7200 } },
      'periodicCompactionSeconds',
      'compactionStyle is fifo',
    ],
    [
      'fifo by age with a limit on files',
      { tuning: { ...fifo, ttlSeconds: 3600 } },
      'ttlSeconds',
      'maxOpenFiles -1',
    ],
    [
      'a dictionary without zstd',
      { tuning: { zstdDictionaryKb: 16, compression: 'lz4' } },
      'zstdDictionaryKb',
      "compression is 'lz4' (from tuning.compression)",
    ],
    [
      'pinned metadata that is not cached',
      { tuning: { cacheIndexAndFilterBlocks: false, pinL0FilterAndIndex: true } },
      'pinL0FilterAndIndex',
      'cacheIndexAndFilterBlocks is false',
    ],
    [
      'partitioned filters with another index',
      {
        tuning: { partitionFilters: true },
        rocksdb: { table: { index_type: 'kBinarySearch' } },
      },
      'partitionFilters',
      'index_type',
    ],
    [
      'an average that RocksDB would not look at',
      { tuning: { flushAfterAverageScanSkips: 10 } },
      'flushAfterAverageScanSkips',
      'flushAfterScanSkips is 0',
    ],
    ['a stall without a bound', { tuning: { allowStall: true } }, 'allowStall', 'dbWriteBufferMb'],
    [
      'a strict and a lenient recovery',
      { tuning: { walRecoveryMode: 'skip-any' }, strictRecovery: true },
      'walRecoveryMode',
      "recovery is 'strict'",
    ],
    [
      'a budget and a cache of the same layer',
      { tuning: { memoryBudgetMb: 1000, blockCacheMb: 100 } },
      'blockCacheMb',
      'memoryBudgetMb is 1000 (from tuning.memoryBudgetMb)',
    ],
    [
      'a budget and metadata beside the cache',
      { tuning: { memoryBudgetMb: 1000, cacheIndexAndFilterBlocks: false } },
      'cacheIndexAndFilterBlocks',
      'memoryBudgetMb is 1000',
    ],
  ]

  it.each(CASES)('%s', (_, asked, option, said) => {
    const error = refusal(asked)
    expect(error).toMatchObject({ code: 'ERR_INVALID_TUNING', option })
    expect(error.message).toContain(said)
    expect(error.source).not.toBe('')
  })

  const OF_FAMILIES = CASES.filter(
    ([, { rocksdb, strictRecovery }, option]) =>
      rocksdb === undefined && !strictRecovery && OPTIONS[option].scope === 'family',
  ).filter(([name]) => !name.includes('budget'))

  it.each(OF_FAMILIES)('%s, in one family', (_, { tuning }, option, said) => {
    const error = refusal({ columnFamilies: { logs: { tuning } } })
    expect(error).toMatchObject({ option, source: `columnFamilies.logs.tuning.${option}` })
    expect(error.message).toContain(said.replace('tuning.', 'columnFamilies.logs.tuning.'))
  })

  it('give way where only the preset speaks, and say so', () => {
    const { compactionDynamic, ttlSeconds } = optionsOf({ tuning: fifo })
    expect(compactionDynamic).toMatchObject({ value: false, given: true, layer: 'preset' })
    expect(ttlSeconds).toMatchObject({ value: 0, given: 2592000 })
    expect(ttlSeconds.reason).toContain('compactionStyle is fifo')
    const { partitionFilters } = optionsOf({
      preset: 'production',
      rocksdb: { table: { index_type: 'kBinarySearch' } },
    })
    expect(partitionFilters).toMatchObject({ value: false, given: true })
  })

  it.each([
    [{ tuning: { ...fifo, ttlSeconds: 3600, maxOpenFiles: -1 } }],
    [{ tuning: { ...fifo, ttlSeconds: 3600 }, rocksdb: { db: { max_open_files: -1 } } }],
    [{ tuning: { zstdDictionaryKb: 16, compression: 'lz4', bottommostCompression: 'zstd' } }],
    [
      {
        tuning: { zstdDictionaryKb: 16, compression: 'lz4' },
        rocksdb: { columnFamily: { compression: 'kZSTD' } },
      },
    ],
    [
      {
        tuning: { enablePipelinedWrite: false },
        rocksdb: { db: { unordered_write: true } },
      },
    ],
    [{ tuning: { allowStall: true, memoryBudgetMb: 1000 } }],
    [{ tuning: { compactionStyle: 'fifo', compactionDynamic: false } }],
  ])('that are possible are taken: %j', (asked) => {
    const resolved = resolve({ ...asked, strict: true })
    for (const [name, value] of Object.entries(asked.tuning)) {
      expect(resolved.report().options[name as TuningName].value).toBe(value)
    }
  })

  it('a rate limit makes RocksDB write files out, which is reported', () => {
    const { bytesPerSyncMb } = optionsOf({ tuning: { bytesPerSyncMb: 0, rateLimitMbPerSec: 50 } })
    expect(bytesPerSyncMb).toMatchObject({ value: 1, given: 0 })
    expect(optionsOf({ tuning: { bytesPerSyncMb: 0 } }).bytesPerSyncMb.value).toBe(0)
  })
})
