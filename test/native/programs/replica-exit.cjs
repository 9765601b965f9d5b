// Owns a replica that publishes nothing, has a worker and another session write, and ends.
const { Worker } = require('node:worker_threads')
const { Database } = require('../../..')
const { openAsReplica } = require('../../../dist/database')
const { partsOf } = require('../../../dist/open-database')

const [path, kind] = process.argv.slice(2)

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const { Database } = require(workerData.main)
Database.open(workerData.path).then((db) => {
  for (let n = 0; n < 200; n++) db.default.put('k' + n, Buffer.alloc(1 << 16)).catch(() => {})
  db.default.clear().catch(() => {})
  db.createColumnFamily('made').catch(() => {})
  parentPort.postMessage('writes')
})`

async function main() {
  const db = await openAsReplica(path, { env: false })
  const { session } = partsOf(db).connection
  session.replicaLog('00000000000000a1')
  session.replicaWrite(1, 0, kind === 'local', 0, 2 ** 31 - 1)
  const worker = new Worker(PROGRAM, {
    eval: true,
    workerData: { main: require.resolve('../../..'), path },
  })
  await new Promise((resolve) => worker.once('message', resolve))
  const other = await Database.open(path)
  const failed = ({ code, outcome }) => console.log(code, outcome)
  other.default.put('a', '1').catch(failed)
  db.default.put('b', '1').catch(failed)
  db.createColumnFamily('more').catch(failed)
  await new Promise((resolve) => setTimeout(resolve, 50))
  if (kind === 'throw') throw new Error('on purpose')
  if (kind === 'close') {
    await Promise.all([db.close(), other.close()])
    await worker.terminate()
    console.log('closed')
    return
  }
  process.exit(3)
}

main()
