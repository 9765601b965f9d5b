/** @nxtedition/rocksdb as an engine of the benchmark. */
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'
import {
  bytesOf,
  noTransactions,
  optionsIn,
  promised,
  require,
  Tally,
  versionOf,
} from '../support.mjs'

const { RocksLevel } = require('@nxtedition/rocksdb')

const CHUNK_ROWS = 1000

function openOptions({ blockCacheMb, compression, families, codec, maxBackgroundJobs }) {
  const family = {
    cacheSize: bytesOf(blockCacheMb),
    compression: compression === 'zstd',
    optimizeFiltersForMemory: false,
  }
  return {
    ...family,
    createIfMissing: true,
    parallelism: maxBackgroundJobs,
    walCompression: false,
    keyEncoding: codec === 'buffer' ? 'buffer' : 'utf8',
    valueEncoding: codec,
    ...(families === 1 && { columns: { default: family, family1: family } }),
  }
}

const handleOf = (directory) => `nxtedition ${directory}`

/** In a worker, the database that the main thread has open; else, one of this thread's own. */
async function openLevel(directory, settings) {
  const options = openOptions(settings)
  const shared = isMainThread ? undefined : getEnvironmentData(handleOf(directory))
  const level = await RocksLevel.open(shared ?? directory, options)
  if (isMainThread) setEnvironmentData(handleOf(directory), level.handle)
  return { level, isShared: shared !== undefined }
}

const DURABLE = { sync: true }

/** Writes; `encode` makes of a value what the native part takes. */
function writes(current, encode) {
  const write = (key, value, options) => {
    const batch = current.level.batch()
    batch._put(key, encode(value))
    batch._writeSync(options)
    batch._closeSync()
  }
  return {
    writeBatch(keys, values, from, to) {
      const batch = current.level.batch()
      for (let i = from; i < to; i++) batch._put(keys[i], encode(values[i]))
      batch._writeSync()
      batch._closeSync()
    },
    writeBatchAsync(keys, values, from, to) {
      const batch = current.level.batch()
      for (let i = from; i < to; i++) batch._put(keys[i], encode(values[i]))
      return batch.write()
    },
    writeTwoFamilies(keys, values, from, to) {
      const { level } = current
      const first = { column: level.columns.default }
      const second = { column: level.columns.family1 }
      const batch = level.batch()
      for (let i = from; i < to; i++) {
        batch._put(keys[i], encode(values[i]), (i & 1) === 0 ? first : second)
      }
      batch._writeSync()
      batch._closeSync()
    },
    putSync: write,
    put: (key, value) => current.level.put(key, value),
    putDurable: (key, value) => write(key, value, DURABLE),
    putDurableAsync: async (key, value) => write(key, value, DURABLE),
  }
}

function scans(current) {
  const iteratorOf = ({ reverse, from, limit = -1 }) =>
    current.level._iterator({
      ...{ keys: true, values: true, fillCache: true, reverse, limit, gte: from },
      ...{ keyEncoding: 'buffer', valueEncoding: 'buffer' },
    })
  return {
    scanEntries(range) {
      const iterator = iteratorOf(range)
      const tally = new Tally()
      for (let finished = false; !finished; ) {
        const chunk = iterator._nextvSync(Math.min(CHUNK_ROWS, range.limit ?? CHUNK_ROWS))
        tally.addFlat(chunk.rows)
        finished = chunk.finished || tally.rows === range.limit
      }
      iterator._closeSync()
      return tally
    },
    async scanEntriesAsync(range) {
      const iterator = iteratorOf(range)
      const tally = new Tally()
      for (let finished = false; !finished; ) {
        const chunk = await iterator._nextvAsync(Math.min(CHUNK_ROWS, range.limit ?? CHUNK_ROWS))
        tally.addFlat(chunk.rows)
        finished = chunk.finished || tally.rows === range.limit
      }
      iterator._closeSync()
      return tally
    },
  }
}

const isMissing = (error) => error.code === 'LEVEL_NOT_FOUND'

function reads(current, valueEncoding, decode) {
  const options = { valueEncoding }
  return {
    getSync(key) {
      const value = current.level._getManySync([key], options)[0]
      return value === undefined ? undefined : decode(value)
    },
    get: (key) =>
      current.level.get(key).catch((error) => {
        if (!isMissing(error)) throw error
      }),
    getMany: (keys) => current.level._getManySync(keys, options).map(decode),
  }
}

const same = (value) => value

/** @type {import('../../engine.d.ts').Engine} */
export default {
  id: 'nxtedition',
  kind: 'rocksdb',
  version: `${versionOf('@nxtedition/rocksdb')} (RocksDB 9.7.4)`,
  notes: [
    'a HyperClockCache for each family; files and the log are not written out as they grow (bytes_per_sync); all files stay open. It has no options for these.',
    'index and filter blocks are held outside of the cache, and writes are not pipelined: its defaults.',
    'its synchronous methods (_put, _writeSync, _getManySync, _nextvSync) are not documented; its put and write block the JavaScript thread all the same.',
    'there is no flush and no compaction to call; the log is made a file by closing and opening again.',
    'zstd always has a trained dictionary of 16 KiB.',
  ],
  abilities: ['families', 'zstd', 'utf8', 'json', 'smallCache', 'workers'],
  absent: {
    ...noTransactions,
    getInto: 'has no read into a buffer',
    scanPages: 'makes an object for each row',
    scanPagesAsync: 'makes an object for each row',
    walOff: 'cannot leave out the log',
    lz4: 'compresses with zstd only',
    rowCache: 'has no row cache',
    directReads: 'has no direct reads',
  },
  async open(directory, settings) {
    const { codec } = settings
    const current = await openLevel(directory, settings)
    const isJson = codec === 'json'
    const reopen = async () => {
      await current.level.close()
      Object.assign(current, await openLevel(directory, settings))
    }
    return {
      ...writes(current, isJson ? JSON.stringify : same),
      ...reads(current, codec === 'buffer' ? 'buffer' : 'utf8', isJson ? JSON.parse : same),
      ...(codec === 'buffer' && scans(current)),
      flush: reopen,
      options: () => optionsIn(directory),
      // A worker's handle is the main thread's database: closing it would close that.
      close: () => (current.isShared ? undefined : promised((done) => current.level.close(done))),
    }
  },
}
