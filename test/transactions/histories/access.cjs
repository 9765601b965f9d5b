// The interfaces over which a transaction's body can run: a transaction, asynchronous or
// synchronous, and plain reads and writes, whose histories have anomalies. A body is a generator:
// it yields promises and receives their results.

/** Runs a body that may wait. */
async function runBody(body) {
  let step = body.next()
  while (!step.done) {
    try {
      step = body.next(await step.value)
    } catch (error) {
      step = body.throw(error)
    }
  }
  return step.value
}

/** Runs a body whose operations have all been done when they are yielded. */
function runBodySync(body) {
  let step = body.next()
  while (!step.done) step = body.next(step.value)
  return step.value
}

/** Reads up to `most` rows of a scan and leaves it. */
async function take(rows, most) {
  const taken = []
  if (most === 0) return taken
  for await (const row of rows) if (taken.push(row) === most) break
  return taken
}

function takeSync(rows, most) {
  const taken = []
  if (most === 0) return taken
  for (const row of rows) if (taken.push(row) === most) break
  return taken
}

/** Calls `visit` for each row of a scan that has not ended yet. */
async function each(rows, visit) {
  for await (const row of rows) await runBody(visit(row))
}

function eachSync(rows, visit) {
  for (const row of rows) runBodySync(visit(row))
}

/** A transaction, with promises. */
const inTransaction = (tx) => ({
  get: (family, key, options) => tx.get(family, key, options),
  getMany: (family, keys) => tx.getMany(family, keys),
  first: (family, range) => tx.first(family, range),
  last: (family, range) => tx.last(family, range),
  keys: (family, range, most) => take(tx.keys(family, range), most),
  entries: (family, range, most) => take(tx.entries(family, range), most),
  each: (family, range, visit) => each(tx.keys(family, range), visit),
  count: (family, range) => tx.count(family, range),
  put: (family, key, value) => tx.put(family, key, value),
  delete: (family, key) => tx.delete(family, key),
  deleteRange: (family, begin, end) => tx.deleteRange(family, begin, end),
  merge: (family, key, operand) => tx.merge(family, key, operand),
  savepoint: (body) => tx.savepoint(() => runBody(body())),
})

/** A synchronous transaction. `count` has no synchronous form there. */
const inTransactionSync = (tx) => ({
  get: (family, key, options) => tx.getSync(family, key, options),
  getMany: (family, keys) => tx.getManySync(family, keys),
  first: (family, range) => tx.firstSync(family, range),
  last: (family, range) => tx.lastSync(family, range),
  keys: (family, range, most) => takeSync(tx.keysSync(family, range), most),
  entries: (family, range, most) => takeSync(tx.entriesSync(family, range), most),
  each: (family, range, visit) => eachSync(tx.keysSync(family, range), visit),
  count: (family, range) => takeSync(tx.keysSync(family, range)).length,
  put: (family, key, value) => tx.put(family, key, value),
  delete: (family, key) => tx.delete(family, key),
  deleteRange: (family, begin, end) => tx.deleteRange(family, begin, end),
  merge: (family, key, operand) => tx.merge(family, key, operand),
  savepoint: (body) => tx.savepointSync(() => runBodySync(body())),
})

/** Plain reads and writes, each on its own. Nothing can be undone. */
const plainly = {
  get: (family, key) => family.get(key),
  getMany: (family, keys) => family.getMany(keys),
  first: (family, range) => family.first(range),
  last: (family, range) => family.last(range),
  keys: (family, range, most) => take(family.keys(range), most),
  entries: (family, range, most) => take(family.entries(range), most),
  each: (family, range, visit) => each(family.keys(range), visit),
  count: (family, range) => family.count(range),
  put: (family, key, value) => family.put(key, value),
  delete: (family, key) => family.delete(key),
  deleteRange: (family, begin, end) => family.deleteRange(begin, end),
  merge: (family, key, operand) => family.merge(key, operand),
  savepoint: undefined,
}

module.exports = { inTransaction, inTransactionSync, plainly, runBody, runBodySync }
