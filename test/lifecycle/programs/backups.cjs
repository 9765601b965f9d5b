// Writes numbered rows while they are backed up, says which are in the target, and waits to be killed.
const { Database, args, main, say } = require('./support.cjs')
const { directory, startBackups } = require('../../../dist/backup')

const [path, target, everyMs, snapshotEveryMs] = args

main(async () => {
  const options = { columnFamilies: { twin: {} }, tuning: { changesRetainMb: 64 } }
  const db = await Database.open(path, options)
  const stream = await startBackups(db, directory(target), {
    everyMs,
    snapshotEveryMs,
    keepMs: 2000,
  })
  let n = Number((await db.default.get('last')) ?? -1)
  await stream.flushed()
  say('flushed', n)
  const flush = async () => {
    const before = n
    await stream.flushed()
    say('flushed', before)
  }
  let flushing = Promise.resolve()
  for (let round = 1; ; round++) {
    n++
    const row = `${n} ${Date.now()}`
    await db
      .batch()
      .put(db.default, 'last', String(n))
      .put(db.default, 'row', row)
      .put(db.default, `k${n % 1000}`, row.padEnd(200, 'x'))
      .put(db.columnFamily('twin'), 'last', String(n))
      .write()
    if (round % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    if (round % 700 === 0) flushing = flushing.then(flush)
    if (round % 5000 === 0) await db.flush()
  }
})
