/** rocksdb-native (Holepunch) as an engine of the benchmark. */
import { bytesOf, noTransactions, optionsIn, require, Tally, versionOf } from '../support.mjs'

const RocksDB = require('rocksdb-native')
const codecs = require('compact-encoding')

const SCAN_ROWS = 1000

function openOptions(settings) {
  const { writeBufferMb, bloomBitsPerKey, directReads, codec } = settings
  return {
    writeBufferSize: bytesOf(writeBufferMb),
    maxBackgroundJobs: settings.maxBackgroundJobs,
    bytesPerSync: bytesOf(settings.bytesPerSyncMb),
    filterPolicy: new RocksDB.BloomFilterPolicy(bloomBitsPerKey),
    useDirectReads: directReads,
    tableBlockSize: 4096,
    tableCacheIndexAndFilterBlocks: false,
    ...(codec !== 'buffer' && { keyEncoding: codecs.raw.utf8 }),
    ...(codec === 'utf8' && { valueEncoding: codecs.raw.utf8 }),
    ...(codec === 'json' && { valueEncoding: codecs.raw.json }),
  }
}

async function writeBatch(db, keys, values, from, to) {
  const batch = db.write({ capacity: to - from })
  for (let i = from; i < to; i++) batch.tryPut(keys[i], values[i])
  await batch.flush()
  batch.destroy()
}

const present = (value) => (value === null ? undefined : value)

async function getMany(db, keys) {
  const batch = db.read({ capacity: keys.length })
  const values = keys.map((key) => batch.get(key))
  await batch.flush()
  batch.destroy()
  return (await Promise.all(values)).map(present)
}

async function scanEntries(db, { reverse, from, limit }) {
  const capacity = Math.min(SCAN_ROWS, limit ?? SCAN_ROWS)
  const tally = new Tally()
  for await (const { key, value } of db.iterator({ gte: from, reverse, limit }, { capacity })) {
    tally.add(key, value)
  }
  return tally
}

/** @type {import('../../engine.d.ts').Engine} */
export default {
  id: 'rocksdb-native',
  kind: 'rocksdb',
  version: `${versionOf('rocksdb-native')} (RocksDB 10.5.1)`,
  notes: [
    "RocksDB's own cache of 32 MiB, whatever the others have; its size cannot be set.",
    'the log is not written out as it grows (wal_bytes_per_sync), all files stay open, and writes are not pipelined.',
    'index and filter blocks are held outside of the cache, which is small.',
  ],
  abilities: ['directReads', 'utf8', 'json'],
  absent: {
    ...noTransactions,
    writeTwoFamilies: 'a batch writes to one family',
    families: 'a batch writes to one family',
    putSync: 'has no synchronous methods',
    getSync: 'has no synchronous methods',
    getInto: 'has no synchronous methods',
    scanPages: 'has no synchronous methods',
    scanEntries: 'has no synchronous methods',
    scanPagesAsync: 'makes objects for each row',
    putDurable: 'cannot write with fsync',
    putDurableAsync: 'cannot write with fsync',
    walOff: 'cannot leave out the log',
    lz4: 'has no compression',
    zstd: 'has no compression',
    rowCache: 'has no row cache',
    smallCache: 'the size of the cache cannot be set',
    workers: 'a directory can be open once in a process',
  },
  async open(directory, settings) {
    const db = new RocksDB(directory, openOptions(settings))
    await db.ready()
    const write = (keys, values, from, to) => writeBatch(db, keys, values, from, to)
    return {
      writeBatch: write,
      writeBatchAsync: write,
      put: (key, value) => db.put(key, value),
      get: async (key) => present(await db.get(key)),
      getMany: (keys) => getMany(db, keys),
      scanEntriesAsync: (range) => scanEntries(db, range),
      flush: () => db.flush(),
      compact: () => db.compact(),
      options: () => optionsIn(directory),
      close: () => db.close(),
    }
  },
}
