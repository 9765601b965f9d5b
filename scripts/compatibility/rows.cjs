// Writes and reads databases with this package, in a process of its own, for scripts/compatibility.mjs.
// Prints one line: `rows N sha256`, or `error code text`.
//
//   node rows.cjs PACKAGE write DIRECTORY OPTIONS-AS-JSON
//   node rows.cjs PACKAGE read|change DIRECTORY OPTIONS-AS-JSON

const { createHash } = require('node:crypto')
const [packagePath, what, directory, json] = process.argv.slice(2)
const { Database } = require(packagePath)

const key = (id) => `key${String(id).padStart(6, '0')}`
const value = (id) => Buffer.from(`a value that is like others ${id}`)

async function print(db) {
  const hash = createHash('sha256')
  let rows = 0
  for (const name of db.columnFamilies().sort()) {
    for await (const [k, v] of db.columnFamily(name).entries()) {
      for (const bytes of [Buffer.from(name), k, v])
        hash.update(Buffer.from([bytes.length & 255])).update(bytes)
      rows += 1
    }
  }
  console.log(`rows ${rows} ${hash.digest('hex').slice(0, 16)}`)
}

/** Rows of three families: in tables, deleted by range, merged, large, and in the WAL alone. */
async function write(db) {
  const merging = db.columnFamily('merging')
  const users = db.columnFamily('users')
  for (let id = 0; id < 2000; id += 1) {
    db.batch().put(db.default, key(id), value(id)).put(users, key(id), value(id)).writeSync()
    if (id % 10 === 0) merging.mergeSync(key(id % 100), `${id}`)
  }
  for (let id = 0; id < 20; id += 1) users.putSync(`large${id}`, Buffer.alloc(9000, id))
  if (!db.tuning().options.rowCacheMb.value) await db.default.deleteRange(key(100), key(200))
  await db.flush()
  await db.compactRange('default')
  for (let id = 2000; id < 2100; id += 1) users.putSync(key(id), value(id), { sync: true })
}

async function main() {
  const db = await Database.open(directory, { env: false, argv: [], ...JSON.parse(json) })
  if (what === 'write') await write(db)
  if (what === 'change') await db.default.put('changed', 'by us', { sync: true })
  await print(db)
  // What is in the WAL alone stays there.
  process.kill(process.pid, 'SIGKILL')
}

main().catch((error) => console.log(`error ${error.code} ${error.message}`.replaceAll('\n', ' ')))
