// The rows about transactions: transfers between accounts, compare-and-write, and plain writes beside
// a transaction that is open.

const table = ['table', 'all']
const third = (n) => Math.max(1, Math.floor(n / 3))

/** The balance is a part of the value, so that --value-size has no say here. */
const VALUE_SIZE = 100

const CONTENTION = { low: '1,000 accounts', high: '4 accounts' }

/** Transfers, and in a row of its own the same figure beside RocksDB's other kind of transactions. */
function transferRows(fresh) {
  const common = { valueSize: VALUE_SIZE, ops: third }
  for (const [level, between] of Object.entries(CONTENTION)) {
    for (const inFlight of [1, 8]) {
      const id = `transfers-${inFlight}-${level}`
      const title = `transfers between ${between}, ${inFlight} in flight`
      const options = { ...common, goal: 0.8, sets: table }
      fresh(id, `${title}; limit: TransactionDB`, options)
      fresh(`${id}-optimistic`, `${title}; limit: OptimisticTransactionDB`, {
        ...options,
        from: id,
      })
    }
    fresh(`transfers-sync-${level}`, `transfers between ${between}, sync; limit: TransactionDB`, {
      ...common,
      limit: `transfers-1-${level}`,
      goal: 0.8,
    })
  }
}

function compareRows(fresh) {
  const common = { valueSize: VALUE_SIZE, ops: third }
  fresh('put-again-sync', 'put to 1,000 keys, sync', common)
  fresh('put-again-awaited', 'put to 1,000 keys, awaited', { ...common, limit: 'put-again-sync' })
  for (const form of ['sync', 'awaited']) {
    fresh(`compare-and-write-${form}`, `compareAndWrite of 1,000 keys, ${form}`, {
      ...common,
      limit: 'compare-and-write-sync',
      against: `put-again-${form}`,
      goalBeside: 0.8,
      sets: table,
    })
  }
}

/** The limit of these has no transaction open. */
function heldRows(fresh) {
  const beside = 'a transaction open'
  const common = { needs: [], goalBeside: 0.9, sets: table }
  const held = (id, title, options) =>
    fresh(`${id}-held`, `${title}, ${beside}`, { ...common, limit: id, against: id, ...options })
  held('put-sync', 'put, sync')
  held('put-awaited', 'put, awaited', { limit: 'put-sync', ops: third })
  held('fill-random-1000', 'batches of 1000, random')
}

/** Adds the rows; `fresh` adds one that starts with an empty database. */
export function accountRows(fresh) {
  transferRows(fresh)
  compareRows(fresh)
  heldRows(fresh)
}
