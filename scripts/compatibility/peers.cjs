// Writes and reads databases with other packages of npm over RocksDB, for scripts/compatibility.mjs.
// Prints one line: `rows N sha256`, or `error text`.
//
//   node peers.cjs MODULES PACKAGE read|change|write DIRECTORY

const { createHash } = require('node:crypto')
const path = require('node:path')
const [modules, name, what, directory] = process.argv.slice(2)

const load = () => require(path.join(modules, name))
const pairs = Array.from({ length: 2000 }, (_, id) => [
  Buffer.from(`key${String(id).padStart(6, '0')}`),
  Buffer.from(`a value that is like others ${id}`),
])

/** Each with its defaults, and bytes for keys and values. */
const PEERS = {
  async '@nxtedition/rocksdb'() {
    const { RocksLevel } = load()
    const bytes = { keyEncoding: 'buffer', valueEncoding: 'buffer' }
    const level = await RocksLevel.open(directory, { createIfMissing: true, ...bytes })
    return {
      put: (rows) => {
        const batch = level.batch()
        for (const [key, value] of rows) batch.put(key, value)
        return batch.write()
      },
      rows: () => level.iterator(bytes).all(),
    }
  },
  async 'rocksdb-native'() {
    const RocksDB = load()
    const db = new RocksDB(directory)
    await db.ready()
    return {
      async put(rows) {
        const batch = db.write({ capacity: rows.length })
        for (const [key, value] of rows) batch.tryPut(key, value)
        await batch.flush()
        batch.destroy()
      },
      flush: () => db.flush(),
      async rows() {
        const rows = []
        for await (const { key, value } of db.iterator({})) rows.push([key, value])
        return rows
      },
    }
  },
}

async function main() {
  const db = await PEERS[name]()
  if (what === 'write') {
    await db.put(pairs)
    await db.flush?.()
    await db.put([[Buffer.from('last'), Buffer.from('in the WAL alone')]])
  }
  if (what === 'change') await db.put([[Buffer.from('changed by them'), Buffer.from('again')]])
  const hash = createHash('sha256')
  const rows = await db.rows()
  for (const [key, value] of rows) {
    for (const bytes of [Buffer.from('default'), key, value])
      hash.update(Buffer.from([bytes.length & 255])).update(bytes)
  }
  console.log(`rows ${rows.length} ${hash.digest('hex').slice(0, 16)}`)
  process.kill(process.pid, 'SIGKILL')
}

main().catch((error) => console.log(`error ${error.message}`.replaceAll('\n', ' ')))
