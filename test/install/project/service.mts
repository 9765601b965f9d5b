// A service that uses the package as an ES module: a batch over two families, a reopen, a scan.
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { Database, json, RocksDBError, versions } from 'rocksdb-live'

interface User {
  name: string
}

const folder: string = isMainThread ? (process.argv[2] ?? '') : workerData
const options = {
  preset: 'production',
  tuning: { blockCacheMb: 64, compression: 'lz4' },
  columnFamilies: {
    users: { key: 'utf8', value: json<User>() },
    events: { key: 'uint64', value: 'utf8', tuning: { compression: 'zstd' } },
  },
} as const

async function write(): Promise<void> {
  await using db = await Database.open(folder, options)
  await db
    .batch()
    .put(db.columnFamily('users'), 'zoë', { name: 'Zoë' })
    .put(db.columnFamily('events'), 1n, 'signed up')
    .put(db.columnFamily('events'), 2n, 'logged in')
    .write({ sync: true })
  await db.flush()
  await db.checkpoint(`${folder}-checkpoint`)
}

async function read(): Promise<unknown> {
  await using db = await Database.open(`${folder}-checkpoint`, options)
  const events: string[] = []
  for await (const [id, text] of db.columnFamily('events').entries({ gte: 1n }))
    events.push(`${id} ${text}`)
  const user = await db.columnFamily('users').get('zoë')
  return { user, events, cache: db.tuning().options.blockCacheMb.value }
}

async function refused(): Promise<string> {
  try {
    await Database.open(`${folder}-none`, { createIfMissing: false })
    return 'opened'
  } catch (error) {
    return error instanceof RocksDBError ? error.code : String(error)
  }
}

await write()
const result = { read: await read(), refused: await refused(), versions }
if (isMainThread) console.log(JSON.stringify(result))
else parentPort?.postMessage(result)
