// Shows what metrics cost: the throughput of batches with and without them, in turns; and how long a
// scrape takes, and holds the event loop up, where there are many families and files.
//
//   npm run bench:metrics -- --batches 2000 --files 10000
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Registry } from 'prom-client'
import { Database } from '../../dist/index.js'
import { collectMetrics } from '../../dist/metrics/index.js'

const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: tmpdir() },
    batches: { type: 'string', default: '2000' },
    operations: { type: 'string', default: '1000' },
    families: { type: 'string', default: '16' },
    files: { type: 'string', default: '10000' },
    scrapes: { type: 'string', default: '20' },
  },
})

const directory = mkdtempSync(join(values.directory, 'rocksdb-live-bench-'))
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

const VALUE = Buffer.alloc(100, 'x')

/** Milliseconds that a batch of puts takes. */
async function timeOf(db, operations) {
  const begin = performance.now()
  const batch = db.batch()
  for (let k = 0; k < operations; k++) batch.put(db.default, `key${k}`, VALUE)
  await batch.write()
  return performance.now() - begin
}

/** Batches of so many puts, in turns to a database with metrics and to one without. */
async function writes(operations, count) {
  const options = { rocksdb: { columnFamily: { write_buffer_size: String(8 << 20) } } }
  const name = `writes${operations}`
  const on = await Database.open(join(directory, `${name}-on`), options)
  const off = await Database.open(join(directory, `${name}-off`), options)
  collectMetrics(on, { register: new Registry() })
  const times = { on: [], off: [] }
  for (let n = 0; n < count; n++) {
    // Each of them first as often as the other.
    if (n % 2 === 0) times.on.push(await timeOf(on, operations))
    times.off.push(await timeOf(off, operations))
    if (n % 2 !== 0) times.on.push(await timeOf(on, operations))
  }
  await Promise.all([on.close(), off.close()])
  const [with_, without] = [median(times.on), median(times.off)]
  const rate = Math.round((operations * 1000) / without)
  console.log(
    `batches of ${operations}: ${rate} puts/s without metrics, which cost ` +
      `${((with_ / without - 1) * 100).toFixed(2)} % (medians of ${count} batches each)`,
  )
}

/** A database of so many families and files. */
async function many(families, files) {
  const names = Array.from({ length: families }, (_, n) => `family${n}`)
  const db = await Database.open(join(directory, 'files'), {
    columnFamilies: Object.fromEntries(names.map((name) => [name, {}])),
    rocksdb: {
      columnFamily: {
        disable_auto_compactions: 'true',
        level0_slowdown_writes_trigger: '1000000',
        level0_stop_writes_trigger: '1000000',
      },
    },
  })
  for (let n = 0; n < files / families; n++) {
    const batch = db.batch()
    for (const name of names) batch.put(db.columnFamily(name), `key${n}`, 'value')
    await batch.write()
    await db.flush()
  }
  return db
}

/** The longest time between two turns of the event loop while something runs. */
async function blocking(work) {
  let running = true
  let longest = 0
  const watched = (async () => {
    for (let last = performance.now(); running; ) {
      await new Promise(setImmediate)
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
    }
  })()
  await work()
  running = false
  await watched
  return longest
}

async function scrapes() {
  const db = await many(Number(values.families), Number(values.files))
  const register = new Registry()
  collectMetrics(db, { register, maxAgeMs: 0 })
  const times = []
  const blocks = []
  const idle = []
  for (let n = 0; n < 10; n++) await register.metrics()
  for (let n = 0; n < Number(values.scrapes); n++) {
    const begin = performance.now()
    blocks.push(await blocking(() => register.metrics()))
    times.push(performance.now() - begin)
    const rest = performance.now() - begin
    idle.push(await blocking(() => new Promise((resolve) => setTimeout(resolve, rest))))
  }
  const text = await register.metrics()
  const files = [...text.matchAll(/^node_db_level_files\{.*\} (\d+)$/gm)]
  const sum = files.reduce((total, [, count]) => total + Number(count), 0)
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
  await db.close()
  console.log(`a scrape of ${values.families} families and ${sum} files, ${lines} series:`)
  const of = (numbers) =>
    `${median(numbers).toFixed(1)} ms, at most ${Math.max(...numbers).toFixed(1)} ms`
  console.log(`  takes ${of(times)}`)
  console.log(`  holds the event loop up for ${of(blocks)}`)
  console.log(`  which without a scrape is ${of(idle)}`)
}

try {
  await writes(Number(values.operations), Number(values.batches))
  await writes(1, 100 * Number(values.batches))
  await scrapes()
} finally {
  rmSync(directory, { recursive: true, force: true })
}
