// Makes RocksDB sync its WAL in every possible way, prints how many syncs the metrics count, and
// kills itself.
const { Registry } = require('prom-client')
const { collectMetrics } = require('../../../dist/metrics')
const { Database, args, families, main, say } = require('./support.cjs')

const [path, options] = args

main(async () => {
  const before = await Database.open(path, { columnFamilies: families, ...options })
  await before.default.put('before', 'v', { sync: true })
  await before.close()

  say('opening')
  const db = await Database.open(path, { columnFamilies: families, ...options })
  const register = new Registry()
  collectMetrics(db, { register })
  for (let n = 0; n < 5; n++) await db.default.put('k', String(n), { sync: true })
  await Promise.all(Array.from({ length: 50 }, () => db.default.put('k', 'v', { sync: true })))
  await db.default.put('k', 'v')
  await db.flushWAL({ sync: true })
  for (const name of ['a', 'b']) {
    await db.columnFamily(name).put('k', 'v')
    await db.columnFamily(name).put('l', 'v', { sync: true })
    await db.flush(name) // closes a WAL, which is synced if other families still need it
  }
  db.default.putSync('k', 'v', { sync: true })
  const text = await register.metrics()
  say('synced', Number(/^node_db_wal_synced_total\{.*\} (\d+)$/m.exec(text)[1]))
  process.kill(process.pid, 'SIGKILL') // closing would sync again
})
