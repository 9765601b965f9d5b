// The benchmark: the native limit, this package and its peers, on the same work in the same run.
//
//   npm run bench -- --help
import { writeFileSync } from 'node:fs'
import os from 'node:os'
import { parseArgs } from 'node:util'
import { LIMIT, OURS, peerIds, unavailable } from './support/engines.mjs'
import { loadAverage, machineOf } from './support/machine.mjs'
import { measure } from './support/measure.mjs'
import { legendOf, notesOf, tableOf } from './support/report.mjs'
import { summaryOf } from './support/summary.mjs'
import { plotOf } from './support/svg.mjs'
import { SETS, selectRows } from './support/workloads.mjs'

const HELP = `npm run bench -- [options]

  --engines a,b       limit, rocksdb-live, and the peers; all that are there by default
  --workloads x,y     rows by their ids (--list has them)
  --set NAME          short, table (default) or all
  --n N               keys; 300000 by default
  --value-size BYTES  100 by default
  --repeats N         7 by default
  --node PATH         the node that runs the children; this one by default
  --node-option TEXT  passed to that node, such as --cpu-prof; may be repeated
  --dir PATH          where databases are made and removed; the system's temporary folder by default
  --json FILE         writes every figure, the summary and the machine
  --svg FILE          writes the plot
  --markdown          prints the report alone, without progress
  --list              prints the workloads`

const { values: flags } = parseArgs({
  options: {
    engines: { type: 'string' },
    workloads: { type: 'string' },
    set: { type: 'string', default: 'table' },
    n: { type: 'string', default: '300000' },
    'value-size': { type: 'string', default: '100' },
    repeats: { type: 'string', default: '7' },
    node: { type: 'string', default: process.execPath },
    'node-option': { type: 'string', multiple: true, default: [] },
    dir: { type: 'string', default: os.tmpdir() },
    json: { type: 'string' },
    svg: { type: 'string' },
    markdown: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

function positive(name) {
  const value = Number(flags[name])
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`--${name} must be a whole number from 1`)
  return value
}

/** The engines asked for; without a wish, all that can run here, and why the others cannot. */
function chooseEngines() {
  if (flags.engines !== undefined) {
    const engines = flags.engines.split(',')
    for (const id of engines) {
      const reason = unavailable(id)
      if (reason !== undefined) throw new Error(`${id}: ${reason}`)
    }
    return { engines, absent: [] }
  }
  const all = [LIMIT, OURS, ...peerIds()]
  const absent = all.filter((id) => unavailable(id) !== undefined)
  return {
    engines: all.filter((id) => !absent.includes(id)),
    absent: absent.map((id) => `${id}: ${unavailable(id)}`),
  }
}

function selected() {
  if (!SETS.includes(flags.set)) throw new RangeError(`--set must be one of ${SETS.join(', ')}`)
  return selectRows({ ids: flags.workloads?.split(','), set: flags.set })
}

async function main() {
  if (flags.help) return console.log(HELP)
  const rows = selected()
  if (flags.list)
    return console.log(rows.map(({ id, title }) => `${id.padEnd(26)}${title}`).join('\n'))
  const config = {
    n: positive('n'),
    valueSize: positive('value-size'),
    repeats: positive('repeats'),
    node: flags.node,
    nodeOptions: flags['node-option'],
    directory: flags.dir,
  }
  const { engines, absent } = chooseEngines()
  const started = { at: new Date().toISOString(), load: loadAverage() }
  const tell = flags.markdown ? () => {} : (text) => console.error(text)
  const { results, about, failures } = await measure(rows, engines, config, tell)
  const ended = { at: new Date().toISOString(), load: loadAverage() }
  const summary = summaryOf(results, rows, engines)
  const machine = machineOf(flags.node)
  report({ summary, engines, absent, about, config, machine, started, ended })
  if (flags.json !== undefined) {
    const command = ['node', 'bench/run.mjs', ...process.argv.slice(2)].join(' ')
    const document = { command, config, machine, started, ended, engines: about, summary, results }
    writeFileSync(flags.json, `${JSON.stringify(document, null, 1)}\n`)
  }
  if (flags.svg !== undefined) writeFileSync(flags.svg, plotOf(summary, engines))
  // Why a peer failed is among the notes; here it would be no measurement at all.
  const serious = failures.filter((failure) => [LIMIT, OURS].includes(failure.split(',', 1)[0]))
  for (const failure of serious) console.error(`FAILED: ${failure}`)
  process.exitCode = serious.length > 0 ? 1 : 0
}

function report({ summary, engines, absent, about, config, machine, started, ended }) {
  const versions = engines.filter((id) => about[id]).map((id) => `${id} ${about[id].version}`)
  const { cpu, cores, system, node } = machine
  console.log(`${legendOf(config)}\n`)
  console.log(
    `${cpu}, ${cores} cores, ${system}, Node ${node}; load average ${started.load[0]} before`,
  )
  console.log(`and ${ended.load[0]} after. ${versions.join(', ')}.\n`)
  console.log(tableOf(summary, engines))
  const notes = [
    ...notesOf(summary, engines, about),
    ...absent.map((reason) => `left out: ${reason}`),
  ]
  if (notes.length > 0) console.log(`\n${notes.map((note) => `- ${note}`).join('\n')}`)
}

await main()
