import type { Database } from 'rocksdb-live'
import {
  OPTIONS,
  type OptionValue,
  readBack,
  TUNING_NAMES,
  type Tuning,
  type TuningName,
} from '../../lib/tuning'
import { openFresh, reopen, useTempDirectory } from '../support/database'
import { expectRefused, lacks, missing } from '../support/engine'
import { expectRejection, expectThrow } from '../support/expectations'
import { unusualValue } from '../support/rows'

const MIB = 2 ** 20
useTempDirectory()

const held = (db: { options: Database['options'] }, name: TuningName, family = 'default') =>
  readBack(db.options(), OPTIONS[name].target, family)

/** A start value and a new value for rows that cannot take just any other value. */
const CHANGES: { [Name in TuningName]?: [Tuning, OptionValue] } = {
  writeBufferMb: [{}, 48],
  maxWriteBufferNumber: [{}, 5],
  dbWriteBufferMb: [{ dbWriteBufferMb: 64 }, 80],
  memtableWholeKeyFilter: [{}, true],
  walBytesPerSyncMb: [{}, 7],
  maxTotalWalMb: [{}, 200],
  maxBackgroundJobs: [{}, 6],
  targetFileSizeMb: [{}, 40],
  readaheadMb: [{}, 1],
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
  compressionThreads: [{}, 4],
  verifyCompactions: [{}, 'blocks'],
  manifestMb: [{}, 16],
  indexSearch: [{}, 'interpolation'],
  flushAfterScanSkips: [{}, 500],
  flushAfterAverageScanSkips: [{ flushAfterScanSkips: 1000 }, 20],
  scanCompactionPerKib: [{}, 10],
}

/** Expects that what this build lacks is refused by name, and that nothing else changes. */
async function expectNoChange(db: Database, name: TuningName, value: OptionValue) {
  const before = db.options()
  const changing = db.setOptions({ [name]: value, writeBufferMb: 32 })
  if (lacks(name, value)) {
    await expectRefused(changing, name, value)
    expect(db.options()).toEqual(before)
  } else {
    // This is the value anyway.
    expect((await changing).applied.map(({ option }) => option)).toEqual(['writeBufferMb'])
  }
}

describe('setOptions', () => {
  const changeable = TUNING_NAMES.filter((name) => OPTIONS[name].changeable !== false)

  it.each(changeable)('changes %s in RocksDB, and in no other option', async (name) => {
    const [tuning, value] = CHANGES[name] ?? [{}, unusualValue(name)]
    if (missing(name)) return expectNoChange(await openFresh(), name, value)
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
    // It would need a hash index, which open tables cannot get.
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
  ).map((name) => [name, unusualValue(name)])

  it.each(FIXED)('%s cannot become %p without a reopen', async (name, value) => {
    if (missing(name) || lacks(name, value)) return expectNoChange(await openFresh(), name, value)
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
