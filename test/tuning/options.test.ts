/** What `options()` reads back from RocksDB. */
import { type Database, versions } from 'rocksdb-live'
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
import { openAt, openFresh, reopen, useTempDirectory } from '../support/database'
import { expectMissing, lacks, missing } from '../support/engine'
import { expectRejection } from '../support/expectations'

const MIB = 1048576
const dir = useTempDirectory()

/** RocksDB's text in force for a row of the table; undefined if it has none. */
function inForce(db: Database, name: TuningName, family = 'default'): string | undefined {
  return readBack(db.options(), OPTIONS[name].target, family)
}

/** Targets of rows that RocksDB does not hold: each write or read, or other rows. */
const UNREAD = new Set<string>(['write', 'read', 'transactions', 'changes', 'rows'])

/** Options that a row needs to be allowed. */
const COMPANIONS: { [Name in TuningName]?: Tuning } = {
  allowStall: { dbWriteBufferMb: 64 },
  flushAfterAverageScanSkips: { flushAfterScanSkips: 100 },
  pinL0FilterAndIndex: { cacheIndexAndFilterBlocks: true },
}

/**
 * The smallest and the largest value of each row, the values just outside its range, and each
 * choice.
 */
const EXTREMES = TUNING_NAMES.flatMap((name): [TuningName, OptionValue][] => {
  const row = rowOf(name)
  if (UNREAD.has(row.target.map)) return []
  if (row.type === 'boolean') return [true, false].map((value) => [name, value])
  if (row.type === 'choice') return row.choices.map((value) => [name, value])
  const special = Object.keys(row.special ?? {}).map(Number)
  // RocksDB accepts no more files than the process may open.
  const max = name === 'maxOpenFiles' ? row.min + 1 : row.max
  return [row.min, max, ...special].map((value) => [name, value])
})

describe('tuning', () => {
  it.each(PRESETS)('of the preset %s is in force as tuning() says', async (preset) => {
    const db = await openFresh({ preset })
    const report = db.tuning()
    expect(Object.keys(report.options).sort()).toEqual([...TUNING_NAMES].sort())
    for (const name of TUNING_NAMES) {
      const { inForce: held, text, map } = report.options[name].rocksdb
      const unread = UNREAD.has(map) || (missing(name) && held === undefined)
      if (unread) expect([name, held]).toEqual([name, undefined])
      else expect([name, held]).toEqual([name, text])
    }
  })

  it.each(EXTREMES)('%s = %p is in force', async (name, value) => {
    if (missing(name) || lacks(name, value)) return expectMissing(name, value)
    const db = await openFresh({ tuning: { ...COMPANIONS[name], [name]: value } as Tuning })
    const entry = db.tuning().options[name]
    expect(entry.value).toBe(value)
    expect(inForce(db, name)).toBe(entry.rocksdb.text)
    expect(entry.rocksdb.inForce).toBe(entry.rocksdb.text)
  })

  it('without the WAL flushes atomically, writes unpipelined, and leaves no WAL', async () => {
    const db = await openFresh({ tuning: { walEnabled: false } })
    const { atomic_flush, enable_pipelined_write } = db.options().db
    expect([atomic_flush, enable_pipelined_write]).toEqual(['true', 'false'])
    expect(db.tuning().options.enablePipelinedWrite.value).toBe(false)
    await db.default.put('a', 'b')
    await db.flushWAL()
    expect(db.property('rocksdb.cur-size-all-mem-tables')).not.toBe('0')
  })
})

describe('families', () => {
  it('have their own options, at open and at creation', async () => {
    const db = await openFresh({
      tuning: { writeBufferMb: 32 },
      columnFamilies: { own: { tuning: { writeBufferMb: 16 } }, plain: {} },
    })
    await db.createColumnFamily('created', {
      tuning: { compression: 'lz4' },
      rocksdb: { columnFamily: { num_levels: 4 }, table: { block_size: 8192 } },
    })
    await db.createColumnFamily('created plain')
    const { columnFamilies } = db.options()
    expect(Object.keys(columnFamilies).sort()).toEqual([...db.columnFamilies()].sort())
    const sizes = Object.entries(columnFamilies).map(([name, { columnFamily }]) => [
      name,
      Number(columnFamily['write_buffer_size']) / MIB,
    ])
    expect(Object.fromEntries(sizes)).toEqual({
      default: 32,
      own: 16,
      plain: 32,
      created: 32,
      'created plain': 32,
    })
    expect(columnFamilies['created']).toMatchObject({
      columnFamily: { compression: 'kLZ4Compression', num_levels: '4' },
      table: { block_size: '8192' },
    })
  })

  it('that were not named at open have the database’s', async () => {
    const db = await openFresh({ columnFamilies: { found: { tuning: { writeBufferMb: 16 } } } })
    const again = await reopen(db, { tuning: { writeBufferMb: 24 } })
    expect(inForce(again, 'writeBufferMb', 'found')).toBe(String(24 * MIB))
  })

  it('share one block cache', async () => {
    const db = await openFresh({
      tuning: { blockCacheMb: 77 },
      columnFamilies: { a: {}, b: {} },
    })
    await db.createColumnFamily('c')
    for (const name of db.columnFamilies()) {
      expect(db.intProperty('rocksdb.block-cache-capacity', name)).toBe(77 * MIB)
    }
    for (let i = 0; i < 2000; i++) db.columnFamily('a').putSync(`key ${i}`, 'v'.repeat(100))
    await db.flush('a')
    expect(await db.columnFamily('a').count()).toBe(2000)
    const usage = db
      .columnFamilies()
      .map((name) => db.intProperty('rocksdb.block-cache-usage', name))
    expect(usage[0]).toBeGreaterThan(10_000)
    expect(new Set(usage).size).toBe(1)
  })
})

describe('RocksDB’s own options', () => {
  it('are passed through as text, numbers and booleans', async () => {
    const db = await openAt(dir('passed'), {
      rocksdb: {
        db: {
          max_total_wal_size: 12345678,
          allow_concurrent_memtable_write: false,
          stats_dump_period_sec: '77',
        },
        columnFamily: { level0_file_num_compaction_trigger: 9, disable_auto_compactions: true },
        table: { block_size: '32768', checksum: 'kxxHash64' },
      },
    })
    const { db: database, columnFamilies } = db.options()
    expect(database).toMatchObject({
      max_total_wal_size: '12345678',
      allow_concurrent_memtable_write: 'false',
      stats_dump_period_sec: '77',
    })
    expect(columnFamilies['default']).toMatchObject({
      columnFamily: { level0_file_num_compaction_trigger: '9', disable_auto_compactions: 'true' },
      table: { block_size: '32768', checksum: 'kxxHash64' },
    })
  })

  it('are applied last, over tuning', async () => {
    const db = await openFresh({
      tuning: { writeBufferMb: 64 },
      rocksdb: { columnFamily: { write_buffer_size: 5 * MIB } },
      columnFamilies: { a: { rocksdb: { columnFamily: { write_buffer_size: 6 * MIB } } } },
    })
    expect(inForce(db, 'writeBufferMb')).toBe(String(5 * MIB))
    expect(inForce(db as Database, 'writeBufferMb', 'a')).toBe(String(6 * MIB))
  })

  it.each([
    { rocksdb: { db: { max_background_jobs: 'many' } } },
    { rocksdb: { columnFamily: { compression: 'kNoSuchThing' } } },
    { rocksdb: { table: { block_size: 'x' } } },
    { rocksdb: { columnFamily: { merge_operator: 'no such operator' } } },
  ])('that RocksDB cannot read are refused and make nothing: %j', async (options) => {
    await expectRejection(openAt(dir('refused'), options), 'ERR_INVALID_ARGUMENT', 'refused')
    const db = await openAt(dir('refused'))
    expect(db.recovery.created).toBe(true)
  })

  it.each([
    { compression_opts: '{parallel_threads=0}' },
    { compression_opts: '-14:32767:0:0:0:0:true' },
    { 'compression_opts.parallel_threads': 2 ** 31 - 1 },
    { bottommost_compression_opts: '{parallel_threads=0;enabled=true}' },
    { compaction_options_fifo: '{max_table_files_size=0}' },
    { bottommost_compression: 'kXpressCompression' },
  ])('that end the process or lock it out are refused by name: %j', async (columnFamily) => {
    const [name = ''] = Object.keys(columnFamily).map((key) => key.split('.')[0])
    await expectFamilyRefused(columnFamily, name)
  })

  it('that only some RocksDBs survive are refused by those that do not', async () => {
    const columnFamily = { preclude_last_level_data_seconds: 1 }
    if (versions.rocksdb.startsWith('9.')) {
      await expectFamilyRefused(columnFamily, 'preclude_last_level_data_seconds must be 0')
      return
    }
    const db = await openFresh({ rocksdb: { columnFamily } })
    await db.default.put('key', 'value')
    const family = await db.createColumnFamily('f', { rocksdb: { columnFamily } })
    await family.put('key', 'value')
    await db.flush()
    expect(String(await family.get('key'))).toBe('value')
  })
})

/**
 * Expects that options of a family are refused with this text: at open, and for a family created
 * later.
 */
async function expectFamilyRefused(columnFamily: Record<string, string | number>, text: string) {
  const rocksdb = { columnFamily }
  await expectRejection(openAt(dir('refused'), { rocksdb }), 'ERR_INVALID_ARGUMENT', text)
  const db = await openFresh()
  const creating = db.createColumnFamily('f', { rocksdb })
  await expectRejection(creating, 'ERR_INVALID_ARGUMENT', text)
  expect(db.columnFamilies()).toEqual(['default'])
}
