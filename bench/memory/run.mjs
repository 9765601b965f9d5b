// Shows what `memoryBudgetMb` costs and keeps: the same writes and reads over 16 families with a
// budget and without one, in turns, each in a process of its own.
//
//   npm run bench:memory -- --budget-mb 512 --total-mb 2048 --repeats 3
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    'budget-mb': { type: 'string', default: '512' },
    'total-mb': { type: 'string', default: '2048' },
    families: { type: 'string', default: '16' },
    'value-bytes': { type: 'string', default: '1024' },
    reads: { type: 'string', default: '500000' },
    repeats: { type: 'string', default: '3' },
  },
})

function run(budgetMb) {
  const load = {
    budgetMb,
    totalMb: Number(values['total-mb']),
    families: Number(values.families),
    valueBytes: Number(values['value-bytes']),
    reads: Number(values.reads),
  }
  const program = fileURLToPath(new URL('load.mjs', import.meta.url))
  const args = [program, JSON.stringify(load)]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}

function medianOf(runs, field) {
  const sorted = runs.map((result) => result[field]).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

const budgetMb = Number(values['budget-mb'])
const bounded = []
const unlimited = []
for (let i = 0; i < Number(values.repeats); i++) {
  bounded.push(run(budgetMb))
  unlimited.push(run(0))
}

const rows = [
  ['peak resident memory, MiB', 'peakMb'],
  ['before opening, MiB', 'baselineMb'],
  ['writing, MiB a second', 'writeMbPerSecond'],
  ['reads a second', 'readsPerSecond'],
]
console.log(`| median of ${values.repeats} | memoryBudgetMb: ${budgetMb} | no budget | ratio |`)
console.log('|---|---|---|---|')
for (const [title, field] of rows) {
  const [a, b] = [medianOf(bounded, field), medianOf(unlimited, field)]
  console.log(`| ${title} | ${a.toFixed(0)} | ${b.toFixed(0)} | ${(a / b).toFixed(2)} |`)
}
const over = Math.max(...bounded.map(({ peakMb }) => peakMb)) / budgetMb
console.log(`\nThe highest peak was ${over.toFixed(2)} × the budget.`)
