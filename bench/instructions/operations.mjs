// The rows: what is done `count` times with a database, by which keys.
import { addTo } from '../support/accounts.mjs'
import {
  ACCOUNTS,
  chunksOf,
  inRandomOrder,
  inTurn,
  pairOf,
  READ_SEED,
  Values,
  WRITE_SEED,
} from '../support/data.mjs'
import { tupleOf } from '../support/timing.mjs'

const VALUE_SIZE = 100

function chunkOf(plan) {
  if (plan.count === 0) return { keys: [], values: [] }
  return chunksOf(plan, new Values(VALUE_SIZE)).next().value
}

const read = (count, keys) => chunkOf(inRandomOrder(count, keys, READ_SEED)).keys
const written = (count, keys) => chunkOf(inRandomOrder(count, keys, WRITE_SEED))

/** Reads `count` rows by pages, again from the start at the end. */
function scan(family, count, reverse) {
  for (let rows = 0; rows < count; ) {
    for (const page of family.pagesSync({ reverse, limit: count - rows })) rows += page.count
  }
}

function batches({ db, count, keys, size }) {
  const rows = written(count, keys)
  const batch = db.batch()
  for (let from = 0; from < count; from += size) {
    const end = Math.min(from + size, count)
    for (let i = from; i < end; i++) batch.put(db.default, rows.keys[i], rows.values[i])
    batch.writeSync()
  }
}

/**
 * Fills a database with rows 0 to `keys`, in one sorted file. It is written anew: of one that was only
 * moved, RocksDB would do so once a snapshot was released, in the middle of a row.
 */
export async function fill(db, keys) {
  const rows = chunkOf(inTurn(keys))
  const batch = db.batch()
  for (let i = 0; i < keys; i++) {
    batch.put(db.default, rows.keys[i], rows.values[i])
    if (i % 1000 === 999) batch.writeSync()
  }
  batch.writeSync()
  await db.flush()
  await db.compactRange(db.default, {}, { bottommost: true })
}

/** The rows of `fill` in a family whose keys are tuples, where the package has such. */
export async function fillTuples(db, tuple, keys) {
  if (tuple === undefined) return
  const family = await db.createColumnFamily('tuples', { key: tuple('utf8', 'uint64') })
  const rows = chunkOf(inTurn(keys))
  for (let i = 0; i < keys; i++) family.putSync(tupleOf(rows.keys[i]), rows.values[i])
  await db.flush()
  await db.compactRange(family, {}, { bottommost: true })
}

/** Does `work` with a transaction open that has read a key; it must be open in the end. */
function besideTransaction({ db }, work) {
  const transaction = db.begin()
  const [key] = read(1, 1)
  transaction.getSync(db.default, key)
  work()
  transaction.getSync(db.default, key)
  transaction.rollback()
}

function puts({ db, count, keys }) {
  const rows = written(count, keys)
  for (let i = 0; i < count; i++) db.default.putSync(rows.keys[i], rows.values[i])
}

/** The first keys get a balance, and it is moved between them. */
function transfers({ db, count }) {
  const { keys, values } = chunkOf(inTurn(ACCOUNTS))
  for (const [i, key] of keys.entries()) {
    const value = Buffer.from(values[i])
    value.writeInt32LE(0, 0)
    db.default.putSync(key, value)
  }
  for (let j = 0; j < count; j++) {
    const { from, to } = pairOf(j, ACCOUNTS)
    db.transactionSync((tx) => {
      const [source, target] = [
        tx.getSync(db.default, keys[from]),
        tx.getSync(db.default, keys[to]),
      ]
      addTo(source, -1)
      addTo(target, 1)
      tx.put(db.default, keys[from], source)
      tx.put(db.default, keys[to], target)
    })
  }
}

/** Each of the first keys gets its next value where it has the last one. */
function comparesAndWrites({ db, count }) {
  const { keys } = chunkOf(inTurn(ACCOUNTS))
  const values = chunkOf(inTurn(count + ACCOUNTS)).values
  for (let j = 0; j < count; j++) {
    const key = keys[j % ACCOUNTS]
    const checks = [{ key, equals: values[j] }]
    const operations = [{ type: 'put', key, value: values[j + ACCOUNTS] }]
    if (!db.compareAndWriteSync({ checks, operations })) throw new Error('a value is another')
  }
}

/**
 * By name; each is given the open database, its family of tuples, its number of keys, and how many operations to
 * do.
 */
export const operations = {
  get({ db, count, keys }) {
    for (const key of read(count, keys)) {
      if (db.default.getSync(key) === undefined) throw new Error('a key is missing')
    }
  },
  'get-tuple'({ tuples, count, keys }) {
    for (const key of read(count, keys).map(tupleOf)) {
      if (tuples.getSync(key) === undefined) throw new Error('a key is missing')
    }
  },
  miss({ db, count, keys }) {
    for (const key of chunkOf(inTurn(count, { first: keys })).keys) {
      if (db.default.getSync(key) !== undefined) throw new Error('there is a key too many')
    }
  },
  'get-many'({ db, count, keys }) {
    const all = read(count, keys)
    for (let i = 0; i < count; i += 100) db.default.getManySync(all.slice(i, i + 100))
  },
  scan: ({ db, count }) => scan(db.default, count, false),
  'scan-reverse': ({ db, count }) => scan(db.default, count, true),
  ranges({ db, count, keys }) {
    for (const key of read(count, keys)) {
      for (const page of db.default.pagesSync({ gte: key, limit: 10 })) page.count
    }
  },
  put: puts,
  'put-tuple'({ tuples, count, keys }) {
    const rows = written(count, keys)
    const list = rows.keys.map(tupleOf)
    for (let i = 0; i < count; i++) tuples.putSync(list[i], rows.values[i])
  },
  'batch-10': (given) => batches({ ...given, size: 10 }),
  'batch-1000': (given) => batches({ ...given, size: 1000 }),
  'put-held': (given) => besideTransaction(given, () => puts(given)),
  'batch-1000-held': (given) => besideTransaction(given, () => batches({ ...given, size: 1000 })),
  transfer: transfers,
  'compare-and-write': comparesAndWrites,
}
