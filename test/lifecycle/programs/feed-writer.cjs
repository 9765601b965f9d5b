// Writes rows of ever larger numbers, with flushes in between, until it is killed or told to end.
const { Database, args, main, randomOf, say } = require('./support.cjs')

const [directory, options, seed, first] = args

main(async () => {
  const db = await Database.open(directory, options)
  const random = randomOf(seed)
  let end = false
  process.stdin.once('data', () => {
    end = true
    process.stdin.destroy()
  })
  if (first === 0) await db.changes({ after: 'oldest', heartbeatMs: 1 }).next()
  for (let n = first; !end; n++) {
    const key = `k${random(50)}`
    if (n % 11 === 3) await db.default.delete(key)
    else if (n % 13 === 5)
      await db.batch().put(db.default, 'pair', String(n)).put(db.default, key, String(n)).write()
    else await db.default.put(key, String(n))
    if (n % 40 === 7) await db.flush()
    if (n % 10 === 0) say('wrote', n)
  }
  await db.default.put('end', String(first))
  await db.close()
  say('closed')
})
