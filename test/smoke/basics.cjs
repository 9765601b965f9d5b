// Opening, families, batches, scans: each check gets its own folder.

const assert = require('node:assert')
const path = require('node:path')
const { Database, TuningError } = require('rocksdb-live')

const families = {
  users: { key: 'utf8', value: 'json' },
  events: { key: 'uint64', value: 'utf8', tuning: { compression: 'lz4' } },
}

async function opensWithTuning(folder) {
  const tuning = { blockCacheMb: 64, writeBufferMb: 16 }
  const db = await Database.open(path.join(folder, 'db'), { tuning, columnFamilies: families })
  const { options } = db.tuning()
  assert.strictEqual(options.blockCacheMb.value, 64)
  assert.strictEqual(options.writeBufferMb.source, 'tuning.writeBufferMb')
  assert.strictEqual(options.compression.value, 'zstd')
  await db.setOptions({ maxBackgroundJobs: 3 })
  assert.strictEqual(db.tuning().options.maxBackgroundJobs.value, 3)
  await db.close()
  const wrong = Database.open(path.join(folder, 'db'), { tuning: { blockCacheMB: 1 } })
  await assert.rejects(wrong, TuningError)
}

async function readsWhatWasWritten(folder) {
  const db = await Database.open(path.join(folder, 'db'), { columnFamilies: families })
  const users = db.columnFamily('users')
  await users.put('ada', { name: 'Ada', logins: 1 })
  users.putSync('bob', { name: 'Bob', logins: 2 })
  assert.deepStrictEqual(await users.get('ada'), { name: 'Ada', logins: 1 })
  assert.deepStrictEqual(users.getSync('bob'), { name: 'Bob', logins: 2 })
  assert.strictEqual(await users.get('carol'), undefined)
  assert.deepStrictEqual(await users.getMany(['bob', 'x']), [{ name: 'Bob', logins: 2 }, undefined])
  const large = Buffer.alloc(3_000_000, 7)
  await db.default.put('large', large)
  assert.ok(large.equals(await db.default.get('large')))
  await users.delete('ada')
  assert.strictEqual(await users.has('ada'), false)
  await db.close()
}

async function makesAndDropsFamilies(folder) {
  const location = path.join(folder, 'db')
  const db = await Database.open(location, { columnFamilies: families })
  const extra = await db.createColumnFamily('extra', { key: 'uint32', value: 'utf8' })
  await extra.put(7, 'seven')
  assert.deepStrictEqual(db.columnFamilies().sort(), ['default', 'events', 'extra', 'users'])
  await db.dropColumnFamily('extra')
  await assert.rejects(extra.get(7), { code: 'ERR_DROPPED' })
  await db.close()
  const names = await Database.listColumnFamilies(location)
  assert.deepStrictEqual(names.sort(), ['default', 'events', 'users'])
}

async function writesBatches(folder) {
  const db = await Database.open(path.join(folder, 'db'), { columnFamilies: families })
  const events = db.columnFamily('events')
  for (let start = 0; start < 40_000; start += 10_000) {
    const batch = db.batch()
    for (let id = start; id < start + 10_000; id += 1) batch.put(events, BigInt(id), `event ${id}`)
    batch.put(db.columnFamily('users'), `upto ${start}`, { start })
    await batch.write({ sync: true })
  }
  assert.strictEqual(await events.count(), 40_000)
  assert.strictEqual(await db.columnFamily('users').count(), 4)
  await db.flush()
  await db.compactRange(events)
  assert.strictEqual(await events.get(39_999n), 'event 39999')
  assert.strictEqual(await events.count(), 40_000)
  await db.close()
}

async function compressesWithEveryCodec(folder) {
  const columnFamilies = {}
  for (const compression of ['none', 'lz4', 'lz4hc', 'zstd']) {
    columnFamilies[compression] = { tuning: { compression } }
  }
  const db = await Database.open(path.join(folder, 'db'), { columnFamilies })
  const text = 'compressible '.repeat(80)
  for (const name of Object.keys(columnFamilies)) {
    const family = db.columnFamily(name)
    const batch = db.batch()
    for (let id = 0; id < 2000; id += 1) batch.put(family, `key ${id}`, `${text}${id}`)
    await batch.write()
    await db.flush(family)
    await db.compactRange(family)
    assert.strictEqual(
      String(await family.get('key 1999', { verifyChecksums: true })),
      `${text}1999`,
    )
  }
  const size = (name) => db.intProperty('rocksdb.total-sst-files-size', name)
  assert.ok(size('zstd') * 5 < size('none'), 'zstd makes it smaller')
  assert.ok(size('lz4') * 5 < size('none'), 'lz4 makes it smaller')
  await db.close()
}

async function scansBothWays(folder) {
  const db = await Database.open(path.join(folder, 'db'), { columnFamilies: families })
  const events = db.columnFamily('events')
  for (let id = 0; id < 100; id += 1) events.putSync(BigInt(id), `event ${id}`)
  const forward = []
  for await (const [id] of events.entries({ gte: 10n, limit: 3 })) forward.push(id)
  assert.deepStrictEqual(forward, [10n, 11n, 12n])
  assert.deepStrictEqual([...events.keysSync({ lt: 5n, reverse: true, limit: 2 })], [4n, 3n])
  const cursor = events.cursor()
  cursor.seek(50n)
  assert.deepStrictEqual(cursor.next(2), [
    [50n, 'event 50'],
    [51n, 'event 51'],
  ])
  cursor.close()
  const before = db.snapshot()
  await events.deleteRange(0n, 90n)
  assert.strictEqual(await events.count(), 10)
  assert.strictEqual(await events.count({ snapshot: before }), 100)
  before.release()
  await db.close()
}

async function looksInside(folder) {
  const db = await Database.open(path.join(folder, 'db'), { tuning: { statistics: true } })
  await db.default.put('key', 'value')
  assert.match(db.property('rocksdb.stats'), /Compaction Stats/)
  assert.strictEqual(db.intProperty('rocksdb.estimate-num-keys'), 1)
  assert.strictEqual(db.statistics().tickers['rocksdb.number.keys.written'], 1)
  assert.strictEqual(db.health, 'ok')
  await db.close()
}

module.exports = {
  'opens with tuning, and says what is in force': opensWithTuning,
  'reads what was written': readsWhatWasWritten,
  'makes, lists and drops column families': makesAndDropsFamilies,
  'writes 40,000 rows in batches over two families, flushes and compacts': writesBatches,
  'compresses with lz4, lz4hc and zstd, and reads with checksums': compressesWithEveryCodec,
  'scans forward and back, with cursors and snapshots': scansBothWays,
  'has properties': looksInside,
}
