// Keeps 200 of 20,000 rows of 4,000 bytes, and prints how much memory that holds. Arguments: path,
// kind.
const { args, Database, main, say } = require('./support.cjs')

const ROWS = 20_000
const EVERY = 100
const key = (id) => `k${String(id).padStart(8, '0')}`

async function fill(db) {
  const value = Buffer.alloc(4000, 1)
  for (let id = 0; id < ROWS; ) {
    const batch = db.batch()
    for (let n = 0; n < 500; n += 1, id += 1) batch.put(db.default, key(id), value)
    await batch.write()
  }
}

async function keep(db, kind) {
  const kept = []
  const take = (row, id) => {
    if (id % EVERY === 0) kept.push(Array.isArray(row) ? row[0] : row)
  }
  let id = 0
  if (kind === 'asynchronous entries') for await (const row of db.default.entries()) take(row, id++)
  else if (kind.startsWith('getMany')) {
    for (let from = 0; from < ROWS; from += 1000) {
      const keys = Array.from({ length: 1000 }, (_, n) => key(from + n))
      const sync = kind === 'getManySync'
      const values = sync ? db.default.getManySync(keys) : await db.default.getMany(keys)
      for (const value of values) take(value, id++)
    }
  } else for (const row of db.default[`${kind}Sync`]()) take(row, id++)
  return kept
}

main(async () => {
  const [path, kind] = args
  const db = await Database.open(path, { env: false })
  await fill(db)
  const before = process.memoryUsage().arrayBuffers
  const kept = await keep(db, kind)
  for (let n = 0; n < 5; n += 1) {
    globalThis.gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const held = process.memoryUsage().arrayBuffers - before
  if (kept.length !== ROWS / EVERY) throw new Error(`kept ${kept.length}`)
  say('megabytes', held / 2 ** 20)
  await db.close()
})
