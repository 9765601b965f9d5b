// The thread that writes: as many puts as it is told, one after another.
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { Database } from '../../dist/index.js'

const db = await Database.open(workerData, {})
const value = Buffer.alloc(100, 'v')
let key = 0

/** Nanoseconds that this thread was on a processor; NaN where the system does not tell. */
function cpuNs() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0])
  } catch {
    return Number.NaN
  }
}

parentPort.on('message', (writes) => {
  const begin = performance.now()
  const cpuBegin = cpuNs()
  for (let n = 0; n < writes; n++) db.default.putSync(`k${key++}`, value)
  const rate = writes / ((performance.now() - begin) / 1000)
  parentPort.postMessage({ rate, cpuNs: (cpuNs() - cpuBegin) / writes })
})
