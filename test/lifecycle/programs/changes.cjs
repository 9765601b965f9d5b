// Writes rows without a sync, prints the token behind each of them, and waits to be killed.
const { Database, args, main, say } = require('./support.cjs')

const [directory, options, first, count, flushAt] = args

main(async () => {
  const db = await Database.open(directory, options)
  const feed = db.changes({ after: 'oldest' })
  if (first === 0) await db.default.put('row', 'begin')
  else await db.default.put('row', `begin ${first}`)
  const mark = first === 0 ? 'begin' : `begin ${first}`
  const read = async () => {
    const { value } = await feed.next()
    return {
      token: value.token,
      sequence: Number(value.sequence),
      last: String(value.operations[0].value),
    }
  }
  let change = await read()
  while (change.last !== mark) change = await read()
  say('token', change)
  for (let n = first; n < first + count; n++) {
    await db.default.put('row', String(n))
    say('token', await read())
    if (n === flushAt) await db.flushWAL()
  }
  say('ready')
  setInterval(() => {}, 1000)
})
