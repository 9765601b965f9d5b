// Fills its disk with rows of many families, does what it is told meanwhile, and continues once
// there is room.
const fs = require('node:fs')
const { Database, args, keyOf, main, outcomeOf, say } = require('./support.cjs')

const [
  {
    path,
    filler,
    families: count,
    wal,
    atomic,
    during = [],
    times = 1,
    alone,
    large,
    end = 'close',
    rows,
  },
] = args
const value = Buffer.alloc(16 * 1024, 'value')
const names = Array.from({ length: count }, (_, i) => (i === 0 ? 'default' : `family${i}`))
const columnFamilies = Object.fromEntries(names.map((name) => [name, {}]))

const ATOMIC = { atomic_flush: 'true', enable_pipelined_write: 'false' }

const open = () =>
  Database.open(path, {
    columnFamilies,
    // The database's own limit makes it flush every family at once.
    tuning: { walEnabled: wal },
    rocksdb: {
      db: { ...(atomic ? ATOMIC : {}), max_total_wal_size: large ? 256 << 20 : 2 << 20 },
      columnFamily: {
        write_buffer_size: large ? 64 << 20 : 256 << 10,
        compression: 'kNoCompression',
      },
    },
  })

/** How many rows each family certainly has. */
const acknowledged = new Map(names.map((name) => [name, 0]))

/** Writes to the families in turn; returns the first failure within `limit` writes. */
async function fill(db, limit = Infinity) {
  for (let n = 0; n < limit; n++) {
    const name = names[n % count]
    const row = acknowledged.get(name)
    const family = db.columnFamily(name)
    const failure = await family.put(keyOf(row), value).then(
      () => undefined,
      (error) => error,
    )
    if (failure !== undefined) return failure
    acknowledged.set(name, row + 1)
  }
}

const WORK = {
  flush: (db) => db.flush(),
  flushWAL: (db) => db.flushWAL({ sync: true }),
  compactRange: (db) => db.compactRange(db.default),
  checkpoint: (db) => db.checkpoint(`${path}-checkpoint`),
  createColumnFamily: (db) => db.createColumnFamily('later'),
  setOptions: (db) => db.setOptions({ writeBufferMb: 32 }),
}

/** Writes until each family has succeeded; if the database heals by itself, no write may fail. */
async function goesOn(db) {
  const freed = performance.now()
  while (performance.now() - freed < 60_000) {
    if ((!alone || db.health === 'ok') && (await fill(db, count)) === undefined) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  say('went on', Math.round(performance.now() - freed), db.health)
}

function lost(db) {
  let rows = 0
  for (const name of names) {
    const family = db.columnFamily(name)
    for (let n = 0; n < acknowledged.get(name); n++) {
      if (!family.getSync(keyOf(n))?.equals(value)) rows++
    }
  }
  return rows
}

/** Closes, reopens and reports missing rows. */
async function check(db) {
  say('closed', await outcomeOf(() => db.close()))
  fs.rmSync(filler, { force: true })
  const again = await open()
  say('lost', lost(again))
  await again.close()
}

/** Fills the disk and frees it, `times` times. */
async function fillAndFree(db) {
  for (let time = 0; time < times; time++) {
    const room = fs.statfsSync(path).bavail * 4096
    if (time > 0) fs.writeFileSync(filler, Buffer.alloc(Math.max(0, room - (2 << 20))))
    const failure = await fill(db)
    say('full', failure.code, failure.retryable)
    for (const work of during) say('during', work, await outcomeOf(() => WORK[work](db)))
    if (end !== 'close') return
    fs.rmSync(filler)
    await goesOn(db)
  }
  say('flush', await outcomeOf(() => db.flush()), db.health)
  say('lost', lost(db))
}

main(async () => {
  const db = await open()
  if (rows !== undefined) {
    for (const [name, row] of Object.entries(rows)) acknowledged.set(name, row)
    say('lost', lost(db))
    return db.close()
  }
  await fillAndFree(db)
  say('rows', Object.fromEntries(acknowledged))
  if (end === 'exit') process.exit(0)
  if (end === 'natural') return
  if (end === 'room, then closed') fs.rmSync(filler)
  await check(db)
})
