/** lmdb (lmdb-js) as an engine of the benchmark. */
import { addTo } from '../../support/accounts.mjs'
import { require, Tally, versionOf } from '../support.mjs'

const { open } = require('lmdb')

const LEAST_MAP_BYTES = 256 * 1024 * 1024
const COMPRESS_FROM_BYTES = 64

function valueOptions({ codec, compression }) {
  return {
    encoding: { buffer: 'binary', utf8: 'string', json: 'msgpack' }[codec],
    ...(codec === 'buffer' && { keyEncoding: 'binary' }),
    ...(codec === 'json' && { sharedStructuresKey: Symbol.for('structures') }),
    ...(compression === 'lz4' && { compression: { threshold: COMPRESS_FROM_BYTES } }),
  }
}

function openOptions(settings, isDurable) {
  return {
    ...valueOptions(settings),
    noSubdir: false,
    mapSize: Math.max(LEAST_MAP_BYTES, 2 * settings.expectedBytes),
    noMemInit: true,
    ...(isDurable ? { overlappingSync: false } : { noSync: true, useWritemap: true }),
  }
}

/** Opens the environment; of two families, both are named databases in it. */
function openEnvironment(directory, settings, isDurable) {
  const root = open(directory, openOptions(settings, isDurable))
  if (settings.families === 0) return { root, first: root }
  const of = (name) => root.openDB(name, valueOptions(settings))
  return { root, first: of('family0'), second: of('family1') }
}

function writes(current, durable) {
  const putSync = (key, value) => current.first.putSync(key, value)
  return {
    writeBatch(keys, values, from, to) {
      const { first } = current
      first.transactionSync(() => {
        for (let i = from; i < to; i++) first.put(keys[i], values[i])
      })
    },
    writeBatchAsync(keys, values, from, to) {
      const { first } = current
      return first.batch(() => {
        for (let i = from; i < to; i++) first.put(keys[i], values[i])
      })
    },
    writeTwoFamilies(keys, values, from, to) {
      const { root, first, second } = current
      root.transactionSync(() => {
        for (let i = from; i < to; i++) (i & 1 ? second : first).put(keys[i], values[i])
      })
    },
    putSync,
    put: (key, value) => current.first.put(key, value),
    putDurable: (key, value) =>
      current.isDurable ? putSync(key, value) : durable().then(() => putSync(key, value)),
    async putDurableAsync(key, value) {
      if (!current.isDurable) await durable()
      return current.first.put(key, value)
    },
  }
}

/**
 * Transactions: `getSync` reads in the one that is open. Those in flight wait for one of lmdb's write
 * transactions, which runs all of them, one after another.
 */
function transactions(current, getSync) {
  const transfer = (from, to, amount) => {
    const { first } = current
    const source = getSync(from)
    const target = getSync(to)
    addTo(source, -amount)
    addTo(target, amount)
    first.put(from, source)
    first.put(to, target)
  }
  const compareAndWrite = (key, expected, next) => {
    if (!expected.equals(getSync(key))) return false
    current.first.put(key, next)
    return true
  }
  const within = (work) => (a, b, c) => current.first.transaction(() => work(a, b, c))
  const withinSync = (work) => (a, b, c) => current.first.transactionSync(() => work(a, b, c))
  return {
    transfer: within(transfer),
    transferSync: withinSync(transfer),
    compareAndWrite: within(compareAndWrite),
    compareAndWriteSync: withinSync(compareAndWrite),
  }
}

/** Reads of bytes: what is handed out is the caller's; lmdb's own buffer is the next read's. */
function byteReads(current) {
  // lmdb changes the length of its buffer, not what is allocated: this is the part with the value.
  const { subarray } = Uint8Array.prototype
  const getSync = (key) => {
    const { first } = current
    const shared = first.getBinaryFast(key)
    if (shared === undefined) return undefined
    const value = Buffer.allocUnsafe(first.lastSize)
    value.set(subarray.call(shared, 0, value.length))
    return value
  }
  return {
    getSync,
    get: async (key) => getSync(key),
    getMany: (keys) => keys.map(getSync),
    getInto(key, target) {
      const { first } = current
      const shared = first.getBinaryFast(key)
      if (shared === undefined) return -1
      target.set(subarray.call(shared, 0, first.lastSize))
      return first.lastSize
    },
    scanEntries({ reverse, from, limit }) {
      const tally = new Tally()
      const range = { reverse, limit, ...(from !== undefined && { start: from }) }
      for (const { key, value } of current.first.getRange(range)) tally.add(key, value)
      return tally
    },
  }
}

function otherReads(current) {
  return {
    getSync: (key) => current.first.get(key),
    get: async (key) => current.first.get(key),
    getMany: (keys) => keys.map((key) => current.first.get(key)),
  }
}

const { version } = require('lmdb')

/** @type {import('../../engine.d.ts').Engine} */
export default {
  id: 'lmdb',
  kind: 'other',
  version: `${versionOf('lmdb')} (LMDB ${version.major}.${version.minor}.${version.patch})`,
  notes: [
    'a copy-on-write B+ tree in a mapped file: no log, write buffer, cache or filter; the page cache is all of it.',
    'without fsync (noSync, useWritemap, noMemInit), a crash of the machine may damage the whole database, where RocksDB loses the last writes.',
    'reads are synchronous always; get makes a copy that the caller may keep, as all others do, and getInto copies once more from the one buffer that getBinaryFast gives.',
    'with fsync it is opened again in the first such put, without overlappingSync: a commit, of which putSync is one, waits for the disk.',
    'lz4 compresses each value by itself, with a dictionary that it has; objects are MessagePack with shared structures, its default.',
  ],
  abilities: ['families', 'lz4', 'utf8', 'json', 'workers'],
  absent: {
    scanPages: 'makes an object for each row',
    scanPagesAsync: 'has no asynchronous range',
    scanEntriesAsync: 'has no asynchronous range',
    walOff: 'has no log',
    holdTransaction: 'an open transaction keeps out all other writers',
    zstd: 'compresses with LZ4 only',
    rowCache: 'has no row cache',
    directReads: 'always reads from a mapped file',
    smallCache: 'has no cache; the system has it all in memory',
  },
  open(directory, settings) {
    const current = { ...openEnvironment(directory, settings, false), isDurable: false }
    let reopened
    const durable = () => {
      reopened ??= current.root.close().then(() => {
        Object.assign(current, openEnvironment(directory, settings, true), { isDurable: true })
      })
      return reopened
    }
    const isBytes = settings.codec === 'buffer'
    const reads = isBytes ? byteReads(current) : otherReads(current)
    return {
      ...writes(current, durable),
      ...reads,
      ...(isBytes && transactions(current, reads.getSync)),
      close: () => current.root.close(),
    }
  },
}
