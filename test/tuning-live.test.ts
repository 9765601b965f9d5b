/** Tuning of an open database: where it came from, what RocksDB holds, and what changes while open. */
import { writeFileSync } from 'node:fs'
import { Database, watchTuning } from 'rocksdb-live'
import {
  OPTIONS,
  type OptionValue,
  readBack,
  TUNING_NAMES,
  type Tuning,
  type TuningName,
} from '../lib/tuning'
import { openAt, openFresh, reopen, useTempDirectory } from './support/database'
import { expectRejection, expectThrow } from './support/expectations'

const MIB = 2 ** 20
const dir = useTempDirectory()

const held = (db: { options: Database['options'] }, name: TuningName, family = 'default') =>
  readBack(db.options(), OPTIONS[name].target, family)

describe('opening', () => {
  const columnFamilies = { users: {}, events: { tuning: { compression: 'none' } } } as const

  it('takes all five layers, and says where each value came from', async () => {
    const configFile = dir('node.toml')
    writeFileSync(
      configFile,
      `[storage.db_tuning]
preset = "production"
block_cache_mb = "100MB"
[storage.db_tuning.column_families.users]
compression = "lz4"
`,
    )
    const db = await openFresh({
      tuning: { writeBufferMb: 48, blockCacheMb: 99 },
      configFile,
      env: { PQPRIV_DB_MAX_BACKGROUND_JOBS: '3', PQPRIV_DB_CF_EVENTS_BLOCK_SIZE_KB: '32' },
      argv: ['run', '--db-statistics', '--port=80', '--db.readahead-mb=9'],
      columnFamilies,
    })
    const { preset, options, columnFamilies: own } = db.tuning()
    expect(preset).toBe('production')
    const seen = (
      ['writeBufferMb', 'blockCacheMb', 'maxBackgroundJobs', 'readaheadMb'] as const
    ).map((name) => [options[name].value, options[name].layer, options[name].source])
    expect(seen).toEqual([
      [48, 'code', 'tuning.writeBufferMb'],
      [100, 'file', `${configFile}: storage.db_tuning.block_cache_mb`],
      [3, 'environment', 'environment variable PQPRIV_DB_MAX_BACKGROUND_JOBS'],
      [9, 'commandLine', 'command-line flag --db.readahead-mb'],
    ])
    expect(options.statistics).toMatchObject({ value: 'timers', layer: 'commandLine' })
    expect(own['users']?.compression).toMatchObject({
      value: 'lz4',
      rocksdb: { inForce: 'kLZ4Compression' },
    })
    expect(own['events']?.blockSizeKb).toMatchObject({ value: 32, rocksdb: { inForce: '32768' } })
    expect(held(db, 'maxBackgroundJobs')).toBe('3')
    expect(held(db, 'readaheadMb')).toBe(String(9 * MIB))
    expect(held(db, 'blockCacheMb')).toBe(String(100 * MIB))
    expect(held(db, 'writeBufferMb', 'users')).toBe(String(48 * MIB))
  })

  it('reads process.env where env is not given, and nothing where it is false', async () => {
    process.env['PQPRIV_DB_WRITE_BUFFER_MB'] = '40'
    try {
      expect((await openFresh()).tuning().options.writeBufferMb.value).toBe(40)
      expect((await openFresh({ env: false })).tuning().options.writeBufferMb.value).toBe(128)
      const exact = await Database.openWithTuning(dir('exact'), { blockCacheMb: 70 })
      const { blockCacheMb, writeBufferMb } = exact.tuning().options
      await exact.close()
      expect([blockCacheMb.value, writeBufferMb.value]).toEqual([70, 128])
    } finally {
      delete process.env['PQPRIV_DB_WRITE_BUFFER_MB']
    }
  })

  it('takes another prefix', async () => {
    const env = { SHOP_WRITE_BUFFER_MB: '40', PQPRIV_DB_NO_SUCH: '1' }
    const db = await openFresh({ env, envPrefix: 'SHOP_' })
    expect(db.tuning().options.writeBufferMb.value).toBe(40)
  })

  it.each([
    [{ configFile: 'no/such.toml' }, 'ERR_INVALID_TUNING', 'cannot be read'],
    [{ env: { PQPRIV_DB_NO_SUCH: '1' } }, 'ERR_INVALID_TUNING', 'PQPRIV_DB_NO_SUCH'],
    [{ argv: ['--db-nonsense'] }, 'ERR_INVALID_TUNING', '--db-nonsense'],
    [{ strict: true, tuning: { writeBufferMb: 1 } }, 'ERR_INVALID_TUNING', 'from 16 to 2048'],
    [{ env: 5 }, 'ERR_INVALID_ARG_TYPE', 'options.env'],
    [{ env: { PATH: 5 } }, 'ERR_INVALID_ARG_TYPE', 'options.env.PATH'],
    [{ env: null }, 'ERR_INVALID_ARG_TYPE', 'options.env'],
    [{ argv: 'x' }, 'ERR_INVALID_ARG_TYPE', 'options.argv'],
    [{ argv: [5] }, 'ERR_INVALID_ARG_TYPE', 'options.argv[0]'],
    [{ envPrefix: '' }, 'ERR_INVALID_ARG_VALUE', 'options.envPrefix'],
    [{ configFile: 5 }, 'ERR_INVALID_ARG_TYPE', 'configFile'],
    [{ strict: 1 }, 'ERR_INVALID_ARG_TYPE', 'options.strict'],
  ])('refuses %j', async (options, code, said) => {
    await expectRejection(Database.open(dir('refused'), options as never), code, said)
  })

  it.each(['tuning', 'configFile', 'env', 'envPrefix', 'argv'])(
    'with exactly a tuning, there is no option %s',
    async (name) => {
      const opening = Database.openWithTuning(dir('exact'), {}, { [name]: undefined } as never)
      await expectRejection(opening, 'ERR_INVALID_ARG_VALUE', name)
    },
  )

  it('counts the families on the disk against a memory budget', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}`, {}]))
    const db = await openFresh({ columnFamilies: many })
    await db.close()
    const opening = Database.open(db.path, { tuning: { memoryBudgetMb: 400 } })
    await expectRejection(opening, 'ERR_INVALID_TUNING', 'too small for 31 column families')
    const again = await openAt(db.path, { tuning: { memoryBudgetMb: 500 } })
    expect(again.tuning().options.blockCacheMb.value).toBe(375)
  })

  it('tunes families on the disk that only the file names, and makes none', async () => {
    const db = await openFresh({ columnFamilies: { users: {} } })
    await db.close()
    const warned = warnings()
    const configFile = dir('node.toml')
    writeFileSync(
      configFile,
      '[db.column_families.users]\ncompression = "lz4"\n[db.column_families.usres]\nblob_files = true\n',
    )
    const again = await openAt(db.path, { configFile })
    expect(held(again, 'compression', 'users')).toBe('kLZ4Compression')
    expect(again.columnFamilies().sort()).toEqual(['default', 'users'])
    expect(warned()).toEqual([expect.stringContaining('did you mean "users"?')])
    await again.createColumnFamily('usres')
    expect(held(again, 'blobFiles', 'usres')).toBe('true')
    expect(again.tuning().columnFamilies['usres']?.blobFiles?.layer).toBe('file')
    await again.dropColumnFamily('usres')
    expect(again.tuning().columnFamilies).not.toHaveProperty('usres')
  })
})

/** The warnings of tuning since it was called. */
function warnings(): () => string[] {
  const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  return () => {
    const messages = spy.mock.calls.map(([message]) => String(message))
    spy.mockRestore()
    return messages
  }
}

/** For each row that can change: what it starts from, and a value to change to. */
const CHANGES: { [Name in TuningName]?: [Tuning, OptionValue] } = {
  writeBufferMb: [{}, 48],
  maxWriteBufferNumber: [{}, 5],
  dbWriteBufferMb: [{ dbWriteBufferMb: 64 }, 80],
  memtableWholeKeyFilter: [{}, true],
  walBytesPerSyncMb: [{}, 7],
  maxTotalWalMb: [{}, 200],
  maxBackgroundJobs: [{}, 6],
  targetFileSizeMb: [{}, 40],
  readaheadMb: [{}, 5],
  rateLimitMbPerSec: [{ rateLimitMbPerSec: 100 }, 50],
  ttlSeconds: [{}, 7200],
  periodicCompactionSeconds: [{}, 7200],
  memoryBudgetMb: [{ memoryBudgetMb: 1000 }, 2000],
  blockCacheMb: [{}, 77],
  profile: [{}, 'bulk-load'],
  compression: [{}, 'lz4'],
  bottommostCompression: [{}, 'lz4hc'],
  compressionLevel: [{}, 9],
  zstdDictionaryKb: [{}, 32],
  blockSizeKb: [{}, 24],
  prefixLength: [{}, 5],
  blobFiles: [{}, true],
  blobMinSizeKb: [{}, 20],
  maxOpenFiles: [{}, 100],
  bytesPerSyncMb: [{}, 9],
  statsDumpSeconds: [{}, 30],
}

describe('setOptions', () => {
  const changeable = TUNING_NAMES.filter((name) => OPTIONS[name].changeable !== false)

  it('has a case for every row that can change', () => {
    expect(Object.keys(CHANGES).sort()).toEqual([...changeable].sort())
  })

  it.each(changeable)('changes %s in RocksDB, and in no other option', async (name) => {
    const [tuning, value] = CHANGES[name] as [Tuning, OptionValue]
    const db = await openFresh({ tuning, columnFamilies: { other: {} } })
    const before = db.options()
    const { applied, held: none } = await db.setOptions({ [name]: value })
    expect(none).toEqual([])
    expect(applied).toContainEqual({
      option: name,
      from: expect.anything(),
      to: value,
      source: 'db.setOptions',
    })
    const entry = db.tuning().options[name]
    expect(entry).toMatchObject({ value, layer: 'live', source: 'db.setOptions' })
    if (name === 'memoryBudgetMb' || name === 'profile') return
    expect(entry.rocksdb.inForce).toBe(entry.rocksdb.text)
    expect(held(db, name, 'other')).toBe(entry.rocksdb.text)
    expect(readBack(before, OPTIONS[name].target, 'default')).not.toBe(entry.rocksdb.text)
    for (const other of TUNING_NAMES.filter((other) => other !== name)) {
      const was = readBack(before, OPTIONS[other].target, 'default')
      expect([other, held(db, other)]).toEqual([other, was])
    }
  })

  it('with a budget moves the cache and the bound on write buffers', async () => {
    const db = await openFresh({ tuning: { memoryBudgetMb: 1000 } })
    await db.setOptions({ memoryBudgetMb: 2000 })
    expect(held(db, 'blockCacheMb')).toBe(String(1500 * MIB))
    expect(held(db, 'dbWriteBufferMb')).toBe(String(500 * MIB))
    await expectRejection(
      db.setOptions({ memoryBudgetMb: 20 }),
      'ERR_INVALID_TUNING',
      'too small for 1 column families',
    )
  })

  it('with a profile changes its rows', async () => {
    const db = await openFresh({ columnFamilies: { log: {}, other: {} } })
    await db.setOptions('log', { profile: 'bulk-load' })
    expect(held(db, 'compression', 'log')).toBe('kLZ4Compression')
    expect(held(db, 'blockSizeKb', 'log')).toBe('16384')
    expect(held(db, 'compression', 'other')).toBe('kZSTD')
    // It would need a hash index, which open tables cannot have.
    await expectRejection(
      db.setOptions('log', { profile: 'point-lookup' }),
      'ERR_INVALID_TUNING',
      'reopen',
    )
  })

  it('of one family leaves the others, and takes the database’s options as well', async () => {
    const db = await openFresh({
      columnFamilies: { users: {}, own: { tuning: { blockSizeKb: 8 } } },
    })
    const users = db.columnFamily('users')
    await db.setOptions(users, { blockCacheMb: 80, compression: 'lz4' })
    expect(held(db, 'compression', 'users')).toBe('kLZ4Compression')
    expect(held(db, 'compression', 'own')).toBe('kZSTD')
    expect(held(db, 'blockCacheMb')).toBe(String(80 * MIB))
    expect(db.tuning().columnFamilies['users']?.compression?.value).toBe('lz4')
    await db.setOptions({ blockSizeKb: 32 })
    const sizes = ['default', 'users', 'own'].map((name) => held(db, 'blockSizeKb', name))
    expect(sizes).toEqual(['32768', '32768', '8192'])
  })

  it('holds for families that are made later, and is gone after a reopen', async () => {
    const db = await openFresh()
    await db.setOptions({ compression: 'none', blockSizeKb: 64 })
    await db.createColumnFamily('later')
    expect(held(db, 'compression', 'later')).toBe('kNoCompression')
    expect(held(db, 'blockSizeKb', 'later')).toBe('65536')
    const again = await reopen(db)
    expect(held(again, 'compression', 'later')).toBe('kZSTD')
  })

  it('makes blocks of the new size', async () => {
    const db = await openFresh({ tuning: { compression: 'none' } })
    const write = async () => {
      for (let i = 0; i < 2000; i++) db.default.putSync(`key ${i}`, 'v'.repeat(100))
      await db.flush()
    }
    const blocks = () =>
      Number(
        /# data blocks=(\d+)/.exec(db.property('rocksdb.aggregated-table-properties') ?? '')?.[1],
      )
    await write()
    const small = blocks()
    await db.setOptions({ blockSizeKb: 64 })
    await write()
    expect(small).toBeGreaterThan(50)
    expect(blocks() - small).toBeLessThan(10)
  })

  const FIXED: [TuningName, OptionValue][] = TUNING_NAMES.filter(
    (name) => OPTIONS[name].changeable === false,
  ).map((name) => {
    const row = OPTIONS[name]
    const usual = row.presets.default
    if (row.type === 'boolean') return [name, !usual]
    if (row.type === 'choice') return [name, row.choices.find((choice) => choice !== usual) ?? '']
    return [name, row.min + 1]
  })

  it.each(FIXED)('%s cannot become %p without a reopen', async (name, value) => {
    const tuning = name === 'allowStall' ? { dbWriteBufferMb: 64 } : {}
    const db = await openFresh({ tuning })
    const before = db.tuning()
    const error = await db.setOptions({ [name]: value, writeBufferMb: 32 }).catch((e) => e)
    expect(error).toMatchObject({
      code: 'ERR_INVALID_TUNING',
      option: name,
      source: 'db.setOptions',
    })
    expect(error.message).toContain('a reopen is needed')
    expect(db.tuning()).toEqual(before)
    await db.setOptions({ writeBufferMb: 32 })
    expect(db.tuning().options[name]).toEqual(before.options[name])
  })

  it.each([
    ['rateLimitMbPerSec', 0, 100],
    ['rateLimitMbPerSec', 100, 0],
    ['dbWriteBufferMb', 0, 100],
    ['dbWriteBufferMb', 100, 0],
    ['memoryBudgetMb', 0, 1000],
    ['memoryBudgetMb', 1000, 0],
  ] as const)('%s cannot go from %d to %d without a reopen', async (name, from, to) => {
    const db = await openFresh({ tuning: { [name]: from } })
    const before = db.options()
    await expectRejection(db.setOptions({ [name]: to }), 'ERR_INVALID_TUNING', 'reopen')
    expect(db.options()).toEqual(before)
  })

  it.each([
    [{ writeBufferMB: 1 }, 'ERR_INVALID_TUNING', 'did you mean "writeBufferMb"?'],
    [{ writeBufferMb: '1' }, 'ERR_INVALID_TUNING', 'must be an integer'],
    [{ zstdDictionaryKb: 16, compression: 'lz4' }, 'ERR_INVALID_TUNING', 'only zstd'],
    [5, 'ERR_INVALID_ARG_TYPE', 'options'],
    [null, 'ERR_INVALID_ARG_TYPE', 'options'],
  ])('refuses %j', async (options, code, said) => {
    const db = await openFresh()
    const before = db.options()
    await expectRejection(db.setOptions(options as never), code, said)
    expect(db.options()).toEqual(before)
    expect(await db.setOptions({})).toEqual({ applied: [], held: [] })
  })

  it('takes one change after the other', async () => {
    const db = await openFresh()
    const sizes = [20, 30, 40, 50, 60]
    const changes = await Promise.all(
      sizes.map((writeBufferMb) => db.setOptions({ writeBufferMb })),
    )
    expect(changes.map(({ applied }) => applied[0]?.from)).toEqual([128, 20, 30, 40, 50])
    expect(held(db, 'writeBufferMb')).toBe(String(60 * MIB))
  })

  it('is refused of another database’s family, and after close', async () => {
    const [db, other] = [await openFresh(), await openFresh()]
    await expectRejection(
      db.setOptions(other.default, {}),
      'ERR_INVALID_ARG_VALUE',
      'same database',
    )
    await db.close()
    await expectRejection(db.setOptions({ writeBufferMb: 32 }), 'ERR_CLOSED')
    expectThrow(() => db.statistics(), 'ERR_CLOSED')
    expect(db.tuning().options.writeBufferMb.rocksdb).not.toHaveProperty('inForce')
  })
})

describe('statistics', () => {
  it('are undefined where they are off', async () => {
    expect((await openFresh()).statistics()).toBeUndefined()
  })

  it('count and time what happens', async () => {
    const db = await openFresh({ tuning: { statistics: true } })
    for (let i = 0; i < 100; i++) db.default.putSync(`key ${i}`, 'value')
    for (let i = 0; i < 100; i++) db.default.getSync(`key ${i}`)
    const { tickers, histograms } = db.statistics() ?? { tickers: {}, histograms: {} }
    expect(tickers['rocksdb.number.keys.written']).toBe(100)
    expect(tickers['rocksdb.number.keys.read']).toBe(100)
    expect(histograms['rocksdb.db.get.micros']).toMatchObject({
      count: 100,
      p99: expect.any(Number),
    })
  })
})

describe('watchTuning', () => {
  it('reads the file again, applies what can change, and says what cannot', async () => {
    const configFile = dir('node.toml')
    writeFileSync(configFile, '[db]\nwrite_buffer_mb = 32\n')
    const db = await openFresh({ configFile, columnFamilies: { users: {} } })
    using watch = watchTuning(db)
    expect(await watch.reload()).toEqual({ applied: [], held: [] })
    writeFileSync(
      configFile,
      '[db]\nwrite_buffer_mb = 48\nfilter_policy = "ribbon"\n[db.column_families.users]\ncompression = "lz4"\n',
    )
    const { applied, held: waiting } = await watch.reload()
    expect(applied.map(({ option, columnFamily, to }) => [option, columnFamily, to])).toEqual([
      ['writeBufferMb', undefined, 48],
      ['compression', 'users', 'lz4'],
    ])
    expect(waiting.map(({ option, to }) => [option, to])).toEqual([['filterPolicy', 'ribbon']])
    expect(held(db, 'writeBufferMb')).toBe(String(48 * MIB))
    expect(held(db, 'compression', 'users')).toBe('kLZ4Compression')
    expect(held(db, 'filterPolicy')).toBe('bloomfilter:10:false')
    expect(db.tuning().options.filterPolicy.value).toBe('bloom')
    await db.setOptions({ maxBackgroundJobs: 3 })
    expect(held(db, 'maxBackgroundJobs')).toBe('3')
  })

  it('takes back what a family had', async () => {
    const db = await openFresh({ columnFamilies: { users: {} } })
    await db.close()
    const configFile = dir('node.toml')
    writeFileSync(
      configFile,
      '[db.column_families.users]\ncompression = "lz4"\nfilter_policy = "none"\n',
    )
    const again = await openAt(db.path, { configFile })
    using watch = watchTuning(again)
    writeFileSync(configFile, '')
    const changes = await watch.reload()
    expect(changes.applied).toEqual([
      expect.objectContaining({ option: 'compression', columnFamily: 'users', to: 'zstd' }),
    ])
    expect(changes.held).toEqual([
      expect.objectContaining({ option: 'filterPolicy', columnFamily: 'users', to: 'bloom' }),
    ])
    expect(held(again, 'compression', 'users')).toBe('kZSTD')
    expect(held(again, 'filterPolicy', 'users')).toBe('nullptr')
  })

  it('changes nothing where a value is wrong', async () => {
    const configFile = dir('node.toml')
    const db = await openFresh()
    using watch = watchTuning(db, { configFile })
    await expectRejection(watch.reload(), 'ERR_INVALID_TUNING', 'cannot be read')
    writeFileSync(configFile, '[db]\nwrite_buffer_mb = "much"\nblock_cache_mb = 100\n')
    const before = db.tuning()
    await expectRejection(watch.reload(), 'ERR_INVALID_TUNING', 'db.write_buffer_mb')
    expect(db.tuning()).toEqual(before)
  })

  it('keeps what was set while open', async () => {
    const configFile = dir('node.toml')
    writeFileSync(configFile, '[db]\nwrite_buffer_mb = 48\n')
    const db = await openFresh()
    using watch = watchTuning(db, { configFile })
    await db.setOptions({ writeBufferMb: 64 })
    await watch.reload()
    expect(db.tuning().options.writeBufferMb).toMatchObject({ value: 64, layer: 'live' })
  })

  it('listens for its signal until it or the database is closed', async () => {
    const count = () => process.listenerCount('SIGHUP')
    const before = count()
    const db = await openFresh()
    const watch = watchTuning(db)
    expect(count()).toBe(before + 1)
    watch.close()
    watch.close()
    expect(count()).toBe(before)
  })

  it.each([
    [{ signal: 'SIGKILL' }, 'options.signal'],
    [{ onChange: 5 }, 'options.onChange'],
    [{ configFile: 5 }, 'configFile'],
    [{ file: 'x' }, 'file'],
  ])('refuses %j', async (options, said) => {
    const db = await openFresh()
    expect(() => watchTuning(db, options as never)).toThrow(said)
  })
})
