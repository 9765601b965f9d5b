/**
 * A bank in RocksDB: transfers between its accounts, many at a time, and reports of all of it meanwhile.
 *
 *     npm run bank
 *     npm run bank -- --transfers 100000 --accounts 10 --at-once 32
 *     npm run bank -- --sync              # each transfer outlives a power failure
 *     npm run bank:kill -- --kills 100    # killed at any moment, opened again and audited: drill.ts
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { audit } from './audit'
import { accountName, Bank, type Outcome, type Transfer } from './bank'

const { values: asked } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: join('data', 'bank') },
    accounts: { type: 'string', default: '100' },
    transfers: { type: 'string', default: '20000' },
    'at-once': { type: 'string', default: '16' },
    // What the names of the transfers begin with.
    run: { type: 'string', default: new Date().toISOString() },
    sync: { type: 'boolean', default: false },
    // Say of each transfer that it is done.
    acknowledge: { type: 'boolean', default: false },
  },
})

/** Transfers between two reports. */
const REPORT_EVERY = 1000

const say = (...words: unknown[]) => process.stdout.write(`${words.join(' ')}\n`)

/** Any two accounts, of those that a bank has. */
function anyTransfer(id: string, accounts: number): Transfer {
  const from = Math.floor(Math.random() * accounts)
  const to = (from + 1 + Math.floor(Math.random() * (accounts - 1))) % accounts
  const amount = 1 + Math.floor(Math.random() * 20_000)
  return { id, from: accountName(from), to: accountName(to), amount }
}

/** Says what the bank is at one moment. */
async function report(bank: Bank): Promise<void> {
  const { accounts, total, transfers } = await bank.report()
  say('report', accounts, total, transfers)
}

async function run(bank: Bank, wanted: number, atOnce: number): Promise<Record<Outcome, number>> {
  const outcomes = { done: 0, repeated: 0, 'too little': 0 }
  const { accounts } = await bank.report()
  let started = 0
  const clerk = async () => {
    while (started < wanted) {
      const number = started++
      const transfer = anyTransfer(`${asked.run}:${number}`, accounts)
      const outcome = await bank.transfer(transfer)
      outcomes[outcome]++
      if (asked.acknowledge && outcome === 'done') say('done', transfer.id)
      if (number % REPORT_EVERY === REPORT_EVERY - 1) await report(bank)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, clerk))
  return outcomes
}

async function main(): Promise<void> {
  say('opening', asked['data-dir'])
  const options = { accounts: Number(asked.accounts), sync: asked.sync }
  const bank = await Bank.open(asked['data-dir'], options)
  try {
    await report(bank)
    const began = performance.now()
    const { done, ...others } = await run(bank, Number(asked.transfers), Number(asked['at-once']))
    const rate = Math.round((1000 * done) / (performance.now() - began))
    say(`${done} transfers, ${rate} a second; there was too little for ${others['too little']}`)
    const { problems, total, transfers } = await audit(bank)
    for (const problem of problems) say('PROBLEM', problem)
    say(`audited ${transfers} transfers: ${problems.length} problems, ${total} in all accounts`)
    if (problems.length > 0) process.exitCode = 1
  } finally {
    await bank.close()
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
