// Terminates workers, many times, each with eight operations and a cursor in flight.
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const support = require('./support.cjs')

const { Database, beBusy, families, keyOf, main, randomOf, say, contentOf } = support

async function work({ path, first }) {
  parentPort.postMessage(['opening'])
  const db = await Database.open(path, { columnFamilies: families })
  const a = db.columnFamily('a')
  globalThis.busy = beBusy(db, first)
  parentPort.postMessage(['busy'])
  for (let n = first; ; n++) {
    await a.put(keyOf(n), contentOf(n, 'a'), { sync: n % 8 === 0 })
    parentPort.postMessage(['acknowledged', n])
    if (n % 16 === 0) globalThis.busy = beBusy(db, n)
  }
}

/** One worker: started, and terminated at one of several moments. */
async function terminateOne(path, first, moment, acknowledged) {
  const worker = new Worker(__filename, { workerData: { path, first } })
  const died = new Promise((_, reject) => worker.once('error', reject))
  died.catch(() => {})
  const reached = new Promise((resolve) => {
    worker.on('message', ([word, number]) => {
      if (word === 'acknowledged') acknowledged.push(number)
      if (word === moment.word) resolve()
    })
  })
  await Promise.race([reached, died])
  for (let turn = 0; turn < moment.turns; turn++) await new Promise(setImmediate)
  await worker.terminate()
}

/** Terminates workers, two at a time, until `count` were started. */
async function terminateUntil(count, progress) {
  const lane = async () => {
    while (progress.started < count) {
      const first = progress.started++ * 1000
      const word = ['opening', 'busy', 'busy', 'acknowledged'][progress.random(4)]
      const moment = { word, turns: progress.random(30) }
      await terminateOne(progress.path, first, moment, progress.acknowledged)
    }
  }
  await Promise.all([lane(), lane()])
}

async function terminateMany() {
  const [path, count, seed] = support.args
  const progress = { path, started: 0, acknowledged: [], random: randomOf(seed) }
  await terminateUntil(count / 2, progress)
  // Again, with this thread on the database as well.
  const db = await Database.open(path, { columnFamilies: families })
  await terminateUntil(count, progress)
  const a = db.columnFamily('a')
  const { started, acknowledged } = progress
  const lost = acknowledged.filter((n) => a.getSync(keyOf(n))?.toString() !== contentOf(n, 'a'))
  await db.close()
  say('terminated', started, acknowledged.length, lost)
}

main(() => (isMainThread ? terminateMany() : work(workerData)))
