/** The audit: everything in the bank agrees with everything else. */
import type { Bank } from './bank'

/** What an audit found. */
export interface Audit {
  transfers: number
  total: number
  /** What is wrong, a sentence each. */
  problems: string[]
}

/**
 * Tells every balance again from the trail: each transfer took from one account and gave to another, once,
 * and nothing else has happened. No transfer may run meanwhile. `acknowledged` are transfers of which
 * somebody was told that they were done.
 */
export async function audit(bank: Bank, acknowledged: Iterable<string> = []): Promise<Audit> {
  const problems: string[] = []
  const expected = new Map<string, number>()
  const moved = new Map<string, number>()
  let transfers = 0
  for await (const [id, { from, to, amount }] of bank.transfers.entries()) {
    transfers++
    expected.set(`${from}/${id}`, -amount)
    expected.set(`${to}/${id}`, amount)
  }
  for await (const [key, amount] of bank.entries.entries()) {
    const [account = ''] = key.split('/', 1)
    moved.set(account, (moved.get(account) ?? 0) + amount)
    if (expected.get(key) !== amount)
      problems.push(`the entry ${key} of ${amount} is of no transfer`)
    expected.delete(key)
  }
  for (const [key, amount] of expected) problems.push(`the entry ${key} of ${amount} is missing`)
  let [total, opened] = [0, 0]
  for await (const [name, account] of bank.accounts.entries()) {
    total += account.balance
    opened += account.opened
    const balance = account.opened + (moved.get(name) ?? 0)
    moved.delete(name)
    if (account.balance === balance) continue
    problems.push(`${name} has ${account.balance}, and by its entries it has ${balance}`)
  }
  for (const name of moved.keys()) problems.push(`there are entries of ${name}, and no account`)
  if (total !== opened) problems.push(`all accounts have ${total}, and were opened with ${opened}`)
  for (const id of acknowledged) {
    if (!(await bank.transfers.has(id))) problems.push(`${id} was done, and is not there`)
  }
  return { transfers, total, problems }
}
