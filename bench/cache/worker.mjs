// One thread that reads: opens the database of this process and does steps whenever it is told to.
import { parentPort, workerData } from 'node:worker_threads'
import { Database } from '../../dist/index.js'
import { keyOf } from './scenarios.mjs'

const { path, tuning, rows, mode, seed } = workerData
const db = await Database.open(path, { tuning })
const table = db.default

// Numerical Recipes' generator: the same rows for both kinds.
let state = seed >>> 0
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

// Keys are made before: making one costs as much as looking it up.
const KEYS = 1 << 17
const drawn = {
  uniform: () => random() * rows,
  many: () => random() * rows,
  hot: () => rows / 2,
  skewed: () => random() ** 4 * rows,
  scans: () => (random() * rows) / 20,
  writes: () => random() ** 4 * rows,
}[mode]
// Neighbours among the ranks of the skewed are apart in the key space, as popular rows are.
const scatter = mode === 'skewed' || mode === 'writes'
const place = (row) => (scatter ? (Math.floor(row) * 7919) % rows : Math.floor(row))
const keys = Array.from({ length: KEYS }, () => keyOf(place(drawn())))
const value = Buffer.alloc(100, 'v')

let at = 0
const next = () => keys[at++ & (KEYS - 1)]

const steps = {
  many() {
    table.getManySync(Array.from({ length: 100 }, next))
    return 100
  },
  scans() {
    for (let i = 0; i < 20000; i++) table.getSync(next())
    const from = keyOf(Math.floor(random() * rows))
    for (const _ of table.valuesSync({ gte: from, limit: 100000 }));
    return 20000
  },
  writes() {
    for (let i = 0; i < 200; i++) table.getSync(next())
    for (let i = 0; i < 20; i++) table.putSync(next(), value)
    return 200
  },
}
const step =
  steps[mode] ??
  (() => {
    for (let i = 0; i < 200; i++) table.getSync(next())
    return 200
  })

parentPort.on('message', async (ms) => {
  if (ms === 0) {
    await db.close()
    parentPort.close()
    return
  }
  const begin = performance.now()
  let done = 0
  while (performance.now() - begin < ms) done += step()
  parentPort.postMessage((done * 1000) / (performance.now() - begin))
})
parentPort.postMessage('ready')
