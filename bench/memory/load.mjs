// One measured run, in a process of its own: writes and reads over many families, and prints as JSON
// how fast that was and how much memory it took at the most.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import rocksdbLive from '../../dist/index.js'

const { Database } = rocksdbLive
const { budgetMb, totalMb, families: count, valueBytes, reads } = JSON.parse(process.argv[2])
const BATCH_ROWS = 500

/** A generator of numbers that repeats, so that every run does the same. */
function makeRandom(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state
  }
}

/** Most memory that the process has had resident, in MiB (Linux: VmHWM). */
function peakMb() {
  const line = readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+) kB/)
  return Number(line[1]) / 1024
}

const keyOf = (n) => String(n).padStart(16, '0')

async function write(families, rowsEach) {
  const random = makeRandom(1)
  // Half of it compresses, as much real data does.
  const value = Buffer.alloc(valueBytes, 'rocksdb-live ')
  const batch = families[0].database.batch()
  for (let start = 0; start < rowsEach; start += BATCH_ROWS) {
    for (const { family } of families) {
      for (let n = start; n < Math.min(start + BATCH_ROWS, rowsEach); n++) {
        for (let at = 0; at < valueBytes / 2; at += 4) value.writeUInt32LE(random(), at)
        batch.put(family, keyOf((n * 7919) % rowsEach), value)
      }
      await batch.write()
    }
  }
}

async function read(families, rowsEach) {
  const random = makeRandom(2)
  for (let done = 0; done < reads; ) {
    const { family } = families[random() % families.length]
    const keys = Array.from({ length: 32 }, () => keyOf(random() % rowsEach))
    const values = await family.getMany(keys)
    if (values.some((value) => value?.length !== valueBytes)) throw new Error('a row is missing')
    done += keys.length
  }
}

async function timed(work) {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

const directory = mkdtempSync(path.join(process.env.BENCH_DIR ?? os.tmpdir(), 'rocksdb-live-'))
const names = Array.from({ length: count }, (_, i) => `family${i}`)
const baselineMb = peakMb()
const db = await Database.open(directory, {
  env: false,
  // Without a budget, the cache has room for everything.
  tuning: budgetMb === 0 ? { blockCacheMb: 4096 } : { memoryBudgetMb: budgetMb },
  columnFamilies: Object.fromEntries(names.map((name) => [name, { key: 'utf8' }])),
})
const families = names.map((name) => ({ database: db, family: db.columnFamily(name) }))
const rowsEach = Math.floor((totalMb * 1024 * 1024) / count / valueBytes)
const writeSeconds = await timed(() => write(families, rowsEach))
const readSeconds = await timed(() => read(families, rowsEach))
await db.close()
rmSync(directory, { recursive: true })
console.log(
  JSON.stringify({
    peakMb: Math.round(peakMb()),
    baselineMb: Math.round(baselineMb),
    writeMbPerSecond: totalMb / writeSeconds,
    readsPerSecond: reads / readSeconds,
  }),
)
