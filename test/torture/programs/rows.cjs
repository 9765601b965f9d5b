/**
 * What the programs write, and how what is there is compared with it. A batch has a number of its own and is over
 * four families, one of them with merges, so that a half of one, a second application and a wrong value show.
 */
const { Database } = require('../../..')

const merged = { rocksdb: { columnFamily: { merge_operator: 'uint64add' } } }
const blobs = { rocksdb: { columnFamily: { enable_blob_files: true, min_blob_size: 512 } } }
const FAMILIES = { a: {}, b: {}, sums: merged, blobs }
/** Rows of `blobs`, which each batch replaces in turn. */
const SLOTS = 8

const optionsOf = (more = {}) => ({
  env: false,
  columnFamilies: FAMILIES,
  // A small WAL: the disk may be memory, and what is preallocated there is written.
  rocksdb: { columnFamily: { write_buffer_size: 4 << 20 } },
  ...more,
})

const keyOf = (number) => `key${String(number).padStart(9, '0')}`
const slotOf = (number) => `slot${number % SLOTS}`

/** The value of a batch's row in a family; lengths vary. */
function contentOf(number, family) {
  const length = number % 19 === 0 ? 6000 : 20 + ((number * 31) % 300)
  const least = family === 'blobs' ? 700 : 0
  return `${family}:${number}:`.padEnd(length + least, `${family}${number}`)
}

const ONE = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])

/** A batch with this number. */
function batchOf(db, number) {
  return db
    .batch()
    .put(db.columnFamily('a'), keyOf(number), contentOf(number, 'a'))
    .put(db.columnFamily('b'), keyOf(number), contentOf(number, 'b'))
    .merge(db.columnFamily('sums'), 'all', ONE)
    .merge(db.columnFamily('sums'), slotOf(number), ONE)
    .put(db.columnFamily('blobs'), slotOf(number), contentOf(number, 'blobs'))
    .put(db.default, keyOf(number), '')
    .put(db.default, 'last', String(number))
}

const numberOf = (key) => Number(String(key).slice(3))

/** The numbers of the batches that are there, in order, and what is wrong with them. */
function stateOf(db) {
  const wrong = []
  const numbers = [...db.default.keysSync({ prefix: 'key' })].map(numberOf)
  for (const name of ['a', 'b']) {
    const rows = [...db.columnFamily(name).entriesSync()]
    const found = rows.map(([key]) => numberOf(key))
    if (found.join() !== numbers.join())
      wrong.push(`${name} has other rows: ${differenceOf(found, numbers)}`)
    for (const [key, value] of rows) {
      if (String(value) !== contentOf(numberOf(key), name))
        wrong.push(`${name} ${key} has a wrong value`)
    }
  }
  const last = db.default.getSync('last')
  if (numbers.length > 0 && Number(last) !== numbers.at(-1))
    wrong.push(`last is ${last}, not ${numbers.at(-1)}`)
  checkSums(db, numbers, wrong)
  checkBlobs(db, numbers, wrong)
  return { numbers, wrong }
}

function differenceOf(found, wanted) {
  const [has, wants] = [new Set(found), new Set(wanted)]
  return `missing ${wanted.filter((n) => !has.has(n))}, extra ${found.filter((n) => !wants.has(n))}`
}

function checkSums(db, numbers, wrong) {
  const counts = new Map()
  for (const number of numbers) {
    for (const key of ['all', slotOf(number)]) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const rows = [...db.columnFamily('sums').entriesSync()]
  for (const [key, value] of rows) {
    const found = Number(value.readBigUInt64LE())
    if (found !== counts.get(String(key)))
      wrong.push(`sum ${key} is ${found}, not ${counts.get(String(key))}`)
  }
  if (rows.length !== counts.size) wrong.push(`${rows.length} sums, not ${counts.size}`)
}

function checkBlobs(db, numbers, wrong) {
  const newest = new Map(numbers.map((number) => [slotOf(number), number]))
  const rows = [...db.columnFamily('blobs').entriesSync()]
  for (const [key, value] of rows) {
    const number = newest.get(String(key))
    if (String(value) !== contentOf(number, 'blobs'))
      wrong.push(`blob ${key} is not that of ${number}`)
  }
  if (rows.length !== newest.size) wrong.push(`${rows.length} blobs, not ${newest.size}`)
}

module.exports = { batchOf, contentOf, Database, FAMILIES, keyOf, optionsOf, stateOf }
