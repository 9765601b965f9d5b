// Every method of the package that works on an open database, by name.
const { Readable } = require('node:stream')
const { pipeline } = require('node:stream/promises')
const { keyOf } = require('./support.cjs')

const one = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])
const range = { gte: keyOf(10), lt: keyOf(500) }

async function firstOf(rows) {
  for await (const row of rows) return row
  return undefined
}

/**
 * Methods that return a promise. `db` has the families of support.cjs; `other` is a new name or
 * path.
 */
const asynchronous = {
  get: (db) => db.columnFamily('a').get(keyOf(1)),
  'get from disk': (db) => db.columnFamily('a').get(keyOf(400), { fillCache: false }),
  getMany: (db) => db.columnFamily('a').getMany([keyOf(1), keyOf(2)]),
  'getMany of 600': (db) =>
    db.columnFamily('a').getMany(Array.from({ length: 600 }, (_, n) => keyOf(n))),
  getInto: (db) => db.columnFamily('a').getInto(keyOf(1), Buffer.alloc(30_000)),
  has: (db) => db.columnFamily('a').has(keyOf(1)),
  put: (db) => db.columnFamily('a').put('new', 'value'),
  'put synced': (db) => db.columnFamily('a').put('new', 'value', { sync: true }),
  delete: (db) => db.columnFamily('a').delete(keyOf(1), { sync: true }),
  deleteRange: (db) => db.columnFamily('a').deleteRange(keyOf(1), keyOf(3), { sync: true }),
  merge: (db) => db.columnFamily('sums').merge('sum', one, { sync: true }),
  'batch.write': (db) => db.batch().put(db.columnFamily('a'), 'k', 'v').write({ sync: true }),
  write: (db) => db.write([{ type: 'put', key: 'k', value: 'v' }], { sync: true }),
  entries: (db) => firstOf(db.columnFamily('a').entries(range)),
  keys: (db) => firstOf(db.columnFamily('a').keys(range)),
  values: (db) => firstOf(db.columnFamily('a').values({ ...range, reverse: true })),
  pages: (db) => firstOf(db.columnFamily('a').pages(range)),
  count: (db) => db.columnFamily('a').count(range),
  clear: (db) => db.columnFamily('a').clear(range),
  'clear of 5': (db) => db.columnFamily('a').clear({ ...range, limit: 5 }),
  writable: (db) => pipeline(Readable.from([['k', 'v']]), db.columnFamily('a').writable()),
  createColumnFamily: (db, other) => db.createColumnFamily(other('family')),
  dropColumnFamily: (db) => db.dropColumnFamily('b'),
  flush: (db) => db.flush(),
  flushWAL: (db) => db.flushWAL({ sync: true }),
  compactRange: (db) => db.compactRange('a'),
  checkpoint: (db, other) => db.checkpoint(other('checkpoint')),
  resume: (db) => db.resume(),
}

/** Methods that work on this thread. */
const synchronous = {
  getSync: ({ a }) => a.getSync(keyOf(1)),
  getManySync: ({ a }) => a.getManySync([keyOf(1)]),
  getIntoSync: ({ a }) => a.getIntoSync(keyOf(1), Buffer.alloc(30_000)),
  hasSync: ({ a }) => a.hasSync(keyOf(1)),
  putSync: ({ a }) => a.putSync('k', 'v'),
  deleteSync: ({ a }) => a.deleteSync('k'),
  deleteRangeSync: ({ a }) => a.deleteRangeSync('x', 'y'),
  mergeSync: ({ sums }) => sums.mergeSync('sum', one),
  entriesSync: ({ a }) => a.entriesSync().next(),
  keysSync: ({ a }) => a.keysSync().next(),
  valuesSync: ({ a }) => a.valuesSync().next(),
  pagesSync: ({ a }) => a.pagesSync().next(),
  cursor: ({ a }) => a.cursor(),
  'batch.writeSync': ({ a, batch }) => batch.put(a, 'k', 'v').writeSync(),
  writeSync: ({ db }) => db.writeSync([{ type: 'put', key: 'k', value: 'v' }]),
  snapshot: ({ db }) => db.snapshot(),
  columnFamily: ({ db }) => db.columnFamily('a'),
  columnFamilies: ({ db }) => db.columnFamilies(),
  property: ({ db }) => db.property('rocksdb.stats'),
  intProperty: ({ db }) => db.intProperty('rocksdb.estimate-num-keys'),
  'intProperty of all': ({ db }) =>
    db.intProperty('rocksdb.estimate-num-keys', { aggregate: true }),
  mapProperty: ({ db }) => db.mapProperty('rocksdb.cfstats'),
  approximateSize: ({ db, a }) => db.approximateSize(a),
  options: ({ db }) => db.options(),
  health: ({ db }) => db.health,
}

module.exports = { asynchronous, synchronous }
