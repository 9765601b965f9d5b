// What backups cost: an unchanged database, a restore beside a copy of the directory, and writers beside
// continuous backups.
//
//   npm run bench:backup -- [--gb 2] [--writes 200000] [--rounds 5] [--dir PATH]
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { backup, directory, restore, startBackups } from '../../dist/backup/index.js'
import { Database } from '../../dist/index.js'

const { values } = parseArgs({
  options: {
    gb: { type: 'string', default: '2' },
    writes: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '5' },
    dir: { type: 'string', default: tmpdir() },
  },
})
const [gigabytes, writes, rounds] = [values.gb, values.writes, values.rounds].map(Number)
const ROW_BYTES = 10_000

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]
const spread = (numbers) => ((Math.max(...numbers) - Math.min(...numbers)) * 50).toFixed(0)

async function timed(run) {
  const begin = performance.now()
  const result = await run()
  return [(performance.now() - begin) / 1000, result]
}

/** Rows that no codec makes smaller. */
async function fill(db) {
  const rows = Math.round((gigabytes * 1e9) / ROW_BYTES)
  for (let n = 0; n < rows; ) {
    const batch = db.batch()
    for (let left = 100; left > 0 && n < rows; left--, n++) {
      batch.put(db.default, `k${String(n).padStart(9, '0')}`, randomBytes(ROW_BYTES))
    }
    await batch.write({ disableWAL: true })
  }
  await db.flush()
}

async function wholeOnes(path) {
  const target = directory(join(path, 'target'))
  const db = await Database.open(join(path, 'db'))
  await fill(db)
  const [first, made] = await timed(() => backup(db, target))
  const mb = made.bytes / 1e6
  console.log(`first backup of ${mb.toFixed(0)} MB: ${(mb / first).toFixed(0)} MB/s`)
  await db.default.put('one more', 'row')
  const [again, more] = await timed(() => backup(db, target))
  const copied = `${(more.bytesCopied / 1e3).toFixed(0)} kB copied`
  console.log(
    `one row later: ${(again * 1000).toFixed(0)} ms, ${copied}, writers waited ${more.lockedMs.toFixed(2)} ms`,
  )
  const [unchanged] = await timed(() => backup(db, target))
  console.log(`unchanged: ${(unchanged * 1000).toFixed(0)} ms`)
  await db.close()
  const ratios = []
  for (let round = 0; round < 3; round++) {
    const copy = join(path, 'copy')
    const restored = join(path, 'restored')
    const [copying] = await timed(() => {
      execFileSync('sh', [
        '-c',
        'cp -r "$0" "$1" && find "$1" -type f -exec sync {} +',
        join(path, 'db'),
        copy,
      ])
    })
    rmSync(copy, { recursive: true })
    const [restoring] = await timed(() => restore(target, restored))
    rmSync(restored, { recursive: true })
    ratios.push(copying / restoring)
  }
  console.log(
    `restore, to cp -r and fsync: ${median(ratios).toFixed(2)} ±${spread(ratios)} % of its speed`,
  )
}

function write(worker) {
  return new Promise((resolve) => {
    worker.once('message', resolve)
    worker.postMessage(writes)
  })
}

async function besideWriters(path) {
  const place = join(path, 'written')
  const db = await Database.open(place, { tuning: { changesRetainMb: 1024 } })
  const worker = new Worker(new URL('../changes/writer.mjs', import.meta.url), {
    workerData: place,
  })
  await write(worker)
  const [rates, cpu] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const alone = await write(worker)
    const stream = await startBackups(db, directory(join(path, 'stream')))
    await stream.flushed()
    const beside = await write(worker)
    await stream.stop()
    rates.push(beside.rate / alone.rate)
    cpu.push(beside.cpuNs / alone.cpuNs)
  }
  console.log(
    `puts beside continuous backups, to without: ${median(rates).toFixed(3)} ±${spread(rates)} %`,
  )
  console.log(`processor time for a put: ${median(cpu).toFixed(3)} ±${spread(cpu)} %`)
  await worker.terminate()
  await db.close()
}

const path = mkdtempSync(join(values.dir, 'rocksdb-live-backup-'))
try {
  await wholeOnes(path)
  await besideWriters(path)
} finally {
  if (existsSync(path)) rmSync(path, { recursive: true })
}
