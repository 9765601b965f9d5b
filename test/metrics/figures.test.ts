/** Single metrics, in the situations that they are made for. */
import { Registry } from 'prom-client'
import type { Database } from 'rocksdb-live'
import { collectMetrics } from 'rocksdb-live/metrics'
import { openFresh, useTempDirectory } from '../support/database'
import { eventually } from '../support/tools'
import { type Line, linesOf, scrape, sumOf } from './support'

useTempDirectory()

// biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
type AnyDatabase = Database<any>

/** Returns a function that scrapes the database's metrics anew. */
function scraped(db: AnyDatabase): () => Promise<Line[]> {
  const register = new Registry()
  collectMetrics(db, { register, maxAgeMs: 0 })
  return () => scrape(register)
}

const VALUE = Buffer.alloc(1000, 'x')

async function flushed(db: AnyDatabase, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    db.default.putSync('a', VALUE)
    db.default.putSync('z', VALUE)
    await db.flush()
  }
}

describe('of families', () => {
  it('are keys, memtables, files and bytes of levels, flushes and compactions', async () => {
    const rocksdb = { columnFamily: { disable_auto_compactions: 'true' } }
    const db = await openFresh({ rocksdb, columnFamilies: { users: {} } })
    const read = scraped(db)
    await flushed(db, 3)
    for (let n = 0; n < 10; n++) await db.columnFamily('users').put(`k${n}`, VALUE)
    const before = await read()
    const of = (lines: Line[], name: string, family = 'default', more = {}) =>
      sumOf(lines, `node_db_${name}`, { column_family: family, ...more })
    expect(of(before, 'keys', 'users')).toBe(10)
    expect(of(before, 'memtable_bytes', 'users')).toBeGreaterThan(10_000)
    expect(of(before, 'memtables', 'users')).toBe(1)
    expect(of(before, 'level_files', 'default', { level: 0 })).toBe(3)
    expect(of(before, 'level_bytes', 'default', { level: 0 })).toBeGreaterThan(1000)
    expect(of(before, 'live_data_bytes')).toBeGreaterThan(1000)
    expect(of(before, 'read_amplification')).toBe(4)
    expect(of(before, 'flushes_total')).toBe(3)
    expect(of(before, 'flush_written_bytes_total')).toBeGreaterThan(0)
    await db.compactRange(db.default)
    const after = await read()
    expect(of(after, 'level_files', 'default', { level: 0 })).toBe(0)
    expect(of(after, 'level_files')).toBe(1)
    expect(of(after, 'read_amplification')).toBe(2)
    expect(of(after, 'compactions_total')).toBe(1)
    expect(of(after, 'compaction_read_bytes_total')).toBeGreaterThan(1000)
    expect(of(after, 'compaction_written_bytes_total')).toBeGreaterThan(100)
    expect(of(after, 'compaction_seconds_total')).toBeGreaterThan(0)
    expect(of(after, 'write_amplification')).toBeGreaterThan(1)
    await db.dropColumnFamily('users')
    expect(linesOf(await read(), 'node_db_keys', { column_family: 'users' })).toEqual([])
  })

  it('are blob files and their garbage', async () => {
    const db = await openFresh({
      rocksdb: { columnFamily: { enable_blob_files: 'true', min_blob_size: '500' } },
    })
    const read = scraped(db)
    for (let n = 0; n < 10; n++) await db.default.put(`k${n}`, VALUE)
    await db.flush()
    const before = await read()
    expect(sumOf(before, 'node_db_blob_files')).toBe(1)
    expect(sumOf(before, 'node_db_blob_bytes')).toBeGreaterThan(0)
    expect(sumOf(before, 'node_db_blob_garbage_bytes')).toBe(0)
    for (let n = 0; n < 5; n++) await db.default.put(`k${n}`, VALUE)
    await db.compactRange(db.default)
    expect(sumOf(await read(), 'node_db_blob_garbage_bytes')).toBeGreaterThan(0)
  })
})

describe('of the database', () => {
  it('are cursors, snapshots and the age of the oldest', async () => {
    const db = await openFresh()
    for (let n = 0; n < 10; n++) await db.default.put(`k${n}`, 'v')
    const read = scraped(db)
    const none = await read()
    expect(sumOf(none, 'node_db_open_cursors')).toBe(0)
    expect(sumOf(none, 'node_db_snapshots')).toBe(0)
    expect(sumOf(none, 'node_db_oldest_snapshot_age_seconds')).toBe(0)
    const snapshots = [db.snapshot(), db.snapshot()]
    const cursors = [db.default.cursor(), db.default.cursor()]
    for (const cursor of cursors) cursor.next(1)
    const some = await read()
    expect(sumOf(some, 'node_db_open_cursors')).toBe(2)
    expect(sumOf(some, 'node_db_snapshots')).toBe(4) // each cursor has one, too
    const age = async () => sumOf(await read(), 'node_db_oldest_snapshot_age_seconds')
    // RocksDB knows the second.
    const old = await eventually('age', async () => ((await age()) > 0 ? age() : undefined))
    expect(old).toBeLessThan(60)
    for (const snapshot of snapshots) snapshot.release()
    for (const cursor of cursors) cursor.close()
    const gone = await read()
    expect(sumOf(gone, 'node_db_open_cursors')).toBe(0)
    expect(sumOf(gone, 'node_db_oldest_snapshot_age_seconds')).toBe(0)
  })

  it('are writes, their bytes and those of the WAL', async () => {
    const db = await openFresh()
    const read = scraped(db)
    await db.default.put('k', VALUE)
    await db.default.put('k', VALUE, { disableWAL: true })
    await db.write([
      { type: 'put', key: 'a', value: VALUE },
      { type: 'put', key: 'b', value: VALUE },
    ])
    const lines = await read()
    expect(sumOf(lines, 'node_db_wal_writes_total')).toBe(2)
    expect(sumOf(lines, 'node_db_written_keys_total')).toBe(4)
    expect(sumOf(lines, 'node_db_written_bytes_total')).toBeGreaterThan(4000)
    expect(sumOf(lines, 'node_db_wal_written_bytes_total')).toBeGreaterThan(3000)
    expect(sumOf(lines, 'node_db_wal_written_bytes_total')).toBeLessThan(4000)
    expect(sumOf(lines, 'node_db_wal_synced_total')).toBe(0)
  })

  it('are the block cache', async () => {
    const db = await openFresh({ tuning: { blockCacheMb: 64 } })
    const read = scraped(db)
    const capacity = async () => sumOf(await read(), 'node_db_block_cache_capacity_bytes')
    expect(await capacity()).toBe(64 * 2 ** 20)
    await db.setOptions({ blockCacheMb: 128 })
    expect(await capacity()).toBe(128 * 2 ** 20)
    const lines = await read()
    const used = sumOf(lines, 'node_db_block_cache_usage_bytes')
    expect(used).toBeGreaterThanOrEqual(sumOf(lines, 'node_db_block_cache_pinned_bytes'))
  })

  it('are the rate to which writes are slowed down, and how long they were held up', async () => {
    const columnFamily = {
      compaction_style: 'kCompactionStyleNone',
      level0_file_num_compaction_trigger: '2',
      level0_slowdown_writes_trigger: '2',
      level0_stop_writes_trigger: '30',
    }
    const db = await openFresh({ rocksdb: { columnFamily } })
    const read = scraped(db)
    const [rate, seconds] = [
      'node_db_delayed_write_rate_bytes_per_second',
      'node_db_write_stall_seconds_total',
    ]
    const before = await read()
    expect([sumOf(before, rate), sumOf(before, seconds)]).toEqual([0, 0])
    await flushed(db, 2)
    await Promise.all(Array.from({ length: 3000 }, (_, n) => db.default.put(`k${n}`, VALUE)))
    const after = await read()
    expect(sumOf(after, rate)).toBeGreaterThan(0)
    expect(sumOf(after, seconds)).toBeGreaterThan(0)
    expect(sumOf(after, 'node_db_write_stopped')).toBe(0)
    expect(sumOf(after, 'node_db_write_stalls_total', { action: 'delay' })).toBe(1)
  })

  it('are stalls by cause, and whether writes are held up now', async () => {
    const db = await openFresh({
      rocksdb: {
        columnFamily: {
          level0_file_num_compaction_trigger: '2',
          level0_slowdown_writes_trigger: '2',
          level0_stop_writes_trigger: '3',
          disable_auto_compactions: 'false',
        },
        db: { max_background_jobs: '1' },
      },
    })
    const stalls: string[] = []
    db.on('stall', ({ state, previous, columnFamily }) => {
      stalls.push(`${columnFamily}: ${previous} to ${state}`)
    })
    const read = scraped(db)
    const count = async (action: string) => {
      const labels = { column_family: 'default', cause: 'level0_files', action }
      return sumOf(await read(), 'node_db_write_stalls_total', labels)
    }
    expect([await count('delay'), await count('stop')]).toEqual([0, 0])
    await eventually('stall', async () => {
      await flushed(db, 1)
      const all = (await count('delay')) + (await count('stop'))
      // RocksDB reports them outside its mutex: of two at once, either may come first.
      const begun = stalls.some((each) => /^default: normal to (delayed|stopped)$/.test(each))
      return all > 0 && begun ? true : undefined
    })
    await db.compactRange(db.default)
    const free = async () => sumOf(await read(), 'node_db_write_stopped') === 0
    expect(await eventually('free', async () => ((await free()) ? true : undefined))).toBe(true)
    const causes = linesOf(await read(), 'node_db_write_stalls_total')
    expect(new Set(causes.map(({ labels }) => labels['cause']))).toEqual(
      new Set(['memtable', 'level0_files', 'pending_compaction_bytes', 'write_buffer_manager']),
    )
  })
})
