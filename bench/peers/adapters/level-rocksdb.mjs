/** rocksdb, the package of the Level community, as an engine of the benchmark. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import {
  bytesOf,
  CannotRun,
  noTransactions,
  optionsIn,
  promised,
  require,
  Tally,
  versionOf,
} from '../support.mjs'

const version = versionOf('rocksdb')

/** Throws where loading the package ends the process, as its prebuilt addon does on Node 22 and later. */
function expectLoadable() {
  const file = require.resolve('rocksdb')
  const args = ['-e', 'require(process.argv[1])', file]
  const { status, signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status === 0) return
  const [reason] = stderr.trim().split('\n')
  throw new CannotRun(
    `rocksdb ${version} ends Node ${process.version} when it is loaded (${signal ?? status}: ${reason})`,
  )
}

expectLoadable()
const rocksdb = require('rocksdb')

const SCAN_BYTES = 128 * 1024
const DURABLE = { sync: true }

const isMissing = (error) => error.message.startsWith('NotFound')

function writeBatch(db, keys, values, from, to) {
  const batch = db.batch()
  for (let i = from; i < to; i++) batch.put(keys[i], values[i])
  return promised((done) => batch.write(done))
}

function get(db, key, options) {
  return new Promise((resolve, reject) => {
    db.get(key, options, (error, value) => {
      if (error && !isMissing(error)) reject(error)
      else resolve(error ? undefined : value)
    })
  })
}

function scanEntries(db, { reverse, from, limit }) {
  const iterator = db.iterator({
    ...{ reverse, limit: limit ?? -1, highWaterMark: SCAN_BYTES },
    ...(from !== undefined && { gte: from }),
  })
  const tally = new Tally()
  return new Promise((resolve, reject) => {
    const end = (error) => iterator.end(() => (error ? reject(error) : resolve(tally)))
    const next = (error, key, value) => {
      if (error || key === undefined) return end(error)
      tally.add(key, value)
      iterator.next(next)
    }
    iterator.next(next)
  })
}

async function openDown(directory, { writeBufferMb, blockCacheMb }) {
  mkdirSync(path.dirname(directory), { recursive: true })
  const db = rocksdb(directory)
  const options = {
    compression: false,
    writeBufferSize: bytesOf(writeBufferMb),
    cacheSize: bytesOf(blockCacheMb),
    maxFileSize: bytesOf(writeBufferMb),
  }
  await promised((done) => db.open(options, done))
  return db
}

/** @type {import('../../engine.d.ts').Engine} */
export default {
  id: 'level-rocksdb',
  kind: 'rocksdb',
  version: `${version} (RocksDB 6.17.3)`,
  notes: [
    'the package ends the process on Node 22 and later when it is loaded.',
    'at most 1000 files open; files of the size of the write buffer, since its own 2 MiB are made for LevelDB.',
  ],
  abilities: ['utf8', 'smallCache'],
  absent: {
    ...noTransactions,
    writeTwoFamilies: 'has one family',
    families: 'has one family',
    putSync: 'has no synchronous methods',
    getSync: 'has no synchronous methods',
    getInto: 'has no synchronous methods',
    scanPages: 'has no synchronous methods',
    scanEntries: 'has no synchronous methods',
    scanPagesAsync: 'calls back for each row',
    walOff: 'cannot leave out the log',
    lz4: 'compresses with Snappy only',
    zstd: 'compresses with Snappy only',
    rowCache: 'has no row cache',
    directReads: 'has no direct reads',
    json: 'encodings are in other packages',
    workers: 'a directory can be open once in a process',
  },
  async open(directory, settings) {
    let db = await openDown(directory, settings)
    const reading = { asBuffer: settings.codec === 'buffer' }
    const write = (keys, values, from, to) => writeBatch(db, keys, values, from, to)
    const putDurable = (key, value) => promised((done) => db.put(key, value, DURABLE, done))
    const close = () => promised((done) => db.close(done))
    return {
      writeBatch: write,
      writeBatchAsync: write,
      put: (key, value) => promised((done) => db.put(key, value, done)),
      putDurable,
      putDurableAsync: putDurable,
      get: (key) => get(db, key, reading),
      getMany: (keys) => promised((done) => db.getMany(keys, reading, done)),
      scanEntriesAsync: (range) => scanEntries(db, range),
      // It has no flush: what is in the log becomes a file when the database is opened.
      async flush() {
        await close()
        db = await openDown(directory, settings)
      },
      compact: () => promised((done) => db.compactRange(Buffer.of(0), Buffer.of(255), done)),
      options: () => optionsIn(directory),
      close,
    }
  },
}
