// Two copies of the package in one process, each with a database open.
const copies = [require('rocksdb-live'), require('rocksdb-live-again')]

async function main(folder) {
  if (copies[0].Database === copies[1].Database) throw new Error('they are one copy')
  const open = copies.map(({ Database }, n) => Database.open(`${folder}-${n}`))
  const databases = await Promise.all(open)
  await Promise.all(databases.map((db, n) => db.default.put(Buffer.from('key'), Buffer.from([n]))))
  const found = await Promise.all(databases.map((db) => db.default.get(Buffer.from('key'))))
  // One directory opened through both: refused, as from another process.
  const refused = await copies[1].Database.open(`${folder}-0`).catch((error) => error.code)
  await Promise.all(databases.map((db) => db.close()))
  console.log(JSON.stringify({ found: found.map((value) => value[0]), refused }))
}

main(process.argv[2])
