/**
 * Runs transactions from several worker threads on the same few keys, and looks in what they read and wrote
 * for what no order of whole transactions explains. Ends with 1 where something is found.
 *
 *   npm run test:histories                              # 100,000 transactions, over all modes
 *   npm run test:histories -- --transactions 1000000 --round 20000 --seed 5
 *   npm run test:histories -- --modes disk,unordered    # of disk, memory, without a WAL, not pipelined, unordered
 *   npm run test:histories -- --isolation snapshot      # which allows G2
 *   npm run test:histories -- --workers 2 --clients 8   # threads, and transactions that each runs at once; 4 and 4
 *   npm run test:histories -- --terminate               # and one more thread that is terminated many times
 *   npm run test:histories -- --plain                   # without transactions: anomalies are found
 */
const { mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { parseArgs } = require('node:util')
const { MODES, addUp, runRound } = require('./round.cjs')

/** The most anomalies that are printed. */
const SHOWN = 10

const { values: asked } = parseArgs({
  options: {
    transactions: { type: 'string', default: '100000' },
    round: { type: 'string', default: '20000' },
    modes: { type: 'string', default: Object.keys(MODES).join(',') },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
    isolation: { type: 'string', default: 'serializable' },
    workers: { type: 'string', default: '4' },
    clients: { type: 'string', default: '4' },
    // One more worker, which is started and terminated many times.
    terminate: { type: 'boolean', default: false },
    plain: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

const number = (value) => value.toLocaleString('en-US')

function show({ kind, what, transactions }) {
  console.error(`${kind}: ${what}`)
  for (const one of transactions.slice(0, 8)) console.error(`    ${JSON.stringify(one)}`)
}

async function runAll(directory) {
  const { isolation, plain, terminate } = asked
  const [workers, clients] = [Number(asked.workers), Number(asked.clients)]
  const modes = asked.modes.split(',')
  const seed = Number(asked.seed)
  const wanted = Number(asked.transactions)
  const each = Math.min(Number(asked.round), Math.ceil(wanted / modes.length))
  const sums = { transactions: 0, attempts: 0, committed: 0, edges: 0, anomalies: 0, failures: 0 }
  const report = { seed, ...sums, kinds: {}, outcomes: {} }
  for (let round = 0; report.transactions < wanted; round++) {
    const mode = modes[round % modes.length]
    const transactions = Math.min(each, wanted - report.transactions)
    const how = {
      mode,
      directory,
      transactions,
      isolation,
      plain,
      workers,
      clients,
      doomed: terminate,
    }
    const found = await runRound({ ...how, seed: seed + round })
    report.transactions += transactions
    report.attempts += found.transactions
    report.committed += found.committed
    report.edges += found.edges
    addUp(report.outcomes, found.outcomes)
    for (const anomaly of found.anomalies) {
      addUp(report.kinds, { [anomaly.kind]: 1 })
      if (report.anomalies++ < SHOWN && !asked.json) show(anomaly)
    }
    for (const failure of found.failures) {
      if (report.failures++ < SHOWN) console.error(failure)
    }
    if (!asked.json) console.log(`${mode}: ${number(report.transactions)} of ${number(wanted)}`)
  }
  return report
}

async function main() {
  const began = Date.now()
  const directory = mkdtempSync(path.join(tmpdir(), 'rocksdb-live-histories-'))
  try {
    const report = { ...(await runAll(directory)), seconds: (Date.now() - began) / 1000 }
    console.log(asked.json ? JSON.stringify(report) : report)
    process.exitCode = report.anomalies + report.failures > 0 ? 1 : 0
  } finally {
    // After a failure, other workers may still be running.
    rmSync(directory, { recursive: true, force: true, maxRetries: 50 })
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
