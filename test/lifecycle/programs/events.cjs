// Events in processes of their own: listeners that throw, workers, and whether the process ends.
const { once } = require('node:events')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const { Registry } = require('prom-client')
const { collectMetrics } = require('../../../dist/metrics')
const { Database, args, main, say } = require('./support.cjs')

const [path, scenario] = args

const FAMILIES = 64

/** Many families, all flushed at once; flushes are the only events. */
const uncompacted = {
  columnFamilies: Object.fromEntries(Array.from({ length: FAMILIES }, (_, n) => [`f${n}`, {}])),
  rocksdb: {
    columnFamily: {
      disable_auto_compactions: 'true',
      level0_slowdown_writes_trigger: '10000',
      level0_stop_writes_trigger: '10000',
    },
  },
}

const flushed = async (db) => {
  await db.default.put('k', 'v')
  await db.flush()
}

async function inWorker() {
  const db = await Database.open(workerData.path)
  const register = new Registry()
  collectMetrics(db, { register, maxAgeMs: 0 })
  const heard = new Promise((resolve) => db.once('flush', resolve))
  parentPort.on('message', () => {}) // a listener alone keeps no thread running
  parentPort.postMessage('listening')
  const { columnFamily } = await heard
  parentPort.unref()
  const text = await register.metrics()
  const [, flushes] = /^node_db_flushes_total\{.*\} (\d+)$/m.exec(text)
  parentPort.postMessage([columnFamily, Number(flushes)])
  if (workerData.end === 'close') await db.close()
  else if (workerData.end === 'exit') process.exit(3)
}

const scenarios = {
  /** Nothing is pending, and a listener does not keep the process running. */
  async idle() {
    const db = await Database.open(path)
    db.on('flush', () => {})
    collectMetrics(db, { register: new Registry() })
    say('listening')
  },

  /** A listener's exception is an uncaught exception; the other listeners still run. */
  async throws() {
    const db = await Database.open(path)
    const uncaught = once(process, 'uncaughtException')
    let calls = 0
    db.on('flush', () => {
      calls++
      if (calls === 1) throw new Error('on purpose')
    })
    await flushed(db)
    const [error] = await uncaught
    say('uncaught', error.message)
    const second = new Promise((resolve) => db.once('flush', resolve))
    await flushed(db)
    await second
    say('calls', calls)
    await db.close()
  },

  /** Each thread with the database open gets events and has metrics; each may end in any way. */
  async workers() {
    const db = await Database.open(path)
    const workers = ['close', 'exit', 'leave open'].map(
      (end) => new Worker(__filename, { argv: process.argv.slice(2), workerData: { path, end } }),
    )
    const exits = workers.map((worker) => once(worker, 'exit'))
    await Promise.all(workers.map((worker) => once(worker, 'message')))
    const heard = new Promise((resolve) => db.once('flush', resolve))
    const answers = workers.map((worker) => once(worker, 'message'))
    await flushed(db)
    await heard
    say('heard', (await Promise.all(answers)).flat())
    say('exits', (await Promise.all(exits)).flat())
    await flushed(db)
    await db.close()
  },

  /** A thread that is busy for long gets as many events as there is room for. */
  async busy() {
    const db = await Database.open(path, uncompacted)
    const events = []
    db.on('flush', (event) => events.push(event))
    const worker = new Worker(__filename, {
      argv: process.argv.slice(2),
      workerData: { path, flushes: 5 * FAMILIES },
    })
    await once(worker, 'online')
    const done = new Int32Array(new SharedArrayBuffer(4))
    worker.postMessage(done)
    Atomics.wait(done, 0, 0)
    await flushed(db)
    while (events.length < 257) await new Promise(setImmediate)
    const { droppedEvents } = events.at(-1)
    say('busy', events.length, droppedEvents)
    await db.close()
  },
}

async function flushMany() {
  const [done] = await once(parentPort, 'message')
  const db = await Database.open(workerData.path, uncompacted)
  for (let n = 0; n < workerData.flushes; n += FAMILIES) {
    const families = Object.keys(uncompacted.columnFamilies)
    const put = (name) => ({
      type: 'put',
      columnFamily: db.columnFamily(name),
      key: 'k',
      value: 'v',
    })
    await db.write(families.map(put))
    await db.flush()
  }
  await db.close()
  Atomics.store(done, 0, 1)
  Atomics.notify(done, 0)
}

main(async () => {
  if (!isMainThread) return workerData.flushes === undefined ? inWorker() : flushMany()
  return scenarios[scenario]()
})
