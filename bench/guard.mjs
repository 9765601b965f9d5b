// Guards the speed: measures a short set against the native limit and compares the ratios with the
// committed ones. Fails where one has fallen by more than its spread.
//
//   npm run bench:guard -- [--update] [--repeats 7] [--n 300000] [--node PATH] [--dir PATH]
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { LIMIT, OURS, unavailable } from './support/engines.mjs'
import { loadAverage, machineOf } from './support/machine.mjs'
import { measure } from './support/measure.mjs'
import { compareRatios, MOST_SPREAD } from './support/ratios.mjs'
import { summaryOf } from './support/summary.mjs'
import { readFlags, runProgram, UsageError, wholeNumber } from './support/usage.mjs'
import { selectRows } from './support/workloads.mjs'

const FILE = new URL('ratios.json', import.meta.url)
const ENGINES = [LIMIT, OURS]

const OPTIONS = {
  update: { type: 'boolean', default: false },
  repeats: { type: 'string', default: '7' },
  n: { type: 'string', default: '300000' },
  node: { type: 'string', default: process.execPath },
  dir: { type: 'string', default: os.tmpdir() },
}

/** Fewer repeats have no spread. */
const LEAST_REPEATS = 3

const rounded = (value) => Number(value.toFixed(3))

/** Median and spread of the ratio to the limit, by row. */
async function measureRatios(config) {
  const rows = selectRows({ set: 'short' })
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

/** The committed ratios, where a run like this one can be compared with them. */
function readCommitted({ n }, machine) {
  if (!existsSync(FILE)) {
    throw new UsageError(
      'no bench/ratios.json to compare with: run with --update on a quiet machine',
    )
  }
  const committed = JSON.parse(readFileSync(FILE, 'utf8'))
  if (committed.n !== n) {
    throw new UsageError(`the committed ratios are of ${committed.n} keys, not ${n}: leave out --n`)
  }
  for (const name of ['node', 'cpu', 'cores']) {
    const [was, is] = [committed.machine[name], machine[name]]
    if (was !== is) console.error(`compared with another ${name}: ${was}, and here ${is}`)
  }
  return committed.ratios
}

function update(ratios, { n, repeats }, machine, load) {
  const noisy = Object.keys(ratios).filter((id) => ratios[id].spread > MOST_SPREAD)
  if (noisy.length > 0) {
    throw new UsageError(`too noisy to be compared with: ${noisy.join(', ')}; is there other work?`)
  }
  writeFileSync(FILE, `${JSON.stringify({ machine, load, n, repeats, ratios }, null, 2)}\n`)
  console.log(`wrote ${Object.keys(ratios).length} ratios`)
}

async function main() {
  const flags = readFlags(OPTIONS)
  const config = {
    n: wholeNumber(flags, 'n'),
    valueSize: 100,
    repeats: wholeNumber(flags, 'repeats', { least: LEAST_REPEATS }),
    node: flags.node,
    nodeOptions: [],
    directory: flags.dir,
  }
  for (const id of ENGINES) {
    const reason = unavailable(id)
    if (reason !== undefined) throw new UsageError(`${id}: ${reason}`)
  }
  const machine = machineOf(config)
  const committed = flags.update ? undefined : readCommitted(config, machine)
  const load = loadAverage()
  const ratios = await measureRatios(config)
  if (flags.update) return update(ratios, config, machine, load)
  const { lines, fallen } = compareRatios(ratios, committed)
  console.log(lines.join('\n'))
  if (fallen.length === 0) return
  console.error(
    `below the committed ratio by more than its spread, or without one: ${fallen.join(', ')}`,
  )
  process.exitCode = 1
}

await runProgram(main)
