// What the workloads keep: lists of numbers, and rows that come and go.
const { json } = require('../../..')

/** How many transactions have begun before the keys that they use are others. */
const RATE = 40

/** As many rows may be in a group whose name begins with `limited`. */
const LIMIT = 4

/** Of a list that was removed, and of those that grow where it was. */
const REMOVED = -1

const columnFamilies = {
  // Read, and put back with an element more.
  lists: { key: 'utf8', value: json() },
  // Merged into, which needs no reading.
  merged: { key: 'utf8', value: 'utf8', mergeOperator: 'stringappend' },
  rows: { key: 'utf8', value: 'utf8' },
}

const padded = (number) => String(number).padStart(7, '0')

/** A list belongs to the worker that writes it blindly: it alone knows which base is next. */
const listKey = (worker, number) => `list-${worker}-${padded(number)}`

const mergedKey = (number) => `merged-${padded(number)}`

/** Two groups in three have a limit; in the others rows are inserted blindly, too. */
const groupOf = (number) => `${number % 3 === 2 ? 'open' : 'limited'}${padded(number)}/`

/** How many of each there are in a round of so many transactions: three at a time. */
const numbersOf = (transactions) => Math.ceil(transactions / RATE) + 3

/** Writes the lists of a round: base 0. Gives what was done. */
async function writeLists(db, workers, transactions) {
  const batch = db.batch()
  const ops = []
  for (let number = 0; number < numbersOf(transactions); number++) {
    for (let worker = 0; worker < workers; worker++) {
      const key = listKey(worker, number)
      batch.put(db.columnFamily('lists'), key, { base: 0, list: [] })
      ops.push({ type: 'open', key, base: 0 })
    }
  }
  await batch.write()
  return ops
}

/** Reads everything. Gives what was read. */
async function readAll(db) {
  const ops = []
  for await (const [key, { base, list }] of db.columnFamily('lists').entries()) {
    ops.push({ type: 'read', key, base, list })
  }
  for await (const [key, value] of db.columnFamily('merged').entries()) {
    ops.push({ type: 'read', key, base: 0, list: value.split(',').map(Number) })
  }
  const rows = []
  for await (const row of db.columnFamily('rows').keys()) rows.push(row)
  return { ops, rows }
}

module.exports = {
  LIMIT,
  RATE,
  REMOVED,
  columnFamilies,
  groupOf,
  listKey,
  mergedKey,
  readAll,
  writeLists,
}
