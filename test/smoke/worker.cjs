// A worker thread that opens the database of the main thread and writes a thousand rows.
const { parentPort, workerData } = require('node:worker_threads')
const { Database } = require('rocksdb-live')

async function main() {
  const db = await Database.open(workerData.location)
  const batch = db.batch()
  for (let index = 0; index < 1000; index += 1)
    batch.put(db.default, `${workerData.name} ${index}`, `${index}`)
  await batch.write()
  await db.close()
  parentPort.postMessage(workerData.name)
}

main()
