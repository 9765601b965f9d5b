// What replication costs, beside a single node in the same run: throughput and latency of both ways to acknowledge, how
// fast a follower applies, and how long a new node takes to begin with a snapshot.
//
//   npm run bench:replica -- [--writes 20000] [--batches 3000] [--rounds 3] [--gb 1] [--dir PATH]
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { directory } from '../../dist/backup/index.js'
import { Database } from '../../dist/index.js'
import { jetstream, openReplica } from '../../dist/replica/index.js'
import { startServers } from './servers.mjs'

const { values } = parseArgs({
  options: {
    writes: { type: 'string', default: '20000' },
    batches: { type: 'string', default: '3000' },
    rounds: { type: 'string', default: '3' },
    gb: { type: 'string', default: '1' },
    dir: { type: 'string', default: tmpdir() },
  },
})
const [writes, batches, rounds, gigabytes] = [
  values.writes,
  values.batches,
  values.rounds,
  values.gb,
].map(Number)
const ROWS_PER_BATCH = 100
const VALUE = Buffer.alloc(100, 7)

const sorted = (numbers) => [...numbers].sort((a, b) => a - b)
const median = (numbers) => sorted(numbers)[numbers.length >> 1]
const spread = (numbers) =>
  (((Math.max(...numbers) - Math.min(...numbers)) / median(numbers)) * 50).toFixed(0)
const key = (n) => `key ${String(n).padStart(12, '0')}`

/** Writes with so many at a time; resolves to the rate and the latencies. */
async function load(count, inFlight, write) {
  const latencies = []
  let next = 0
  const begin = performance.now()
  const client = async () => {
    while (next < count) {
      const n = next++
      const since = performance.now()
      await write(n)
      latencies.push(performance.now() - since)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, client))
  const rate = count / ((performance.now() - begin) / 1000)
  const all = sorted(latencies)
  return { rate, p50: all[all.length >> 1], p99: all[Math.floor(all.length * 0.99)] }
}

const LOADS = {
  '1 put at a time': (db) => load(Math.round(writes / 20), 1, (n) => db.default.put(key(n), VALUE)),
  '64 puts at a time': (db) => load(writes, 64, (n) => db.default.put(key(n), VALUE)),
  '1000 puts at a time': (db) => load(4 * writes, 1000, (n) => db.default.put(key(n), VALUE)),
  '8 batches of 100 at a time': (db) =>
    load(batches, 8, (n) => {
      const batch = db.batch()
      for (let i = 0; i < ROWS_PER_BATCH; i++) batch.put(db.default, key(n * 100 + i), VALUE)
      return batch.write()
    }),
}

let number = 0

function open(folder, servers, options = {}) {
  const { stream = `bench${++number}`, path = join(folder, `node-${++number}`), ...rest } = options
  const log = jetstream({ servers: servers.urls, stream })
  return openReplica(path, { log, ...rest }).then((node) => ({ node, stream }))
}

async function modes(folder, servers) {
  const results = new Map()
  const note = (name, mode, result) => {
    const of = results.get(name) ?? new Map()
    of.set(mode, [...(of.get(mode) ?? []), result])
    results.set(name, of)
  }
  for (let round = 0; round < rounds; round++) {
    const plain = await Database.open(join(folder, `plain-${round}`))
    for (const [name, run] of Object.entries(LOADS)) note(name, 'single node', await run(plain))
    await plain.close()
    for (const commit of ['replicated', 'local']) {
      const { node } = await open(folder, servers, { commit })
      for (const [name, run] of Object.entries(LOADS)) note(name, commit, await run(node.db))
      await node.close()
    }
  }
  for (const [name, of] of results) {
    const single = median(of.get('single node').map(({ rate }) => rate))
    for (const [mode, all] of of) {
      const rates = all.map(({ rate }) => rate)
      const rate = median(rates)
      const p50 = median(all.map((each) => each.p50)).toFixed(2)
      const p99 = median(all.map((each) => each.p99)).toFixed(2)
      const ratio = (rate / single).toFixed(3)
      console.log(
        `${name}, ${mode}: ${rate.toFixed(0)}/s ±${spread(rates)} % (${ratio}), p50 ${p50} ms, p99 ${p99} ms`,
      )
    }
  }
}

/** A follower that begins when all is in the log, against who put it there. */
async function follower(folder, servers) {
  const ratios = []
  for (let round = 0; round < rounds; round++) {
    const { node, stream } = await open(folder, servers)
    const { rate } = await LOADS['8 batches of 100 at a time'](node.db)
    const token = node.token()
    const since = performance.now()
    const { node: late } = await open(folder, servers, { stream, role: 'follower' })
    await late.waitFor(token, { timeoutMs: 600_000 })
    const applied = batches / ((performance.now() - since) / 1000)
    ratios.push(applied / rate)
    console.log(
      `a follower applies ${applied.toFixed(0)} batches of 100 a second, opening included; its writer had ${rate.toFixed(0)}: ${(applied / rate).toFixed(2)}`,
    )
    await late.close()
    await node.close()
  }
  console.log(`follower to writer: ${median(ratios).toFixed(2)} ±${spread(ratios)} %`)
}

async function bootstrap(folder, servers) {
  const snapshots = directory(join(folder, 'snapshots'))
  const { node, stream } = await open(folder, servers, { snapshots, snapshotEveryMs: 86_400_000 })
  const rows = Math.round((gigabytes * 1e9) / 10_000)
  for (let n = 0; n < rows; ) {
    const batch = node.db.batch()
    for (let left = 100; left > 0 && n < rows; left--, n++) {
      batch.put(node.db.default, key(n), randomBytes(10_000))
    }
    await batch.write()
  }
  await node.db.flush()
  const since = performance.now()
  await node.snapshot()
  const made = performance.now() - since
  const begin = performance.now()
  const { node: fresh } = await open(folder, servers, { stream, snapshots, role: 'follower' })
  await fresh.waitFor(node.token(), { timeoutMs: 600_000 })
  const took = performance.now() - begin
  const { bootstraps } = fresh.status().counts
  console.log(
    `a snapshot of ${gigabytes} GB, made and verified: ${(made / 1000).toFixed(1)} s; a new node with it: ${(took / 1000).toFixed(1)} s (${bootstraps} bootstrap)`,
  )
  await fresh.close()
  await node.close()
}

const folder = mkdtempSync(join(values.dir, 'bench-replica-'))
try {
  const servers = await startServers(folder)
  console.log(`${servers.version}, three servers, sync_interval: always; Node ${process.version}`)
  await modes(folder, servers)
  await follower(folder, servers)
  await bootstrap(folder, servers)
  servers.stop()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
