/** This package as an engine of the benchmark. */
import { existsSync, readFileSync } from 'node:fs'
import { Database, tuple, versions } from 'rocksdb-live'
import { addTo } from '../support/accounts.mjs'
import { rowSum } from '../support/data.mjs'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** The codecs of a family, by the benchmark's name. */
function codecsOf(codec) {
  if (codec === 'buffer') return {}
  return codec === 'tuple' ? { key: tuple('utf8', 'uint64') } : { key: 'utf8', value: codec }
}

/** What `Database.open` is given for the benchmark's settings. */
export function openOptions(settings) {
  const { preset, codec, families } = settings
  const spec = codecsOf(codec)
  return {
    env: false,
    strict: true,
    preset: preset ?? 'default',
    tuning: preset === undefined ? tuningOf(settings) : {},
    columnFamilies: { default: spec, ...(families === 1 && { family1: spec }) },
  }
}

function tuningOf(settings) {
  const { writeBufferMb, blockCacheMb, bloomBitsPerKey, maxBackgroundJobs, bytesPerSyncMb } =
    settings
  const { rowCacheMb, compression, directReads, wal } = settings
  return {
    ...{ writeBufferMb, blockCacheMb, bloomBitsPerKey, maxBackgroundJobs, bytesPerSyncMb },
    ...{ rowCacheMb, compression, directReads, walEnabled: wal },
  }
}

/** Walks one page, touching the first and last byte of every key and value. */
function sumPage(page) {
  const { bytes, offsets, count } = page
  let sum = 0
  let key = offsets[0]
  for (let row = 1; row <= 2 * count; row += 2) {
    const value = offsets[row]
    const end = offsets[row + 1]
    sum += bytes[key] + bytes[value - 1] + bytes[value] + bytes[end - 1] + end - key
    key = end
  }
  return sum
}

function scans(family) {
  return {
    scanPages({ reverse, from, limit }) {
      let rows = 0
      let checksum = 0
      for (const page of family.pagesSync({ reverse, gte: from, limit })) {
        rows += page.count
        checksum += sumPage(page)
      }
      return { rows, checksum }
    },
    async scanPagesAsync({ reverse, from, limit }) {
      let rows = 0
      let checksum = 0
      for await (const page of family.pages({ reverse, gte: from, limit })) {
        rows += page.count
        checksum += sumPage(page)
      }
      return { rows, checksum }
    },
    scanEntries({ reverse, from, limit }) {
      let rows = 0
      let checksum = 0
      for (const [key, value] of family.entriesSync({ reverse, gte: from, limit })) {
        rows++
        checksum += rowSum(key, value)
      }
      return { rows, checksum }
    },
    async scanEntriesAsync({ reverse, from, limit }) {
      let rows = 0
      let checksum = 0
      for await (const [key, value] of family.entries({ reverse, gte: from, limit })) {
        rows++
        checksum += rowSum(key, value)
      }
      return { rows, checksum }
    },
  }
}

function writes(db, family, second) {
  const batch = db.batch()
  const durable = { sync: true }
  const fill = (keys, values, from, to) => {
    for (let i = from; i < to; i++) batch.put(family, keys[i], values[i])
  }
  return {
    writeBatch(keys, values, from, to) {
      fill(keys, values, from, to)
      batch.writeSync()
    },
    writeBatchAsync(keys, values, from, to) {
      fill(keys, values, from, to)
      return batch.write()
    },
    writeTwoFamilies(keys, values, from, to) {
      for (let i = from; i < to; i++) {
        batch.put((i & 1) === 0 ? family : second, keys[i], values[i])
      }
      batch.writeSync()
    },
    putSync: (key, value) => family.putSync(key, value),
    put: (key, value) => family.put(key, value),
    putDurable: (key, value) => family.putSync(key, value, durable),
    putDurableAsync: (key, value) => family.put(key, value, durable),
  }
}

/**
 * With the usual retries: one that they are not enough for ends the row. Reads are awaited in `transfer`, so
 * that those in flight are open at the same time, which getSync within it would not let them be.
 */
function transactions(db, family) {
  const move = (tx, from, to, source, target, amount) => {
    addTo(source, -amount)
    addTo(target, amount)
    tx.put(family, from, source)
    tx.put(family, to, target)
  }
  const change = (key, current, next) => ({
    checks: [{ key, equals: current }],
    operations: [{ type: 'put', key, value: next }],
  })
  return {
    transfer: (from, to, amount) =>
      db.transaction(async (tx) => {
        const source = await tx.get(family, from)
        const target = await tx.get(family, to)
        move(tx, from, to, source, target, amount)
      }),
    transferSync: (from, to, amount) =>
      db.transactionSync((tx) => {
        move(tx, from, to, tx.getSync(family, from), tx.getSync(family, to), amount)
      }),
    compareAndWrite: (key, current, next) => db.compareAndWrite(change(key, current, next)),
    compareAndWriteSync: (key, current, next) => db.compareAndWriteSync(change(key, current, next)),
    holdTransaction(key) {
      const tx = db.begin()
      tx.getSync(family, key)
      return () => {
        tx.getSync(family, key)
        tx.rollback()
      }
    },
  }
}

/** RocksDB's options in force, by sections and names. */
function optionsOf(db) {
  const { db: database, shared, columnFamilies } = db.options()
  const wal = db.tuning().options.walEnabled.value
  const write = { disableWAL: String(wal === false) }
  return { db: database, shared, write, ...columnFamilies.default }
}

/** Collects metrics as a service would, until the database is closed. */
async function collect(db) {
  const { collectMetrics } = await import('rocksdb-live/metrics')
  collectMetrics(db)
}

const hasMetrics = existsSync(new URL('../../dist/metrics/index.js', import.meta.url))

/** @type {import('../engine.d.ts').Engine} */
export default {
  id: 'rocksdb-live',
  kind: 'rocksdb',
  version: `${version} (RocksDB ${versions.rocksdb})`,
  notes: [],
  abilities: [
    ...['families', 'walOff', 'lz4', 'zstd', 'rowCache', 'directReads', 'smallCache'],
    ...['utf8', 'json', 'tuple', 'presets', 'workers', ...(hasMetrics ? ['metrics'] : [])],
  ],
  absent: hasMetrics ? {} : { metrics: 'this build has no rocksdb-live/metrics' },
  async open(directory, settings) {
    const db = await Database.open(directory, openOptions(settings))
    if (settings.metrics) await collect(db)
    const family = db.default
    const second = settings.families === 1 ? db.columnFamily('family1') : undefined
    return {
      ...writes(db, family, second),
      ...scans(family),
      ...transactions(db, family),
      getSync: (key) => family.getSync(key),
      get: (key) => family.get(key),
      getMany: (keys) => family.getManySync(keys),
      getInto: (key, target) => family.getIntoSync(key, target),
      flush: () => db.flush(),
      compact: () => db.compactRange(),
      options: () => optionsOf(db),
      close: () => db.close(),
    }
  },
}
