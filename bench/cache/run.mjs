// Compares the two kinds of block cache, in turns and round by round in one process: `lru` and
// `hyper-clock`, over what is cached, a hot key, caches that are too small, large blocks, scans between
// reads, and a budget that memtables are charged to.
//
//   npm run bench:cache -- --n 500000 --rounds 15 --round-ms 400
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { Database, versions } from '../../dist/index.js'
import { KINDS, keyOf, SCENARIOS } from './scenarios.mjs'

const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: tmpdir() },
    n: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '15' },
    'round-ms': { type: 'string', default: '400' },
    only: { type: 'string', default: '' },
  },
})
const directory = mkdtempSync(path.join(values.directory, 'rocksdb-live-cache-'))
const rounds = Number(values.rounds)

/** The value below which a share of the numbers lies. */
function quantile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.round((sorted.length - 1) * share)]
}

const median = (numbers) => quantile(numbers, 0.5)

/** Writes the rows, in one order for both kinds, and reads all of them once. */
async function load(db, rows) {
  const value = Buffer.alloc(100, 'v')
  for (let row = 0; row < rows; row += 1000) {
    const batch = db.batch()
    for (let at = row; at < Math.min(row + 1000, rows); at++)
      batch.put(db.default, keyOf(at), value)
    await batch.write()
  }
  await db.flush()
  await db.compactRange('default')
  for await (const _ of db.default.pages());
}

/** A database of one kind and the workers that read it. */
async function open(kind, scenario, number) {
  const rows = Number(values.n) * (scenario.times ?? 1)
  const tuning = { ...scenario.tuning, blockCacheType: kind }
  const place = path.join(directory, `${number}-${kind}`)
  const db = await Database.open(place, { tuning })
  await load(db, rows)
  const workers = []
  for (let seed = 1; seed <= scenario.workers; seed++) {
    const data = { path: place, tuning, rows, mode: scenario.mode, seed }
    const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: data })
    await once(worker, 'message')
    workers.push(worker)
  }
  return { db, workers, place, rates: [], hits: [], usage: [] }
}

const tickersOf = (db) => {
  const tickers = db.statistics()?.tickers ?? {}
  return [tickers['rocksdb.block.cache.hit'] ?? 0, tickers['rocksdb.block.cache.miss'] ?? 0]
}

/** Lets the workers of one kind read for a round. */
async function round(side) {
  const before = tickersOf(side.db)
  const answers = side.workers.map((worker) => once(worker, 'message'))
  for (const worker of side.workers) worker.postMessage(Number(values['round-ms']))
  const rates = (await Promise.all(answers)).map(([rate]) => rate)
  const [hit, miss] = tickersOf(side.db).map((count, index) => count - before[index])
  side.rates.push(rates.reduce((sum, rate) => sum + rate, 0))
  if (hit + miss > 0) side.hits.push(hit / (hit + miss))
  const [usage, capacity] = ['usage', 'capacity'].map((name) =>
    side.db.intProperty(`rocksdb.block-cache-${name}`),
  )
  side.usage.push(usage / capacity)
}

async function close({ db, workers, place }) {
  for (const worker of workers) {
    worker.postMessage(0)
    await once(worker, 'exit')
  }
  await db.close()
  rmSync(place, { recursive: true, force: true })
}

const thousands = (rate) => `${(rate / 1000).toFixed(rate < 1e5 ? 1 : 0)} k`
const percent = (share) => `${(share * 100).toFixed(1)} %`

/** One scenario: a row of the table. */
async function compare(scenario, number) {
  const sides = []
  for (const kind of KINDS) sides.push(await open(kind, scenario, number))
  const [lru, clock] = sides
  for (const side of sides) await round(side) // V8 compiles, and the caches settle
  for (const side of sides) for (const list of [side.rates, side.hits, side.usage]) list.length = 0
  // Each of them first as often as the other.
  for (let n = 0; n < rounds; n++)
    for (const side of n % 2 ? [clock, lru] : sides) await round(side)
  const ratios = clock.rates.map((rate, n) => rate / lru.rates[n])
  const ratio = median(ratios)
  const spread = (quantile(ratios, 0.9) - quantile(ratios, 0.1)) / ratio
  const hits = sides.map(({ hits }) => (hits.length > 0 ? percent(median(hits)) : '–'))
  const most = sides.map(({ usage }) => Math.max(...usage).toFixed(2))
  for (const side of sides) await close(side)
  const cells = [
    scenario.title,
    thousands(median(lru.rates)),
    thousands(median(clock.rates)),
    `${ratio.toFixed(2)} ±${Math.round(spread * 100)} %`,
    hits.join(' / '),
    most.join(' / '),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

try {
  console.log(
    `RocksDB ${versions.rocksdb}, ${values.n} rows, ${rounds} rounds of ${values['round-ms']} ms\n`,
  )
  console.log('| rows a second | `lru` | `hyper-clock` | ratio | hits | most of the capacity |')
  console.log('|---|---|---|---|---|---|')
  for (const [number, scenario] of SCENARIOS.entries()) {
    if (scenario.title.includes(values.only)) await compare(scenario, number)
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
