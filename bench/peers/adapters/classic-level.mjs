/** classic-level (LevelDB) as an engine of the benchmark. */
import { bytesOf, noTransactions, require, Tally, versionOf } from '../support.mjs'

const { ClassicLevel } = require('classic-level')

const CHUNK_ROWS = 1000
const SCAN_BYTES = bytesOf(16)
const DURABLE = { sync: true }
const AFTER_ALL = Buffer.alloc(32, 255)

function openOptions({ writeBufferMb, blockCacheMb, codec }) {
  return {
    keyEncoding: codec === 'buffer' ? 'buffer' : 'utf8',
    valueEncoding: codec,
    compression: false,
    writeBufferSize: bytesOf(writeBufferMb),
    cacheSize: bytesOf(blockCacheMb),
    multithreading: true,
  }
}

function writes(db, second) {
  const writeBatch = (keys, values, from, to) => {
    const batch = db.batch()
    for (let i = from; i < to; i++) batch.put(keys[i], values[i])
    return batch.write()
  }
  const putDurable = (key, value) => db.put(key, value, DURABLE)
  return {
    writeBatch,
    writeBatchAsync: writeBatch,
    ...(second !== undefined && {
      writeTwoFamilies(keys, values, from, to) {
        const operations = []
        for (let i = from; i < to; i++) {
          const sublevel = (i & 1) === 0 ? undefined : second
          operations.push({ type: 'put', key: keys[i], value: values[i], sublevel })
        }
        return db.batch(operations)
      },
    }),
    put: (key, value) => db.put(key, value),
    putDurable,
    putDurableAsync: putDurable,
  }
}

async function scanEntries(db, { reverse, from, limit }) {
  const iterator = db.iterator({
    ...{ reverse, limit: limit ?? -1, highWaterMarkBytes: SCAN_BYTES },
    ...(from !== undefined && { gte: from }),
  })
  const tally = new Tally()
  const size = Math.min(CHUNK_ROWS, limit ?? CHUNK_ROWS)
  for (;;) {
    const entries = await iterator.nextv(size)
    tally.addPairs(entries)
    if (entries.length === 0 || tally.rows === limit) break
  }
  await iterator.close()
  return tally
}

const bufferRange = { keyEncoding: 'buffer' }

/** @type {import('../../engine.d.ts').Engine} */
export default {
  id: 'classic-level',
  kind: 'leveldb',
  version: `${versionOf('classic-level')} (LevelDB 1.20)`,
  notes: [
    'LevelDB maps its files into memory and reads uncompressed blocks from there, past the cache.',
    'files of 2 MiB, the default; writes and awaited reads go through the thread pool, as it has no other form.',
    'the second family is a sublevel, which is a prefix of the keys.',
  ],
  abilities: ['families', 'utf8', 'json', 'workers'],
  absent: {
    ...noTransactions,
    putSync: 'has no synchronous writes',
    getInto: 'has no read into a buffer',
    scanPages: 'has no synchronous iterator',
    scanEntries: 'has no synchronous iterator',
    scanPagesAsync: 'makes an object for each row',
    walOff: 'cannot leave out the log',
    lz4: 'compresses with Snappy only',
    zstd: 'compresses with Snappy only',
    rowCache: 'has no row cache',
    directReads: 'has no direct reads',
    smallCache: 'reads uncompressed blocks from mapped files',
  },
  async open(directory, settings) {
    const options = openOptions(settings)
    const db = new ClassicLevel(directory, options)
    await db.open()
    const { keyEncoding, valueEncoding } = options
    const isTwo = settings.families === 1
    const second = isTwo ? db.sublevel('family1', { keyEncoding, valueEncoding }) : undefined
    return {
      ...writes(db, second),
      getSync: (key) => db.getSync(key),
      get: (key) => db.get(key),
      // A getMany goes to a thread, and is slower than that many getSync.
      getMany: (keys) => keys.map((key) => db.getSync(key)),
      scanEntriesAsync: (range) => scanEntries(db, range),
      // Compacting a range without rows writes the memory to a file, and does nothing more.
      flush: () => db.compactRange(AFTER_ALL, AFTER_ALL, bufferRange),
      compact: () => db.compactRange(Buffer.of(0), AFTER_ALL, bufferRange),
      close: () => db.close(),
    }
  },
}
