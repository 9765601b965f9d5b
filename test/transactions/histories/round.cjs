// One round: a new database, several worker threads on it, and the check of their records.
const { once } = require('node:events')
const { rmSync } = require('node:fs')
const path = require('node:path')
const { Worker } = require('node:worker_threads')
const { Database } = require('../../..')
const { check } = require('./check.cjs')
const { LIMIT, columnFamilies, readAll, writeLists } = require('./families.cjs')
const { randomOf } = require('./random.cjs')
const { Recorder, Shared } = require('./recorder.cjs')

/** Small buffers, so that files are written all the time. */
const small = { columnFamily: { write_buffer_size: 64 * 1024 } }

/** The options with which a round opens its database. */
const MODES = {
  disk: { logged: true, rocksdb: small },
  memory: { memory: true },
  'without a WAL': { tuning: { walEnabled: false }, rocksdb: small },
  'not pipelined': { logged: true, tuning: { enablePipelinedWrite: false }, rocksdb: small },
  unordered: {
    logged: true,
    tuning: { enablePipelinedWrite: false },
    rocksdb: { ...small, db: { unordered_write: true } },
  },
}

let rounds = 0

const clientFile = path.join(__dirname, 'client.cjs')

/** Runs a worker to its end; returns its record. */
async function runWorker(workerData) {
  const worker = new Worker(clientFile, { workerData })
  const [[recorded]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
  return recorded
}

/** Starts a worker repeatedly, and terminates it in the middle of its work. Returns its records. */
async function terminateMany(workerData, shared, random) {
  const told = new Map()
  let terminated = 0
  while (shared.started < workerData.transactions) {
    const worker = new Worker(clientFile, { workerData: { ...workerData, doomed: true } })
    const ended = once(worker, 'exit')
    let left = random(100)
    worker.on('message', ({ attempt }) => {
      // Without one, the worker had finished.
      if (attempt !== undefined) told.set(attempt.id, attempt)
      if (left-- === 0) worker.terminate()
    })
    await ended
    terminated++
  }
  return { transactions: [...told.values()], outcomes: { terminated }, failures: [] }
}

function addUp(sums, more) {
  for (const [name, count] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + count
  return sums
}

/**
 * Runs a number of transactions in a mode, and checks them. With `plain`, they are plain reads and
 * writes instead. With `doomed`, one more worker is terminated in the middle of its work, many
 * times. Returns the history's counts, its anomalies, and errors that must not happen.
 */
async function runRound({
  mode,
  directory,
  transactions,
  seed,
  plain,
  isolation,
  workers = 4,
  clients = 4,
  doomed = false,
}) {
  const { memory: inMemory, logged = false, ...settings } = MODES[mode]
  const options = { ...settings, columnFamilies, env: false }
  const name = `round-${process.pid}-${rounds++}`
  const place = inMemory ? { memory: name } : { path: path.join(directory, name) }
  const at = inMemory ? Database.memory(name) : place.path
  const db = await Database.open(at, options)
  const shared = new Shared()
  const recorder = new Recorder(shared)
  const first = recorder.begin()
  first.ops = await writeLists(db, workers, transactions)
  recorder.end(first, 'committed')
  const common = { place, options, logged, memory: shared.memory, workers, clients, transactions }
  const work = Array.from({ length: workers }, (_, worker) => {
    return runWorker({ ...common, worker, seed: seed + rounds * 10_000, plain, isolation })
  })
  if (doomed) {
    const itself = {
      ...common,
      worker: workers,
      seed: seed + rounds * 10_000 + 7,
      plain,
      isolation,
    }
    work.push(terminateMany(itself, shared, randomOf(seed)))
  }
  const recorded = await Promise.all(work)
  const last = recorder.begin()
  const { ops, rows } = await readAll(db)
  last.ops = ops
  recorder.end(last, 'committed')
  await db.close()
  if (!inMemory) rmSync(place.path, { recursive: true })
  const all = [...recorder.transactions, ...recorded.flatMap((one) => one.transactions)]
  const limit = { prefix: 'limited', rows: LIMIT }
  return {
    ...check({ transactions: all, rows, limit }),
    committed: all.filter(({ status }) => status === 'committed').length,
    outcomes: recorded.reduce((sums, one) => addUp(sums, one.outcomes), {}),
    failures: recorded.flatMap((one) => one.failures),
  }
}

module.exports = { MODES, addUp, runRound }
