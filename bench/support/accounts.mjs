// Workloads on 1,000 accounts: transfers, whose balances must add up in the end, and steps from one
// value to the next.
import { ACCOUNTS, again, CHUNK_ROWS, chunksOf, pairOf } from './data.mjs'
import { Clock } from './timing.mjs'

const BALANCE = 1_000_000

/** What moves an amount into or out of an account, in the value itself. */
export function addTo(value, amount) {
  value.writeInt32LE(value.readInt32LE(0) + amount, 0)
}

const chunkOfAccounts = (values) => chunksOf(again(ACCOUNTS, ACCOUNTS), values).next().value

/** Writes every account: with the full balance, or the value that steps begin with. */
async function openAccounts(db, values, steps) {
  const { keys, values: bare } = chunkOfAccounts(values)
  const first = bare.map((value) => {
    if (steps) return value
    const full = Buffer.from(value)
    full.writeInt32LE(BALANCE, 0)
    return full
  })
  await db.writeBatch(keys, first, 0, ACCOUNTS)
  return keys
}

/** The transfers from one to another. */
function pairs(keys, accounts, from, end) {
  const chunk = { count: end - from, from: [], to: [] }
  for (let j = from; j < end; j++) {
    const pair = pairOf(j, accounts)
    chunk.from.push(keys[pair.from])
    chunk.to.push(keys[pair.to])
  }
  return chunk
}

/** Account j % 1000 goes from value j to value j + 1000. */
function steps(keys, values, from, end) {
  const chunk = { count: end - from, keys: [], current: [], next: [] }
  for (let j = from; j < end; j++) {
    chunk.keys.push(keys[j % ACCOUNTS])
    chunk.current.push(values.at(j))
    chunk.next.push(values.at(j + ACCOUNTS))
  }
  return chunk
}

async function expectBalances(db, keys) {
  let sum = 0
  for (const key of keys) sum += db.getSync(key).readInt32LE(0)
  if (sum !== ACCOUNTS * BALANCE) throw new Error(`the balances add up to ${sum}`)
}

/** Opens the accounts and times the loop of a kind; throws where money was lost or a step refused. */
export async function timedAccounts({ values }, db, spec, count) {
  const keys = await openAccounts(db, values, spec.steps)
  const clock = new Clock()
  let wrong = 0
  for (let from = 0; from < count; from += CHUNK_ROWS) {
    const end = Math.min(from + CHUNK_ROWS, count)
    const chunk = spec.steps
      ? steps(keys, values, from, end)
      : pairs(keys, spec.accounts, from, end)
    clock.start()
    const returned = spec.loop(db, chunk, spec.params)
    const found = typeof returned?.then === 'function' ? await returned : returned
    clock.stop()
    wrong += found ?? 0
  }
  if (wrong > 0) throw new Error(`${wrong} steps found another value than was written`)
  if (!spec.steps) await expectBalances(db, keys)
  return { ops: count, ns: clock.ns }
}
