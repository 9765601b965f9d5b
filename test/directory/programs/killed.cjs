// Writes rows of three families, flushes each, and waits to be killed.
const { Database } = require('../../..')

async function main(path) {
  const db = await Database.open(path, { columnFamilies: { a: {}, b: {}, c: {} } })
  for (const name of ['a', 'b', 'c']) {
    await db.columnFamily(name).put('key', 'value')
    await db.flush()
  }
  process.send('written')
}

main(process.argv[2])
