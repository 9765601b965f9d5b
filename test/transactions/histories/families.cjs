// The data of the workloads: lists of numbers, and rows that come and go.
const { json } = require('../../..')

/** After this many transactions, they use other keys. */
const RATE = 40

/** The most rows in a group whose name begins with `limited`. */
const LIMIT = 4

/** The base of a removed list, and of lists that grow in its place. */
const REMOVED = -1

const columnFamilies = {
  // Read, and written back with one more element.
  lists: { key: 'utf8', value: json() },
  // Merged into, without reading.
  merged: { key: 'utf8', value: 'utf8', mergeOperator: 'stringappend' },
  rows: { key: 'utf8', value: 'utf8' },
}

const padded = (number) => String(number).padStart(7, '0')

/** A list belongs to the worker that writes it blindly: only that worker knows its next base. */
const listKey = (worker, number) => `list-${worker}-${padded(number)}`

const mergedKey = (number) => `merged-${padded(number)}`

/** Two groups in three have a limit; in the others rows are inserted blindly as well. */
const groupOf = (number) => `${number % 3 === 2 ? 'open' : 'limited'}${padded(number)}/`

/** How many of each exist in a round with this many transactions: three at a time. */
const numbersOf = (transactions) => Math.ceil(transactions / RATE) + 3

/** Writes the lists of a round, with base 0. Returns the operations. */
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

/** Reads everything. Returns the operations. */
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
