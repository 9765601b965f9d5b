// Several threads on one database: the package loaded in each, ended in every way, loaded again.
const { once } = require('node:events')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const { Database, args, families, keyOf, main, outcomeOf, say } = require('./support.cjs')

const ROWS = 300

async function work({ path, number, end }) {
  const db = await Database.open(path, { columnFamilies: families })
  const a = db.columnFamily('a')
  for (let n = 0; n < ROWS; n++) {
    await a.put(keyOf(number * ROWS + n), `worker ${number}`)
    if (a.getSync(keyOf(number * ROWS + n))?.toString() !== `worker ${number}`) throw new Error(n)
  }
  // This thread also sees what the main thread wrote.
  if ((await a.get('main'))?.toString() !== 'here') throw new Error('the main thread is not seen')
  parentPort.postMessage(['wrote', number])
  await once(parentPort, 'message')
  if (end === 'close') await db.close()
  if (end === 'exit') process.exit(3)
  if (end === 'throw') throw new Error('on purpose')
  if (end === 'close and use') {
    await db.close()
    parentPort.postMessage(['used', await outcomeOf(() => a.get('main'))])
  }
  parentPort.close()
}

function start(path, number, end) {
  const worker = new Worker(__filename, { workerData: { path, number, end }, stderr: true })
  const seen = []
  const waiting = []
  worker.on('message', (message) => {
    seen.push(message)
    for (const wake of waiting.splice(0)) wake()
  })
  let failure
  worker.on('error', (error) => {
    failure = error.message
  })
  const ended = new Promise((resolve) => {
    worker.on('exit', (code) => resolve({ end, code, failure }))
  })
  const heard = async (word) => {
    while (!seen.some(([first]) => first === word)) {
      await Promise.race([new Promise((resolve) => waiting.push(resolve)), ended])
      if (failure !== undefined && failure !== 'on purpose') throw new Error(failure)
    }
    return seen.find(([first]) => first === word)
  }
  return { worker, ended, heard }
}

function countOf(db) {
  return db.columnFamily('a').count()
}

async function together() {
  const [path] = args
  const db = await Database.open(path, { columnFamilies: families })
  const a = db.columnFamily('a')
  await a.put('main', 'here')
  const ends = ['close', 'exit', 'throw', 'leave open', 'close and use']
  const workers = ends.map((end, number) => start(path, number, end))
  // This thread reads and writes meanwhile.
  let more = true
  const busy = (async () => {
    for (let n = 0; more; n++) {
      await db.columnFamily('b').put(keyOf(n), 'main')
      if ((await db.columnFamily('b').get(keyOf(n)))?.toString() !== 'main') throw new Error('b')
      // Calls that memory answers at once would never let the event loop turn.
      await new Promise(setImmediate)
    }
  })()
  await Promise.all(workers.map(({ heard }) => heard('wrote')))
  say('rows', await countOf(db))
  for (const { worker } of workers) worker.postMessage('end')
  const used = await workers[4].heard('used')
  say('ended', await Promise.all(workers.map(({ ended }) => ended)))
  say('used after close', used[1])
  more = false
  await busy
  // Loaded again after one thread has ended; all rows are there.
  const again = start(path, 9, 'close')
  await again.heard('wrote')
  again.worker.postMessage('end')
  await again.ended
  say('rows', await countOf(db))
  await db.close()
  const last = await Database.open(path, { columnFamilies: families })
  say('rows', await countOf(last))
  await last.close()
}

/** The main thread closes and lives on while workers use the database. */
async function closedInMain() {
  const [path] = args
  const db = await Database.open(path, { columnFamilies: families })
  await db.columnFamily('a').put('main', 'here')
  const workers = ['close', 'close'].map((end, number) => start(path, number, end))
  await Promise.all(workers.map(({ heard }) => heard('wrote')))
  await db.close()
  say('used after close', await outcomeOf(() => db.columnFamily('a').get('main')))
  for (const { worker } of workers) worker.postMessage('end')
  say('ended', await Promise.all(workers.map(({ ended }) => ended)))
}

main(() => {
  if (!isMainThread) return work(workerData)
  return args[1] === 'closed in main' ? closedInMain() : together()
})
