// What readers of changes cost a writer, and how soon they are told.
//
//   npm run bench:changes -- [--writes 100000] [--readers 100] [--rounds 7]
//
// The writer is a thread of its own. Rounds without and with readers take turns in one database; the
// readers live on the main thread, and one of them stands still after its first change.
import { setMaxListeners } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { Database } from '../../dist/index.js'

const { values } = parseArgs({
  options: {
    writes: { type: 'string', default: '100000' },
    readers: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '7' },
  },
})

const [writes, readers, rounds] = [values.writes, values.readers, values.rounds].map(Number)

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]

/** The WAL is kept for the one that stands still. */
const OPTIONS = { tuning: { changesRetainMb: 1024 } }

/** Tells the thread to write, and resolves to its writes a second, and the processor time of one. */
function write(worker) {
  return new Promise((resolve) => {
    worker.once('message', resolve)
    worker.postMessage(writes)
  })
}

/** Reads until it is aborted; `still` takes one change only. */
async function read(db, signal, still, seen) {
  try {
    for await (const change of db.changes({ signal })) {
      seen.count += change.operations.length
      if (still) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function withReaders(db, worker) {
  const abort = new AbortController()
  setMaxListeners(0, abort.signal)
  const seen = { count: 0 }
  const all = Array.from({ length: readers }, (_, n) => read(db, abort.signal, n === 0, seen))
  // They are there once each has had a change.
  while (seen.count < readers) {
    await db.default.put('begin', '')
    await new Promise((resolve) => setImmediate(resolve))
  }
  const figures = await write(worker)
  abort.abort()
  await Promise.all(all)
  return figures
}

/** Microseconds from the call of a put to the change at a reader, with nothing else under way. */
async function latencies(db) {
  const feed = db.changes()
  const taken = []
  let next = feed.next()
  await new Promise((resolve) => setTimeout(resolve, 100))
  for (let n = 0; n < 2000; n++) {
    const begin = performance.now()
    const written = db.default.put(`l${n}`, 'x')
    await next
    taken.push((performance.now() - begin) * 1000)
    await written
    next = feed.next()
  }
  await feed.return()
  return taken
}

async function main() {
  const path = mkdtempSync(join(tmpdir(), 'rocksdb-live-changes-'))
  const db = await Database.open(path, OPTIONS)
  const worker = new Worker(new URL('./writer.mjs', import.meta.url), { workerData: path })
  await write(worker)
  const [without, withAll] = [[], []]
  for (let round = 0; round < rounds; round++) {
    without.push(await write(worker))
    withAll.push(await withReaders(db, worker))
  }
  const rates = withAll.map(({ rate }, index) => rate / without[index].rate)
  const cpu = withAll.map(({ cpuNs }, index) => cpuNs / without[index].cpuNs)
  const us = (await latencies(db)).sort((a, b) => a - b)
  const rateOf = (all) => `${(median(all.map(({ rate }) => rate)) / 1000).toFixed(1)} k puts/s`
  const spreadOf = (all) => ((Math.max(...all) - Math.min(...all)) * 50).toFixed(0)
  console.log(`writer alone ${rateOf(without)}, beside ${readers} readers ${rateOf(withAll)}`)
  console.log(`rate, to the writer alone: ${median(rates).toFixed(3)} ±${spreadOf(rates)} %`)
  console.log(`processor time for a put: ${median(cpu).toFixed(3)} ±${spreadOf(cpu)} %`)
  const at = (share) => us[Math.floor(us.length * share)].toFixed(0)
  console.log(`from put to change: median ${at(0.5)} µs, 99th percentile ${at(0.99)} µs`)
  await worker.terminate()
  await db.close()
  rmSync(path, { recursive: true })
}

await main()
