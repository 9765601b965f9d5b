// Shared by the programs. They load the package as users do: `dist/` must be built.
const fs = require('node:fs')

const { Database, RocksDBError } = require('../../..')

/** The test's arguments. */
const args = JSON.parse(process.argv[2] ?? '[]')

/** Prints a line synchronously, so that it is written whatever happens next. */
function say(...line) {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(1, bytes, at)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}

/** Families that every program opens its database with. */
const families = {
  a: {},
  b: {},
  sums: { rocksdb: { columnFamily: { merge_operator: 'uint64add' } } },
}

/** Random numbers, as in children.ts. */
function randomOf(seed) {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const keyOf = (number) => `key${String(number).padStart(9, '0')}`

/** The value for a number in a family; lengths vary. */
function contentOf(number, family) {
  const length = number % 97 === 0 ? 20_000 : 20 + ((number * 31) % 200)
  return `${family}:${number}:`.padEnd(length, `${family}${number}`)
}

/** Eight operations of different kinds and a cursor, in flight. Their failures do not matter. */
function beBusy(db, round) {
  const a = db.columnFamily('a')
  const b = db.columnFamily('b')
  const one = Buffer.alloc(8)
  one[0] = 1
  const cursor = a.cursor()
  cursor.next(3)
  const snapshot = db.snapshot()
  const rows = a.entries({ snapshot, fillCache: false })
  const work = [
    a.put(`busy${round}`, 'x'.repeat(1000)),
    b.put(`busy${round}`, 'y', { sync: true }),
    db.batch().put(a, 'busy', 'z').put(b, 'busy', 'z').delete(a, 'no').write({ sync: true }),
    db.columnFamily('sums').merge('sum', one),
    a.getMany(Array.from({ length: 600 }, (_, i) => keyOf(i))),
    b.count(),
    rows.next(),
    round % 2 === 0 ? db.flush() : db.compactRange(a),
  ]
  for (const promise of work) promise.catch(() => {})
  return { cursor, snapshot, rows, work }
}

/**
 * Waits for the condition; fails after a minute. For conditions without an event, such as
 * finalizers.
 */
async function until(what, condition) {
  const deadline = Date.now() + 60_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within a minute`)
    await new Promise(setImmediate)
  }
}

/** Runs the program; its exception ends the process as an uncaught one. */
function main(program) {
  program().catch((error) => {
    process.nextTick(() => {
      throw error
    })
  })
}

/** The outcome of a promise or a call: 'ok', or the error's code. */
async function outcomeOf(call) {
  try {
    await call()
    return 'ok'
  } catch (error) {
    return error.code ?? String(error)
  }
}

module.exports = {
  Database,
  RocksDBError,
  args,
  beBusy,
  families,
  keyOf,
  main,
  outcomeOf,
  randomOf,
  say,
  until,
  contentOf,
}
