// Checkpoints, paths, threads, closing, metrics, traces: each check gets its own folder.

const assert = require('node:assert')
const { existsSync } = require('node:fs')
const path = require('node:path')
const { Worker } = require('node:worker_threads')
const { counter, Database } = require('rocksdb-live')

async function reopensAndCheckpoints(folder) {
  const first = await Database.open(path.join(folder, 'db'))
  await first.default.put('key', 'before')
  await first.close()
  const db = await Database.open(path.join(folder, 'db'))
  assert.strictEqual(String(await db.default.get('key')), 'before')
  await db.checkpoint(path.join(folder, 'copy'))
  await db.default.put('key', 'after')
  const copy = await Database.open(path.join(folder, 'copy'), { mode: 'read-only' })
  assert.strictEqual(String(await copy.default.get('key')), 'before')
  await assert.rejects(copy.default.put('key', 'x'), { code: 'ERR_READ_ONLY' })
  await copy.close()
  await db.close()
  await Database.destroy(path.join(folder, 'db'))
  await assert.rejects(Database.open(path.join(folder, 'db'), { createIfMissing: false }))
}

async function takesPathsInUtf8(folder) {
  const location = path.join(folder, 'Zürich データ 🗄', 'база')
  const db = await Database.open(location, { columnFamilies: { 'naïve ☃': { key: 'utf8' } } })
  await db.columnFamily('naïve ☃').put('κλειδί', 'τιμή')
  await db.checkpoint(path.join(folder, 'copie é'))
  await db.close()
  assert.ok(existsSync(path.join(location, 'CURRENT')), 'the folder has the name that was given')
  const again = await Database.open(location)
  assert.deepStrictEqual(again.columnFamilies().sort(), ['default', 'naïve ☃'])
  const family = again.columnFamily('naïve ☃', { key: 'utf8', value: 'utf8' })
  assert.strictEqual(await family.get('κλειδί'), 'τιμή')
  await again.close()
  const copy = await Database.open(path.join(folder, 'copie é'))
  assert.strictEqual(copy.columnFamilies().length, 2)
  await copy.close()
}

function messageOf(worker) {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

async function sharesWithWorkers(folder) {
  const location = path.join(folder, 'db')
  const db = await Database.open(location)
  const start = (name) =>
    new Worker(path.join(__dirname, 'worker.cjs'), { workerData: { location, name } })
  const workers = [start('first'), start('second')]
  const said = await Promise.all(workers.map(messageOf))
  assert.deepStrictEqual(said, ['first', 'second'])
  assert.strictEqual(await db.default.count(), 2000)
  assert.strictEqual(String(await db.default.get('second 999')), '999')
  await Promise.all(workers.map((worker) => worker.terminate()))
  await db.close()
}

async function closesOnce(folder) {
  const db = await Database.open(path.join(folder, 'db'))
  const { default: family } = db
  const pending = Array.from({ length: 200 }, (_, index) => family.put(`key ${index}`, 'value'))
  const closed = db.close()
  await Promise.all([...pending, closed, db.close()])
  assert.strictEqual(db.closed, true)
  await assert.rejects(family.get('key 1'), { code: 'ERR_CLOSED' })
  assert.throws(() => family.putSync('key', 'value'), { code: 'ERR_CLOSED' })
  const again = await Database.open(path.join(folder, 'db'))
  assert.strictEqual(await again.default.count(), 200)
  again.closeSync()
}

async function refusesWrongArguments(folder) {
  const db = await Database.open(path.join(folder, 'db'))
  assert.throws(() => db.default.putSync(undefined, 'value'), { code: 'ERR_INVALID_ARG_TYPE' })
  await assert.rejects(Database.open(path.join(folder, 'file\0name')))
  await assert.rejects(Database.open(__filename), { code: 'ERR_IO' })
  await db.close()
}

async function addsCounters(folder) {
  const most = 2n ** 63n - 1n
  const columnFamilies = { sums: { key: 'utf8', value: counter() } }
  const first = await Database.open(path.join(folder, 'db'), { columnFamilies })
  await first.columnFamily('sums').put('key', most)
  await first.columnFamily('sums').increment('key')
  await first.columnFamily('sums').increment('other', -(2n ** 63n))
  await first.close()
  const db = await Database.open(path.join(folder, 'db'))
  const sums = db.columnFamily('sums', columnFamilies.sums)
  await assert.rejects(sums.get('key'), { code: 'ERR_OUT_OF_RANGE' })
  await sums.increment('key', -2n)
  assert.deepStrictEqual(await sums.getMany(['key', 'other']), [most - 1n, -(2n ** 63n)])
  await db.close()
}

async function countsMetrics(folder) {
  const { Registry } = require('prom-client')
  const { collectMetrics } = require('rocksdb-live/metrics')
  const register = new Registry()
  const db = await Database.open(path.join(folder, 'db'))
  collectMetrics(db, { register })
  await db.default.put('key', 'value')
  const text = await register.metrics()
  assert.match(text, /^node_db_size_bytes\{db="db"\} [1-9]\d*$/m)
  assert.match(text, /^node_db_write_batch_ms_count\{db="db"\} 1$/m)
  await db.close()
}

async function tellsOfOperations(folder) {
  const { tracingChannel } = require('node:diagnostics_channel')
  const db = await Database.open(path.join(folder, 'db'))
  const channel = tracingChannel('rocksdb-live:operation')
  const told = []
  const tell = ({ operation, bytes }) => told.push([operation, bytes])
  channel.asyncEnd.subscribe(tell)
  await db.default.put('key', 'value', { sync: true })
  await db.default.get('key')
  for await (const row of db.default.keys()) told.push(String(row))
  channel.asyncEnd.unsubscribe(tell)
  await db.default.put('key', 'other')
  assert.deepStrictEqual(told, [['put', 8], ['get', 5], 'key', ['scan', 3]])
  await db.close()
}

module.exports = {
  'reopens, and opens a checkpoint': reopensAndCheckpoints,
  'takes paths and names in UTF-8': takesPathsInUtf8,
  'is shared with worker threads': sharesWithWorkers,
  'closes after what was called before': closesOnce,
  'refuses wrong arguments without ending the process': refusesWrongArguments,
  'adds counters, also those that it takes over': addsCounters,
  'counts in metrics': countsMetrics,
  'tells of operations': tellsOfOperations,
}
