import { TuningError } from '../../lib/base/errors'
import {
  CLAMPED_WARNING,
  OPTIONS,
  PRESETS,
  type PresetName,
  resolveTuning,
  THEMES,
  TUNING_NAMES,
  type TuningName,
  type TuningRequest,
} from '../../lib/tuning'

type Asked = Partial<TuningRequest>

const FACTS = {
  openFileLimit: 0,
  libraries: { rocksdb: '11.8.1', snappy: '1.1.10', zlib: '1.3.2', bzip2: '1.0.8' },
  zstdDictionaryTraining: false,
  memoryLimitBytes: 2 ** 34,
}

const resolve = (asked: Asked = {}) => resolveTuning({ ...FACTS, ...asked })

/** The error that refuses a request. */
function refusal(asked: Asked): TuningError {
  try {
    resolve(asked)
  } catch (error) {
    expect(error).toBeInstanceOf(TuningError)
    return error as TuningError
  }
  throw new Error('was not refused')
}

/** The base rows, written out again so that a changed one is noticed. */
const TABLE: [TuningName, string, Record<PresetName, number | boolean | string>][] = [
  ['maxBackgroundJobs', 'max_background_jobs', { default: 4, production: 8, development: 2 }],
  ['writeBufferMb', 'write_buffer_size', { default: 128, production: 256, development: 64 }],
  ['targetFileSizeMb', 'target_file_size_base', { default: 64, production: 128, development: 32 }],
  [
    'compactionDynamic',
    'level_compaction_dynamic_level_bytes',
    { default: true, production: true, development: true },
  ],
  ['compression', 'compression', { default: 'zstd', production: 'zstd', development: 'lz4' }],
  ['bytesPerSyncMb', 'bytes_per_sync', { default: 4, production: 8, development: 2 }],
  ['walBytesPerSyncMb', 'wal_bytes_per_sync', { default: 4, production: 8, development: 2 }],
  ['blockCacheMb', 'block_cache_bytes', { default: 256, production: 512, development: 128 }],
  ['readaheadMb', 'compaction_readahead_size', { default: 2, production: 4, development: 1 }],
  [
    'enablePipelinedWrite',
    'enable_pipelined_write',
    { default: true, production: true, development: true },
  ],
  ['walEnabled', 'disableWAL', { default: true, production: true, development: false }],
]

const COMPRESSION = { zstd: 'kZSTD', lz4: 'kLZ4Compression' } as Record<string, string>

function expectedText(name: TuningName, value: number | boolean | string): string {
  if (name === 'walEnabled') return String(!value)
  if (typeof value === 'string') return COMPRESSION[value] ?? ''
  return name.endsWith('Mb') ? String(Number(value) * 1048576) : String(value)
}

describe('the table', () => {
  it('has the options of the foundation, and those over it', () => {
    expect(TUNING_NAMES).toEqual(expect.arrayContaining(TABLE.map(([name]) => name)))
    expect(new Set(THEMES.flatMap(({ names }) => names))).toEqual(new Set(TUNING_NAMES))
  })

  it.each(TABLE)('%s has its values and its RocksDB name', (name, option, presets) => {
    expect(OPTIONS[name].target.option).toBe(option)
    expect(OPTIONS[name].presets).toEqual(presets)
  })

  it.each(TUNING_NAMES)('%s says in one sentence when to change it', (name) => {
    expect(OPTIONS[name].help).toMatch(/^[A-Za-z].+\.$/)
    expect(OPTIONS[name].help).not.toMatch(/\. /)
  })

  it.each(TUNING_NAMES)('%s has presets within its own range', (name) => {
    const row = OPTIONS[name]
    for (const value of Object.values(row.presets)) {
      if (row.type === 'integer' && value !== 'auto') {
        if ('special' in row && Object.hasOwn(row.special, value as number)) continue
        expect(value).toBeGreaterThanOrEqual(row.min)
        expect(value).toBeLessThanOrEqual(row.max)
      }
      if (row.type === 'choice') expect(row.choices).toContain(value)
    }
  })

  it('has no RocksDB option twice', () => {
    const targets = TUNING_NAMES.map((name) => {
      const { map, option } = OPTIONS[name].target
      return `${map}.${option}`
    })
    const twice = targets.filter((target, index) => targets.indexOf(target) !== index)
    // The filter's kind and its size share one text.
    expect(twice).toEqual(['table.filter_policy'])
  })
})

describe('presets', () => {
  const cases = PRESETS.flatMap((preset) =>
    TABLE.map(([name, option, values]) => [preset, name, option, values[preset]] as const),
  )

  it.each(cases)('%s: %s reaches RocksDB as %s', (preset, name, option, value) => {
    const resolved = resolve({ preset })
    const entry = resolved.report().options[name]
    // Without the WAL, pipelined writes are turned off; see below.
    const settled = name === 'enablePipelinedWrite' && preset === 'development' ? false : value
    const text = expectedText(name, settled)
    expect(entry).toMatchObject({ value: settled, layer: 'preset', source: `preset '${preset}'` })
    expect(entry.rocksdb.text).toBe(text)
    const { map } = OPTIONS[name].target
    if (map === 'db') expect(resolved.db[option]).toBe(text)
    if (map === 'columnFamily') expect(resolved.defaults.columnFamily[option]).toBe(text)
    if (map === 'shared') expect(resolved.shared[option]).toBe(text)
    if (map === 'write') expect(resolved.walEnabled).toBe(value)
  })

  it('is default where none is named', () => {
    expect(resolve().report()).toMatchObject({ preset: 'default', presetSource: 'default' })
  })

  it.each([
    ['prodution', '"production"'],
    [5, 'type number (5)'],
    [null, 'null'],
    ['constructor', '"constructor"'],
  ])('refuses %p', (preset, said) => {
    const error = refusal({ preset })
    expect(error).toMatchObject({ option: 'preset', value: preset, source: 'preset' })
    expect(error.message).toContain(said)
  })
})

describe('what every preset sets besides', () => {
  it.each([
    [0, '-1'],
    [100, '50'],
    [512, '256'],
    [1024, '768'],
    [65536, '49152'],
    [2 ** 31, '4194304'],
  ])('a limit of %d descriptors gives max_open_files %s', (openFileLimit, files) => {
    expect(resolve({ openFileLimit }).db['max_open_files']).toBe(files)
  })

  it.each(PRESETS)('%s bounds the logs and verifies the WAL', (preset) => {
    expect(resolve({ preset }).db).toMatchObject({
      keep_log_file_num: '5',
      max_log_file_size: '16777216',
      track_and_verify_wals_in_manifest: 'true',
      paranoid_checks: 'true',
    })
  })

  it.each(PRESETS)('%s keeps filters and metadata in the one cache', (preset) => {
    const { table } = resolve({ preset }).defaults
    expect(table).toMatchObject({
      filter_policy: 'bloomfilter:10:false',
      cache_index_and_filter_blocks: 'true',
      pin_l0_filter_and_index_blocks_in_cache: 'true',
      format_version: '6',
    })
    expect(table).not.toHaveProperty('block_cache')
  })

  it.each([
    [false, 'kBinarySearch'],
    [true, 'kTwoLevelIndexSearch'],
  ])('partitionFilters %p has the index %s', (partitionFilters, index) => {
    const { table } = resolve({ tuning: { partitionFilters } }).defaults
    expect([table['partition_filters'], table['index_type']]).toEqual([
      String(partitionFilters),
      index,
    ])
  })
})

describe('values in code', () => {
  it('win over the preset and say where they stand', () => {
    const { options } = resolve({ preset: 'production', tuning: { writeBufferMb: 32 } }).report()
    expect(options.writeBufferMb).toEqual({
      value: 32,
      layer: 'code',
      source: 'tuning.writeBufferMb',
      rocksdb: { map: 'columnFamily', option: 'write_buffer_size', text: '33554432' },
    })
    expect(options.blockCacheMb.layer).toBe('preset')
  })

  it('that are undefined leave the preset in force', () => {
    expect(
      resolve({ tuning: { compression: undefined } }).report().options.compression,
    ).toMatchObject({ value: 'zstd', layer: 'preset' })
  })

  it.each(['none', 'lz4', 'lz4hc', 'zstd'])('take compression %s', (compression) => {
    const text = resolve({ tuning: { compression } }).defaults.columnFamily['compression']
    expect(text).toBe(
      { none: 'kNoCompression', lz4: 'kLZ4Compression', lz4hc: 'kLZ4HCCompression', zstd: 'kZSTD' }[
        compression
      ],
    )
  })

  it.each([
    ['writeBufferMb', Number.NaN],
    ['writeBufferMb', Number.POSITIVE_INFINITY],
    ['writeBufferMb', 1.5],
    ['writeBufferMb', '256'],
    ['writeBufferMb', 256n],
    ['writeBufferMb', null],
    ['writeBufferMb', {}],
    ['writeBufferMb', 2 ** 53],
    ['compression', 'lzma'],
    ['compression', 'constructor'],
    ['compression', 5],
    ['walEnabled', 'off'],
    ['walEnabled', 0],
    ['enablePipelinedWrite', null],
  ])('%s cannot be %p', (option, value) => {
    const source = `tuning.${option}`
    const error = refusal({ tuning: { [option]: value } })
    expect(error).toMatchObject({ code: 'ERR_INVALID_TUNING', option, value, source })
    expect(error.message).toMatch(
      new RegExp(`^Tuning option ${option} \\(from ${source}\\) must be`),
    )
  })

  it.each([
    ['writeBufferMB', 'writeBufferMb'],
    ['write_buffer_mb', 'writeBufferMb'],
    ['blokCacheMb', 'blockCacheMb'],
  ])('%s is unknown, and %s is named', (option, known) => {
    const error = refusal({ tuning: { [option]: 1 } })
    expect(error).toMatchObject({ option, value: 1, source: `tuning.${option}` })
    expect(error.message).toContain(`did you mean "${known}"?`)
  })

  it.each(['constructor', '__proto__', 'toString'])('%s is unknown', (option) => {
    const tuning = JSON.parse(`{ "${option}": 1 }`)
    expect(refusal({ tuning }).message).toContain(`Unknown tuning option "${option}"`)
  })

  it.each([5, 'x', null, []])('tuning cannot be %p', (tuning) => {
    expect(() => resolve({ tuning })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    )
  })
})

describe('numbers outside their range', () => {
  const CASES = [
    ['maxBackgroundJobs', 0, 1],
    ['maxBackgroundJobs', 17, 16],
    ['writeBufferMb', 15, 16],
    ['writeBufferMb', 2049, 2048],
    ['writeBufferMb', 4294967295, 2048],
    ['targetFileSizeMb', 7, 8],
    ['targetFileSizeMb', 1025, 1024],
    ['blockCacheMb', 63, 64],
    ['blockCacheMb', 16385, 16384],
    ['bytesPerSyncMb', -1, 0],
    ['walBytesPerSyncMb', 257, 256],
    ['readaheadMb', 65, 64],
  ] as const

  let warn: jest.SpyInstance
  beforeEach(() => {
    warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  })
  afterEach(() => warn.mockRestore())

  it.each(CASES)('%s: %d becomes %d with one warning', (option, given, value) => {
    const resolved = resolve({ tuning: { [option]: given } })
    expect(resolved.report().options[option]).toMatchObject({ value, given, layer: 'code' })
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(new RegExp(`${option} .*tuning\\.${option}.* ${given},.* ${value} is`)),
      { type: 'TuningWarning', code: CLAMPED_WARNING },
    )
  })

  it.each(CASES)('%s: %d is refused with strict', (option, given) => {
    const error = refusal({ tuning: { [option]: given }, strict: true })
    expect(error).toMatchObject({ option, value: given, source: `tuning.${option}` })
    expect(error.message).toMatch(/must be an integer from \d+ to \d+ \(\w+\)\. Received/)
    expect(warn).not.toHaveBeenCalled()
  })

  it.each([
    ['writeBufferMb', 16],
    ['writeBufferMb', 2048],
    ['blockCacheMb', 64],
    ['maxBackgroundJobs', 16],
    ['bytesPerSyncMb', 0],
  ] as const)('%s: %d is kept without a word', (option, value) => {
    const entry = resolve({ tuning: { [option]: value }, strict: true }).report().options[option]
    expect(entry).toMatchObject({ value })
    expect(entry).not.toHaveProperty('given')
    expect(warn).not.toHaveBeenCalled()
  })
})

describe('column families', () => {
  const asked = {
    tuning: { writeBufferMb: 32, targetFileSizeMb: 32 },
    columnFamilies: {
      events: { tuning: { compression: 'lz4', targetFileSizeMb: 128, partitionFilters: true } },
      users: {},
    },
  }

  it('have the database’s values but for their own', () => {
    const { families, defaults } = resolve(asked)
    expect(families['users']).toEqual(defaults)
    expect(families['events']?.columnFamily).toMatchObject({
      compression: 'kLZ4Compression',
      target_file_size_base: '134217728',
      write_buffer_size: '33554432',
    })
    expect(families['events']?.table['partition_filters']).toBe('true')
    expect(families['users']?.table['partition_filters']).toBe('false')
  })

  it('are reported by what they set themselves', () => {
    const report = resolve(asked).report()
    expect(report.columnFamilies).toEqual({
      events: {
        compression: expect.objectContaining({
          value: 'lz4',
          layer: 'code',
          source: 'columnFamilies.events.tuning.compression',
        }),
        targetFileSizeMb: expect.objectContaining({ value: 128 }),
        partitionFilters: expect.objectContaining({ value: true }),
      },
      users: {},
    })
    expect(report.options.compression.value).toBe('zstd')
  })

  it.each(['blockCacheMb', 'maxBackgroundJobs', 'walEnabled'])('cannot set %s', (option) => {
    const error = refusal({ columnFamilies: { users: { tuning: { [option]: 64 } } } })
    expect(error).toMatchObject({ option, source: `columnFamilies.users.tuning.${option}` })
    expect(error.message).toContain('applies to the whole database')
  })

  it('may be called __proto__', () => {
    const columnFamilies = JSON.parse('{ "__proto__": { "tuning": { "compression": "none" } } }')
    const { families, report } = resolve({ columnFamilies })
    expect(Object.keys(families)).toEqual(['__proto__'])
    expect(Object.keys(report().columnFamilies)).toEqual(['__proto__'])
  })

  it('that come later are tuned and reported like the others, until they go', () => {
    const resolved = resolve(asked)
    const maps = resolved.addFamily('later', { tuning: { writeBufferMb: 64 } })
    expect(maps.columnFamily['write_buffer_size']).toBe('67108864')
    expect(resolved.report().columnFamilies['later']?.writeBufferMb?.value).toBe(64)
    resolved.removeFamily('later')
    expect(resolved.report().columnFamilies).not.toHaveProperty('later')
  })
})

describe('reports', () => {
  it('are the caller’s to keep and change', () => {
    const resolved = resolve({ tuning: { walEnabled: false } })
    const report = resolved.report()
    const before = structuredClone(report)
    report.options.compression.value = 'none'
    report.options.compression.rocksdb.text = 'changed'
    report.forced.length = 0
    expect(resolved.report()).toEqual(before)
  })

  it('name every option', () => {
    expect(Object.keys(resolve().report().options)).toEqual(TUNING_NAMES)
  })
})
