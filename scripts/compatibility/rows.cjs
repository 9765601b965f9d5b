// Writes and reads databases with this package, in a process of its own, for scripts/compatibility.mjs.
// Prints one line: `rows N sha256`, or `error code text`.
//
//   node rows.cjs PACKAGE read|change|write|write-ranges DIRECTORY OPTIONS-AS-JSON

const { createHash } = require('node:crypto')
const { existsSync } = require('node:fs')
const path = require('node:path')
const { setTimeout: pause } = require('node:timers/promises')
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
async function write(db, { walEnabled }) {
  const merging = db.columnFamily('merging')
  const users = db.columnFamily('users')
  for (let id = 0; id < 2000; id += 1) {
    db.batch().put(db.default, key(id), value(id)).put(users, key(id), value(id)).writeSync()
    if (id % 10 === 0) merging.mergeSync(key(id % 100), `${id}`)
  }
  for (let id = 0; id < 20; id += 1) users.putSync(`large${id}`, Buffer.alloc(9000, id))
  await db.default.deleteRange(key(100), key(200))
  await db.flush()
  await db.compactRange('default')
  if (!walEnabled) return
  for (let id = 2000; id < 2100; id += 1) users.putSync(key(id), value(id), { sync: true })
  merging.mergeSync(key(10), 'in the WAL', { sync: true })
}

/** Waits for the compactions that a flush has called for, so that each run writes the same files. */
async function settle(db) {
  const busy = ['rocksdb.compaction-pending', 'rocksdb.num-running-compactions']
  while (busy.some((name) => db.intProperty(name) > 0)) await pause(1)
}

/** Overlapping deleted ranges that snapshots keep, in files of several levels that are cut within them. */
async function writeRanges(db) {
  let seed = 2
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return seed % below
  }
  const snapshots = []
  for (let round = 0; round < 150; round += 1) {
    for (let i = 0; i < 400; i += 1) db.default.putSync(key(random(20000)), Buffer.alloc(60, i))
    for (let i = 0; i < 3; i += 1) {
      const from = random(20000)
      await db.default.deleteRange(key(from), key(from + random(4000) + 1))
    }
    if (round % 5 === 0) snapshots.push(db.snapshot())
    if (snapshots.length > 4) snapshots.shift()[Symbol.dispose]()
    await db.flush()
    await settle(db)
  }
}

/** Writes all tables of a family anew, and a row into the WAL. */
async function change(db) {
  await db.default.put('changed', 'by us')
  await db.compactRange('default', undefined, { bottommost: true })
  await db.default.put('changed again', 'by us', { sync: true })
}

/** The families that are there, with the operator that one of them needs; new ones for a new database. */
async function familiesOf() {
  const isThere = existsSync(path.join(directory, 'CURRENT'))
  const names = isThere
    ? await Database.listColumnFamilies(directory)
    : ['default', 'users', 'merging']
  const options = (name) => (name === 'merging' ? { mergeOperator: 'stringappend' } : {})
  return Object.fromEntries(names.map((name) => [name, options(name)]))
}

async function main() {
  const columnFamilies = await familiesOf()
  const given = { env: false, argv: [], columnFamilies, ...JSON.parse(json) }
  const db = await Database.open(directory, given)
  const { walEnabled } = db.tuning().options
  if (what === 'write') await write(db, { walEnabled: walEnabled.value })
  if (what === 'write-ranges') await writeRanges(db)
  if (what === 'change') await change(db)
  await print(db)
  // What is in the WAL alone stays there.
  process.kill(process.pid, 'SIGKILL')
}

main().catch((error) => console.log(`error ${error.code} ${error.message}`.replaceAll('\n', ' ')))
