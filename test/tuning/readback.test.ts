/** What RocksDB itself reports it was opened with, option by option. */
import { mkdtempSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Database, type OpenOptions } from 'rocksdb-live'
import {
  OPTIONS,
  type OptionValue,
  PRESETS,
  readBack,
  rowOf,
  TUNING_NAMES,
  type Tuning,
  type TuningName,
} from '../../lib/tuning'
import { isOutside } from '../../lib/tuning/types'
import { useTempDirectory } from '../support/database'
import { expectMissing, expectReadahead, missing } from '../support/engine'
import { unusualValue } from '../support/rows'

const MIB = 1048576

const dir = useTempDirectory()

type Options = ReturnType<Database['options']>

interface Seen {
  options: Options
  tuning: ReturnType<Database['tuning']>
  /** Every option of RocksDB as `map.option`, including those of the family `other`. */
  flat: Record<string, string>
  /** Bytes of WAL after one write. */
  wal: number
}

/** Opens, writes one row and reads all options back. */
async function open(options: OpenOptions): Promise<Seen> {
  const path = mkdtempSync(dir('db-'))
  const db = await Database.open(path, { columnFamilies: { other: {} }, ...options })
  try {
    await db.default.put('key', 'value')
    const read = db.options()
    const { columnFamily = {}, table = {} } = read.columnFamilies['other'] ?? {}
    const flat: Record<string, string> = {}
    const maps = { db: read.db, shared: read.shared, columnFamily, table }
    for (const [map, texts] of Object.entries(maps)) {
      for (const [name, text] of Object.entries(texts)) flat[`${map}.${name}`] = text
    }
    return { options: read, tuning: db.tuning(), flat, wal: walBytes(path) }
  } finally {
    await db.close()
  }
}

function walBytes(path: string): number {
  const logs = readdirSync(path).filter((name) => name.endsWith('.log'))
  return logs.reduce((sum, name) => sum + statSync(join(path, name)).size, 0)
}

const held = (options: Options, name: TuningName) =>
  readBack(options, OPTIONS[name].target, 'other')

/**
 * RocksDB's texts for the presets, written out, so that an error in a row's text fails here. The
 * test computes MiB and KiB itself.
 */
const TEXTS: { [Name in TuningName]?: Record<string, string> } = {
  compression: { zstd: 'kZSTD', lz4: 'kLZ4Compression' },
  bottommostCompression: { same: 'kDisableCompressionOption' },
  compressionLevel: { auto: '32767' },
  compactionStyle: { level: 'kCompactionStyleLevel' },
  compatibleWith: { 9: '6' },
  filterPolicy: { bloom: 'bloomfilter:10:false' },
  bloomBitsPerKey: { 10: 'bloomfilter:10:false' },
  dataBlockHashIndex: { false: 'kDataBlockBinarySearch' },
  prefixLength: { 0: 'nullptr' },
  walCompression: { none: 'kNoCompression' },
  walRecoveryMode: { 'point-in-time': 'kPointInTimeRecovery' },
  statistics: { off: '-1' },
  infoLogLevel: { info: 'INFO_LEVEL' },
  verifyCompactions: { none: '0' },
  indexSearch: { binary: 'kBinary' },
  scanCompactionPerKib: { 0: '0.000000' },
}

function expected(name: TuningName, value: OptionValue): string {
  const row = rowOf(name)
  const text = TEXTS[name]?.[String(value)]
  if (text !== undefined) return text
  if (row.type !== 'integer') return String(value)
  return String(Number(value) * ({ MiB: MIB, 'MiB/s': MIB, KiB: 1024 }[row.unit as 'MiB'] ?? 1))
}

describe.each(PRESETS)('preset %s', (preset) => {
  it('is what RocksDB has in force, row by row', async () => {
    const { options, tuning, wal } = await open({ preset })
    for (const name of TUNING_NAMES) {
      const value = OPTIONS[name].presets[preset]
      const { map } = OPTIONS[name].target
      if (isOutside(map) && map !== 'write') continue
      if (missing(name)) {
        // Some are read back in another form, which must then match the report.
        const before = expected(name, rowOf(name).since?.before as OptionValue)
        expect([
          [name, undefined],
          [name, before],
        ]).toContainEqual([name, held(options, name)])
        continue
      }
      if (name === 'walEnabled') {
        expect(wal > 0).toBe(value)
        continue
      }
      if (name === 'maxOpenFiles') {
        expect(held(options, name)).toMatch(/^(-1|[1-9]\d+)$/)
        continue
      }
      if (name === 'readaheadMb') {
        expectReadahead(tuning.options[name], Number(expected(name, value)))
        continue
      }
      const unpipelined = name === 'enablePipelinedWrite' && preset === 'development'
      const text = unpipelined ? 'false' : expected(name, value)
      expect([name, held(options, name)]).toEqual([name, text])
    }
  })

  it('has in force what every preset sets besides', async () => {
    expect((await open({ preset })).flat).toMatchObject({
      'db.keep_log_file_num': '5',
      'db.max_log_file_size': String(16 * MIB),
      'db.track_and_verify_wals_in_manifest': 'true',
      'db.paranoid_checks': 'true',
      'db.atomic_flush': String(preset === 'development'),
      'table.filter_policy': expect.stringMatching(/bloomfilter:10:false/),
      'table.cache_index_and_filter_blocks': 'true',
      'table.pin_l0_filter_and_index_blocks_in_cache': 'true',
      'table.partition_filters': String(preset === 'production'),
      'table.index_type': preset === 'production' ? 'kTwoLevelIndexSearch' : 'kBinarySearch',
      'table.format_version': '6',
      'columnFamily.enable_blob_garbage_collection': 'true',
    })
  })
})

/**
 * A value that no preset has, RocksDB's text for it, and what changes with it. Rows that are not
 * listed are tested with a value of their own, whose text `expected` computes.
 */
const ROWS: [TuningName, OptionValue, string, string[]?][] = [
  ['writeBufferMb', 96, '100663296'],
  ['maxWriteBufferNumber', 5, '5'],
  ['dbWriteBufferMb', 64, '67108864'],
  ['enablePipelinedWrite', false, 'false'],
  ['memtableWholeKeyFilter', true, 'true', ['columnFamily.memtable_prefix_bloom_size_ratio']],
  ['walBytesPerSyncMb', 5, '5242880'],
  ['maxTotalWalMb', 300, '314572800'],
  ['walCompression', 'zstd', 'kZSTD'],
  ['walRecoveryMode', 'absolute', 'kAbsoluteConsistency'],
  ['walRecoveryMode', 'tolerate-tail', 'kTolerateCorruptedTailRecords'],
  ['walRecoveryMode', 'skip-any', 'kSkipAnyCorruptedRecords'],
  ['manualWalFlush', true, 'true'],
  ['maxBackgroundJobs', 5, '5'],
  [
    'compactionStyle',
    'universal',
    'kCompactionStyleUniversal',
    [
      'columnFamily.level_compaction_dynamic_level_bytes',
      'columnFamily.periodic_compaction_seconds',
    ],
  ],
  [
    'compactionStyle',
    'fifo',
    'kCompactionStyleFIFO',
    [
      'columnFamily.level0_slowdown_writes_trigger',
      'columnFamily.level0_stop_writes_trigger',
      'columnFamily.level_compaction_dynamic_level_bytes',
      'columnFamily.ttl',
    ],
  ],
  ['compactionDynamic', false, 'false'],
  ['targetFileSizeMb', 96, '100663296', ['columnFamily.max_compaction_bytes']],
  ['readaheadMb', 1, '1048576'],
  ['rateLimitMbPerSec', 90, '94371840', ['db.delayed_write_rate']],
  ['ttlSeconds', 7200, '7200'],
  ['periodicCompactionSeconds', 7200, '7200'],
  ['verifyCompactions', 'blocks', '1025'],
  ['verifyCompactions', 'rows', '1027'],
  ['indexSearch', 'interpolation', 'kInterpolation'],
  ['memtableBatchLookup', false, 'false'],
  ['flushAfterScanSkips', 1000, '1000'],
  ['scanCompactionPerKib', 10, '0.009766'],
  ['manifestMb', 16, '16777216'],
  ['blockCacheMb', 100, '104857600'],
  ['blockCacheType', 'lru', 'lru'],
  ['cacheIndexAndFilterBlocks', false, 'false', ['table.pin_l0_filter_and_index_blocks_in_cache']],
  ['pinL0FilterAndIndex', false, 'false'],
  ['rowCacheMb', 3, '3145728'],
  ['compression', 'lz4hc', 'kLZ4HCCompression'],
  ['compression', 'none', 'kNoCompression'],
  ['bottommostCompression', 'lz4', 'kLZ4Compression'],
  ['compressionLevel', 7, '7', ['columnFamily.compression_opts']],
  ['zstdDictionaryKb', 16, '16384', ['columnFamily.compression_opts']],
  ['blockSizeKb', 24, '24576'],
  ['filterPolicy', 'ribbon', 'ribbonfilter:10:0'],
  ['filterPolicy', 'none', 'nullptr'],
  ['bloomBitsPerKey', 14, 'bloomfilter:14:false'],
  ['partitionFilters', true, 'true', ['table.index_type']],
  ['compressionThreads', 3, '3', ['columnFamily.compression_opts']],
  ['dataBlockHashIndex', true, 'kDataBlockBinaryAndHash'],
  ['prefixLength', 6, 'rocksdb.FixedPrefix.6'],
  ['blobFiles', true, 'true', ['columnFamily.blob_compression_type']],
  ['blobMinSizeKb', 9, '9216'],
  ['compatibleWith', '8', '5'],
  ['maxOpenFiles', 70, '70'],
  ['bytesPerSyncMb', 3, '3145728'],
  ['directReads', true, 'true'],
  ['directIoForFlushAndCompaction', true, 'true'],
  ['statistics', 'counters', '1'],
  ['statistics', 'histograms', '2'],
  ['statistics', 'timers', '3'],
  ['statistics', 'all', '5'],
  ['statsDumpSeconds', 60, '60'],
  ['infoLogLevel', 'warn', 'WARN_LEVEL'],
  ['infoLogLevel', 'debug', 'DEBUG_LEVEL'],
  ['maxBackgroundErrorsResume', 3, '3'],
]

/** Rows that cannot change alone, or that RocksDB does not hold: each has a test of its own. */
const TOGETHER: readonly TuningName[] = [
  'allowStall',
  'walEnabled',
  'memoryBudgetMb',
  'refreshScans',
  'flushAfterAverageScanSkips',
  'profile',
  'transactionWindowMb',
  'longTransactionSeconds',
  'changesRetainMb',
]

const LEFT = TUNING_NAMES.filter(
  (name) => !TOGETHER.includes(name) && !ROWS.some(([other]) => other === name),
).map((name): (typeof ROWS)[number] => {
  const value = unusualValue(name)
  return [name, value, expected(name, value)]
})

/** All of the same length: jest would pass a callback for a missing parameter. */
const CHANGES = [...ROWS, ...LEFT].map(
  ([name, value, text, more = []]) => [name, value, text, more] as const,
)

describe('one row alone', () => {
  it.each(CHANGES)(
    '%s = %p changes its own option and no other',
    async (name, value, text, more) => {
      if (missing(name)) return expectMissing(name, value)
      const before = await open({})
      const after = await open({ tuning: { [name]: value } as Tuning })
      if (name === 'readaheadMb') expectReadahead(after.tuning.options[name], Number(text))
      else expect(held(after.options, name)).toBe(text)
      const { map, option } = OPTIONS[name].target
      const struct = option.split('.')[0]
      const own = more.includes(`${map}.${struct}`) ? [] : [`${map}.${option}`]
      expect(differences(before.flat, after.flat)).toEqual([...own, ...more].sort())
    },
  )

  it('flushAfterAverageScanSkips is given beside flushAfterScanSkips', async () => {
    const tuning = { flushAfterScanSkips: 100, flushAfterAverageScanSkips: 7 }
    const name = 'flushAfterAverageScanSkips'
    if (missing(name)) return expectMissing(name, 7)
    expect((await open({ tuning })).flat).toMatchObject({
      'columnFamily.memtable_op_scan_flush_trigger': '100',
      'columnFamily.memtable_avg_op_scan_flush_trigger': '7',
    })
  })

  it('allowStall needs a bound, and is given with it', async () => {
    const { flat } = await open({ tuning: { allowStall: true, dbWriteBufferMb: 64 } })
    expect(flat).toMatchObject({
      'shared.allow_stall': 'true',
      'shared.write_buffer_bytes': '67108864',
    })
  })

  it('memoryBudgetMb decides the cache, and the write buffers that are charged to it', async () => {
    const before = await open({})
    const after = await open({ tuning: { memoryBudgetMb: 1000 } })
    expect(after.flat).toMatchObject({
      'shared.block_cache_bytes': String(750 * MIB),
      'shared.write_buffer_bytes': String(250 * MIB),
      'shared.charge_write_buffers': 'true',
    })
    expect(differences(before.flat, after.flat)).toEqual([
      'shared.block_cache_bytes',
      'shared.charge_write_buffers',
      'shared.write_buffer_bytes',
    ])
  })

  it('profile sets what it is made of, below what is said', async () => {
    const { flat, tuning } = await open({ tuning: { profile: 'scan', targetFileSizeMb: 32 } })
    expectReadahead(tuning.options.readaheadMb, 8 * MIB)
    expect(flat).toMatchObject({
      'table.block_size': '32768',
      'table.partition_filters': 'true',
      'columnFamily.target_file_size_base': String(32 * MIB),
    })
  })

  it('walEnabled = false writes no WAL, and changes what has to follow', async () => {
    const before = await open({})
    const after = await open({ tuning: { walEnabled: false } })
    expect([before.wal > 0, after.wal]).toEqual([true, 0])
    expect(differences(before.flat, after.flat)).toEqual([
      'db.atomic_flush',
      'db.enable_pipelined_write',
    ])
  })
})

describe('one family alone', () => {
  it('has its own tuning, and the others the database’s', async () => {
    const db = await Database.open(dir('families'), {
      tuning: { writeBufferMb: 32 },
      columnFamilies: {
        cold: {
          tuning: { compression: 'none', targetFileSizeMb: 16 },
          rocksdb: { columnFamily: { num_levels: 5 }, table: { block_size: 16384 } },
        },
        large: { tuning: { partitionFilters: true } },
      },
    })
    const { columnFamilies } = db.options()
    await db.close()
    expect(columnFamilies['cold']).toMatchObject({
      columnFamily: {
        compression: 'kNoCompression',
        target_file_size_base: String(16 * MIB),
        write_buffer_size: String(32 * MIB),
        num_levels: '5',
      },
      table: { block_size: '16384', partition_filters: 'false' },
    })
    expect(columnFamilies['large']).toMatchObject({
      columnFamily: { compression: 'kZSTD', num_levels: '7' },
      table: { block_size: '4096', partition_filters: 'true' },
    })
  })
})

describe('RocksDB options by their own names', () => {
  it('that RocksDB does not know are named in its error', async () => {
    for (const map of ['db', 'columnFamily', 'table']) {
      const path = dir(map)
      const opening = Database.open(path, { rocksdb: { [map]: { no_such_option: 1 } } })
      await expect(opening).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
        message: expect.stringContaining('no_such_option'),
      })
    }
  })
})

function differences(before: Record<string, string>, after: Record<string, string>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => before[name] !== after[name]).sort()
}
