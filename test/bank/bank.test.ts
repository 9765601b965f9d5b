/** The bank of the examples: what it does, what its audit finds, and that SIGKILL costs nothing. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { audit } from '../../examples/bank/audit'
import { accountName, Bank, type BankOptions, UnknownAccount } from '../../examples/bank/bank'
import { drill } from '../../examples/bank/drill'
import { randomOf, seedOfRun } from '../lifecycle/children'
import { track, useTempDirectory } from '../support/database'
import { root } from '../support/documents'

const KILLS = 8

const dir = useTempDirectory()
const program = join(root, 'dist-examples', 'bank', 'main.js')
const [ada, ben, cid] = [accountName(0), accountName(1), accountName(2)]

const open = async (options: BankOptions = {}) =>
  track(await Bank.open(dir('bank'), { accounts: 3, balance: 100, ...options }))

describe('a transfer', () => {
  it('moves money, and is done once however often it is asked for', async () => {
    const bank = await open()
    const transfer = { id: 'rent', from: ada, to: ben, amount: 70 }
    expect(await bank.transfer(transfer)).toBe('done')
    expect(await bank.transfer(transfer)).toBe('repeated')
    expect(await bank.statement(ada)).toEqual([{ transfer: 'rent', amount: -70 }])
    expect(await bank.accounts.getMany([ada, ben])).toMatchObject([
      { balance: 30 },
      { balance: 170 },
    ])
    expect(await audit(bank, ['rent'])).toEqual({ transfers: 1, total: 300, problems: [] })
  })

  it('is done once where it is asked for by many at the same time', async () => {
    const bank = await open({ sync: true })
    const transfer = { id: 'rent', from: ada, to: ben, amount: 70 }
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => bank.transfer(transfer)))
    expect(outcomes.sort()).toEqual(['done', ...Array(4).fill('repeated')])
    expect(await audit(bank)).toMatchObject({ problems: [] })
  })

  it('never takes more than there is, from however many sides', async () => {
    const bank = await open()
    const outcomes = await Promise.all(
      [ben, cid, ben, cid].map((to, i) => bank.transfer({ id: `${i}`, from: ada, to, amount: 30 })),
    )
    expect(outcomes.filter((outcome) => outcome === 'done').length).toBe(3)
    expect(await bank.accounts.get(ada)).toMatchObject({ balance: 10 })
    expect(await audit(bank)).toMatchObject({ total: 300, problems: [] })
  })

  it('does nothing where it makes no sense', async () => {
    const bank = await open()
    const transfer = { id: 'rent', from: ada, to: ben, amount: 70 }
    await expect(bank.transfer({ ...transfer, to: 'nobody' })).rejects.toThrow(UnknownAccount)
    await expect(bank.transfer({ ...transfer, to: ada })).rejects.toThrow(RangeError)
    await expect(bank.transfer({ ...transfer, amount: -1 })).rejects.toThrow(RangeError)
    expect(await audit(bank)).toEqual({ transfers: 0, total: 300, problems: [] })
  })
})

it('a report is of one moment, while transfers go on', async () => {
  const bank = await open({ accounts: 10 })
  let going = true
  const clerk = async (number: number) => {
    for (let i = 0; going; i++) {
      const [from, to] = [accountName(i % 10), accountName((i + 1 + number) % 10)]
      if (from !== to) await bank.transfer({ id: `${number}:${i}`, from, to, amount: 1 })
    }
  }
  const clerks = [0, 1, 2].map(clerk)
  let last = 0
  while (last < 500) {
    const { accounts, total, transfers } = await bank.report()
    expect([accounts, total]).toEqual([10, 1000])
    expect(transfers).toBeGreaterThanOrEqual(last)
    last = transfers
  }
  going = false
  await Promise.all(clerks)
  expect(await audit(bank)).toMatchObject({ problems: [] })
}, 60_000)

it('the audit finds what does not agree', async () => {
  const bank = await open()
  await bank.transfer({ id: 'rent', from: ada, to: ben, amount: 70 })
  await bank.entries.delete(`${ben}/rent`)
  await bank.entries.put(`${cid}/gift`, 5)
  expect((await audit(bank, ['loan'])).problems).toEqual([
    `the entry ${cid}/gift of 5 is of no transfer`,
    `the entry ${ben}/rent of 70 is missing`,
    `${ben} has 170, and by its entries it has 100`,
    `${cid} has 100, and by its entries it has 105`,
    'loan was done, and is not there',
  ])
  await bank.accounts.put(ada, { opened: 100, balance: 31 })
  expect((await audit(bank)).problems).toContain('all accounts have 301, and were opened with 300')
})

describe('the program', () => {
  it('runs to its end, and audits itself', () => {
    const args = ['--data-dir', dir('bank'), '--transfers', '2000', '--accounts', '10']
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^report 10 1000000 0$/m)
    expect(stdout).toMatch(/: 0 problems, 1000000 in all accounts$/m)
  })

  it(`loses nothing that it said is done, killed ${KILLS} times`, async () => {
    const seed = seedOfRun()
    const found = await drill({
      directory: dir('bank'),
      kills: KILLS,
      random: randomOf(seed),
      program,
    })
    expect({ seed, kills: found.kills, problems: found.problems }).toEqual({
      ...{ seed, kills: KILLS, problems: [] },
    })
    expect(found.transfers).toBeGreaterThanOrEqual(found.acknowledged)
    expect(found.reports).toBeGreaterThan(0)
  }, 120_000)
})
