// The benchmark: the native limit, this package and its peers, on the same work in the same run.
//
//   npm run bench -- --help
import { accessSync, constants, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { LIMIT, OURS, peerIds, unavailable } from './support/engines.mjs'
import { loadAverage, machineOf } from './support/machine.mjs'
import { measure } from './support/measure.mjs'
import { legendOf, notesOf, tableOf } from './support/report.mjs'
import { summaryOf } from './support/summary.mjs'
import { plotOf } from './support/svg.mjs'
import { readFlags, runProgram, UsageError, wholeNumber } from './support/usage.mjs'
import { selectRows } from './support/workloads.mjs'

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
  --json FILE         writes every figure, the summary, the machine, and options of peers that differ
  --svg FILE          writes the plot
  --markdown          prints the report alone, without progress
  --list              prints all workloads, and the smallest set that has each
  --help              prints this`

const OPTIONS = {
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
}

const MOST_VALUE_BYTES = 64 * 1024 * 1024

/** The engines asked for; without a wish, all that can run here, and why the others cannot. */
function chooseEngines(wish) {
  const all = [LIMIT, OURS, ...peerIds()]
  if (wish !== undefined) {
    const engines = [...new Set(wish.split(','))]
    for (const id of engines) {
      if (!all.includes(id)) throw new UsageError(`no engine ${id}; there are ${all.join(', ')}`)
      const reason = unavailable(id)
      if (reason !== undefined) throw new UsageError(`${id}: ${reason}`)
    }
    return { engines, absent: [] }
  }
  const absent = all.filter((id) => unavailable(id) !== undefined)
  return {
    engines: all.filter((id) => !absent.includes(id)),
    absent: absent.map((id) => `${id}: ${unavailable(id)}`),
  }
}

function list() {
  const lines = selectRows({ set: 'all' }).map(
    ({ id, title, sets: [smallest] }) => `${id.padEnd(26)}${smallest.padEnd(7)}${title}`,
  )
  console.log(lines.join('\n'))
}

/** Throws where a file could not be written after the run, which may take hours. */
function expectWritable(file) {
  if (file === undefined) return
  try {
    accessSync(path.dirname(file), constants.W_OK)
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${error.message}`)
  }
}

function configOf(flags) {
  return {
    n: wholeNumber(flags, 'n'),
    valueSize: wholeNumber(flags, 'value-size', { most: MOST_VALUE_BYTES }),
    repeats: wholeNumber(flags, 'repeats'),
    node: flags.node,
    nodeOptions: flags['node-option'],
    directory: flags.dir,
  }
}

async function main() {
  const flags = readFlags(OPTIONS)
  if (flags.help) return console.log(HELP)
  if (flags.list) return list()
  const rows = selectRows({ ids: flags.workloads?.split(','), set: flags.set })
  const config = configOf(flags)
  const { engines, absent } = chooseEngines(flags.engines)
  for (const file of [flags.json, flags.svg]) expectWritable(file)
  const machine = machineOf(config)
  const started = { at: new Date().toISOString(), load: loadAverage() }
  const tell = flags.markdown ? () => {} : (text) => console.error(text)
  const { results, about, apart, failures } = await measure(rows, engines, config, tell)
  const ended = { at: new Date().toISOString(), load: loadAverage() }
  const summary = summaryOf(results, rows, engines)
  report({ summary, engines, absent, about, config, machine, started, ended })
  if (flags.json !== undefined) {
    const command = ['node', 'bench/run.mjs', ...process.argv.slice(2)].join(' ')
    const run = { command, config, machine, started, ended }
    const document = { ...run, engines: about, optionsApart: apart, summary, results }
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
    ...(machine.fileSystem === 'tmpfs'
      ? [`${config.directory} is in memory: what waits for the disk (fsync) is no figure`]
      : []),
  ]
  if (notes.length > 0) console.log(`\n${notes.map((note) => `- ${note}`).join('\n')}`)
}

await runProgram(main)
