/**
 * Mines the same blocks on a stand-in in memory and on RocksDB with each preset, each run in a
 * process of its own, and prints what it costs side by side.
 *
 *     npm run bench:devnet -- --blocks 5000 --repeats 3
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { type Measured, STORES, type StoreName } from './bench-run.mjs'
import { number } from './progress.mjs'

const program = new Command('bench:devnet')
  .option('--blocks <n>', 'blocks to mine', positive, 5000)
  .option('--repeats <n>', 'runs of each store, in turns; medians are shown', positive, 3)
  .option('--seed <n>', 'what the blocks follow from', positive, 1)
  .allowExcessArguments(false)
  .parse()
const { blocks, repeats, seed } = program.opts<Record<'blocks' | 'repeats' | 'seed', number>>()

const runs = new Map<StoreName, Measured[]>(STORES.map((store) => [store, []]))
for (let i = 0; i < repeats; i++) {
  for (const store of STORES) runs.get(store)?.push(run(store))
}
const tips = new Set([...runs.values()].flat().map(({ tip }) => tip))
if (tips.size !== 1) throw new Error(`the chains differ: ${[...tips].join(', ')}`)

const rows: [string, (of: Measured) => number, digits: number][] = [
  ['blocks a second', (of) => of.blocksPerSecond, 0],
  ['write, median, ms', (of) => of.writeMs.p50, 3],
  ['write, p95, ms', (of) => of.writeMs.p95, 3],
  ['write, p99, ms', (of) => of.writeMs.p99, 3],
  ['write, longest, ms', (of) => of.writeMs.max, 1],
  ['writes, share of the time, %', (of) => of.writeShare * 100, 0],
  ['on disk while open, MB', (of) => of.openBytes / 1e6, 1],
  ['on disk after compaction, MB', (of) => of.compactBytes / 1e6, 1],
  ['resident memory, peak, MB', (of) => of.peakBytes / 1e6, 0],
]
const heads = STORES.map((store) =>
  store === 'memory' ? 'stand-in in memory' : `RocksDB, ${store}`,
)
console.log(`| ${number(blocks)} blocks, median of ${repeats} | ${heads.join(' | ')} |`)
console.log(`|---|${STORES.map(() => '---').join('|')}|`)
for (const [title, figure, digits] of rows) {
  const cells = STORES.map((store) => median((runs.get(store) ?? []).map(figure)).toFixed(digits))
  console.log(`| ${title} | ${cells.join(' | ')} |`)
}
console.log(`\nEvery chain ends in ${[...tips][0]}.`)

function run(store: StoreName): Measured {
  const file = fileURLToPath(new URL('bench-run.mjs', import.meta.url))
  const args = [file, store, String(blocks), String(seed)]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measured
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function positive(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 on.')
}
