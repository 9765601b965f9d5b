// The same service in a worker; the main thread has loaded the package, too.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { versions } from 'rocksdb-live'

const worker = new Worker(new URL('./service.mjs', import.meta.url), {
  workerData: process.argv[2],
})
const [result] = await once(worker, 'message')
const [code] = await once(worker, 'exit')
console.log(JSON.stringify({ ...result, code, main: versions }))
