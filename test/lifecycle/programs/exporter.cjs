// A service: writes, exports its metrics, and reports its own counts on request.
const fs = require('node:fs')
const path = require('node:path')
const readline = require('node:readline')
const { setTimeout } = require('node:timers/promises')
const { Registry } = require('prom-client')
const { collectMetrics, serveMetrics } = require('../../../dist/metrics')
const { Database, args, keyOf, main, say } = require('./support.cjs')

const [directory] = args

/** Bytes of the database's own files. */
function sizeOf(at) {
  const files = fs.readdirSync(at).filter((name) => /\.(sst|blob|log)$/.test(name))
  return files.reduce((sum, name) => sum + fs.statSync(path.join(at, name)).size, 0)
}

main(async () => {
  const db = await Database.open(directory)
  const register = new Registry()
  collectMetrics(db, { register, labels: { db: 'shop' } })
  const server = await serveMetrics({ port: 0, register })
  say('serving', server.url)
  const known = { writes: 0, synced: 0, slowest: 0 }
  let loading = true
  const load = (async () => {
    while (loading) {
      const sync = known.writes % 10 === 0
      const begun = performance.now()
      const batch = db.batch()
      for (let n = 0; n < 10; n++)
        batch.put(db.default, keyOf(known.writes * 10 + n), 'v'.repeat(100))
      await batch.write({ sync })
      known.writes++
      if (sync) known.synced++
      known.slowest = Math.max(known.slowest, performance.now() - begun)
      // Less than a memtable holds in a minute: the first sync after a full WAL file syncs that
      // file, too.
      await setTimeout(1)
    }
  })()
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line === 'stop') {
      loading = false
      await load
      say('known', { ...known, size: sizeOf(directory) })
    } else if (line === 'flush') {
      await db.flush()
      say('flushed', sizeOf(directory))
    } else if (line === 'close') {
      await db.close()
      say('closed')
    }
  }
  loading = false
  await load
  await server.close()
  await db.close()
})
