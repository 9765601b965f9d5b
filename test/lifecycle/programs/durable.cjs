// Writes while a slow sync is under way, and says what a durable feed gives before and after the next.
const { createInterface } = require('node:readline')
const { Database, args, main, say } = require('./support.cjs')

const [directory] = args

/** By then the sync has begun, and it takes much longer: the test delays it. */
const BEGINS_MS = 1500

main(async () => {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  const db = await Database.open(directory)
  const feed = db.changes({ durable: true, heartbeatMs: 1 })
  await feed.next()
  const keys = async () => {
    const given = []
    for (;;) {
      const { value } = await feed.next()
      if (value.operations.length === 0) return given
      given.push(...value.operations.map(({ key }) => String(key)))
    }
  }
  await db.default.put('early', '')
  say('waiting')
  await lines.next()
  let syncing = true
  let late = 0
  const sync = db.flushWAL({ sync: true }).finally(() => {
    syncing = false
  })
  // A thread syncs, and nobody says when it begins: at once, on a machine that does nothing else.
  const begun = performance.now()
  while (syncing) {
    const key = performance.now() - begun < BEGINS_MS ? 'early' : 'late'
    await db.default.put(key, '')
    if (key === 'late') late++
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await sync
  say('late', late)
  const given = await keys()
  say('given', [...new Set(given)])
  await lines.next()
  await db.flushWAL({ sync: true })
  say('given later', (await keys()).at(-1))
  await db.close()
  process.stdin.destroy()
})
