// Guards the speed: measures a short set against the native limit and compares the ratios with the
// committed ones. Fails where one has fallen by more than its spread.
//
//   npm run bench:guard -- [--update] [--repeats 7] [--n 300000] [--node PATH] [--dir PATH]
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { parseArgs } from 'node:util'
import { LIMIT, OURS, unavailable } from './support/engines.mjs'
import { loadAverage, machineOf } from './support/machine.mjs'
import { measure } from './support/measure.mjs'
import { summaryOf } from './support/summary.mjs'
import { selectRows } from './support/workloads.mjs'

const FILE = new URL('ratios.json', import.meta.url)
const ENGINES = [LIMIT, OURS]

const { values: flags } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '7' },
    n: { type: 'string', default: '300000' },
    node: { type: 'string', default: process.execPath },
    dir: { type: 'string', default: os.tmpdir() },
  },
})

/** A ratio that varies more than this guards nothing. */
const MOST_SPREAD = 0.5

const rounded = (value) => Number(value.toFixed(3))

/** Median and spread of the ratio to the limit, by row. */
async function measureRatios() {
  const rows = selectRows({ set: 'short' })
  const config = {
    n: Number(flags.n),
    valueSize: 100,
    repeats: Number(flags.repeats),
    node: flags.node,
    nodeOptions: [],
    directory: flags.dir,
  }
  const tell = (text) => console.error(text)
  const { results, failures } = await measure(rows, ENGINES, config, tell)
  if (failures.length > 0) throw new Error(failures.join('\n'))
  const ratios = {}
  for (const { id, cells } of summaryOf(results, rows, ENGINES)) {
    const { median, spread } = cells[OURS].toLimit
    ratios[id] = { ratio: rounded(median), spread: rounded(spread) }
  }
  return ratios
}

/** One line for each row, and the rows that fell. */
function compare(ratios, committed) {
  const fallen = []
  for (const [id, { ratio, spread }] of Object.entries(ratios)) {
    const before = committed[id]
    if (before === undefined) {
      console.log(`${id.padEnd(22)}${ratio.toFixed(2)}  not in ratios.json: run with --update`)
      fallen.push(id)
      continue
    }
    const least = before.ratio * (1 - before.spread)
    const fell = ratio < least
    if (fell) fallen.push(id)
    const was = `was ${before.ratio.toFixed(2)}, at least ${least.toFixed(2)}`
    const now = `${ratio.toFixed(2)} ±${(spread * 100).toFixed(0)} %`
    console.log(`${id.padEnd(22)}${now.padEnd(14)}${was}${fell ? '  FELL' : ''}`)
  }
  return fallen
}

if (!flags.update && !existsSync(FILE)) {
  throw new Error('no bench/ratios.json to compare with: run with --update on a quiet machine')
}
for (const id of ENGINES) {
  const reason = unavailable(id)
  if (reason !== undefined) throw new Error(`${id}: ${reason}`)
}
const load = loadAverage()
const ratios = await measureRatios()
if (flags.update) {
  const { n, repeats } = flags
  const document = { machine: machineOf(flags.node), load, n: Number(n), repeats: Number(repeats) }
  const noisy = Object.keys(ratios).filter((id) => ratios[id].spread > MOST_SPREAD)
  if (noisy.length > 0) {
    throw new Error(
      `too noisy to be compared with, on a machine with other work: ${noisy.join(', ')}`,
    )
  }
  writeFileSync(FILE, `${JSON.stringify({ ...document, ratios }, null, 2)}\n`)
  console.log(`wrote ${Object.keys(ratios).length} ratios`)
} else {
  const fallen = compare(ratios, JSON.parse(readFileSync(FILE, 'utf8')).ratios)
  if (fallen.length > 0) {
    console.error(`below the committed ratio by more than its spread: ${fallen.join(', ')}`)
    process.exitCode = 1
  }
}
