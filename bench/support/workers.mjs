// The same loop in several worker threads, each with the directory open, all at once.
import { once } from 'node:events'
import path from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { chunksOf, inRandomOrder, inTurn, READ_SEED, Values } from './data.mjs'
import { loadEngine } from './engines.mjs'
import { loadedKinds } from './kinds.mjs'
import { warmedUp } from './timing.mjs'

/** Runs a row's loop in as many workers as its kind says; operations of all over the time of all. */
export async function runWorkers(session, row, spec) {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const { engineId, settings, rows, values } = session
  const directory = path.join(session.directory, 'db')
  const common = { engineId, directory, settings, rows, valueSize: values.size }
  const workers = []
  for (let place = 0; place < spec.workers; place++) {
    const job = { ...common, kind: row.kind, ops: row.ops, place, gate }
    workers.push(new Worker(new URL(import.meta.url), { workerData: job }))
  }
  const message = async (worker) => (await once(worker, 'message'))[0]
  await Promise.all(workers.map(message))
  const ends = workers.map((worker) => once(worker, 'exit'))
  const results = workers.map(message)
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  const times = await Promise.all(results)
  await Promise.all(ends)
  const wrong = times.reduce((sum, time) => sum + time.wrong, 0)
  if (wrong !== 0) throw new Error(`${row.id}: ${wrong} reads were wrong`)
  const byTime = (a, b) => Number(a - b)
  const [first] = times.map(({ start }) => start).sort(byTime)
  const last = times
    .map(({ end }) => end)
    .sort(byTime)
    .at(-1)
  return { ops: spec.workers * row.ops, ns: Number(last - first) }
}

/** What each worker reads, or writes: no two write the same keys. */
function planOf({ kind, rows, ops, place }, spec) {
  if (!spec.writes) return inRandomOrder(ops, rows, READ_SEED + place)
  const before = (loadedKinds[kind].workers * (spec.workers - 1)) / 2 + place
  return inTurn(ops, { first: rows + before * ops })
}

async function work() {
  const { engineId, directory, settings, valueSize, gate, ...job } = workerData
  const spec = loadedKinds[job.kind]
  const engine = await loadEngine(engineId)
  const db = await engine.open(directory, settings)
  const [chunk] = chunksOf(planOf(job, spec), new Values(valueSize))
  const warm = { ...chunk, count: Math.min(chunk.count, 20_000) }
  let wrong = await warmedUp(() => spec.loop(db, warm))
  parentPort.postMessage('ready')
  Atomics.wait(gate, 0, 0)
  const start = process.hrtime.bigint()
  wrong += spec.loop(db, chunk) ?? 0
  const end = process.hrtime.bigint()
  await db.close()
  parentPort.postMessage({ start, end, wrong })
}

if (!isMainThread && workerData?.gate) await work()
