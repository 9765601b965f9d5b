/**
 * The drill: the bank is killed in the middle of its work, again and again, and audited after each.
 *
 *     npm run bank:kill -- --kills 100
 *     npm run bank:kill -- --kills 100 --seed 5 --accounts 4
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killAfter } from '../support/kill'
import { type Random, randomOf } from '../support/random'
import { audit } from './audit'
import { Bank } from './bank'

/** How a drill is run. */
export interface DrillOptions {
  directory: string
  kills: number
  random: Random
  /** main.js, compiled. */
  program: string
  accounts?: number
  onKill?: (kill: number, transfers: number) => void
}

/** What a drill found. */
export interface Drill {
  kills: number
  /** Transfers of which the bank said that they were done, and those that it has. */
  acknowledged: number
  transfers: number
  reports: number
  problems: string[]
}

/** Lines that a bank says at most before it is killed. */
const LINES = 300

/** Kills the bank so many times; each goes on with what the last one left. */
export async function drill(options: DrillOptions): Promise<Drill> {
  const { directory, kills, random, program, accounts = 20, onKill } = options
  const acknowledged = new Set<string>()
  const totals = new Set<string>()
  const found: Drill = { kills, acknowledged: 0, transfers: 0, reports: 0, problems: [] }
  for (let kill = 0; kill < kills && found.problems.length === 0; kill++) {
    // At times while it opens, which is the first thing that it says.
    const lines = random(8) === 0 ? 1 : 2 + random(LINES)
    const args = ['--data-dir', directory, '--accounts', String(accounts), '--run', `run${kill}`]
    const forever = ['--transfers', '1000000000', '--acknowledge']
    for (const line of await killAfter(lines, program, [...args, ...forever])) {
      const [word = '', value = '', total = ''] = line.split(' ')
      if (word === 'done') acknowledged.add(value)
      if (word !== 'report') continue
      found.reports++
      totals.add(`${value} accounts with ${total}`)
    }
    const bank = await Bank.open(directory, { accounts })
    try {
      const { problems, transfers } = await audit(bank, acknowledged)
      const { accounts: count, total } = await bank.report()
      totals.add(`${count} accounts with ${total}`)
      if (totals.size > 1) problems.push(`there were ${[...totals].join(', and then ')}`)
      Object.assign(found, { problems, transfers, acknowledged: acknowledged.size })
      onKill?.(kill, transfers)
    } finally {
      await bank.close()
    }
  }
  return found
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '20' },
      accounts: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
    },
  })
  const directory = mkdtempSync(join(tmpdir(), 'rocksdb-live-bank-'))
  try {
    console.log(`seed ${values.seed}`)
    const found = await drill({
      directory,
      kills: Number(values.kills),
      accounts: Number(values.accounts),
      random: randomOf(Number(values.seed)),
      program: join(__dirname, 'main.js'),
      onKill: (kill, transfers) => console.log(`kill ${kill + 1}: ${transfers} transfers agree`),
    })
    console.log(found)
    process.exitCode = found.problems.length === 0 ? 0 : 1
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
}
