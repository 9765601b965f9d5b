/** better-sqlite3 (SQLite) as an engine of the benchmark. */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { addTo } from '../../support/accounts.mjs'
import { CannotRun, require, Tally, versionOf } from '../support.mjs'

const NODE_API_NEEDED = 10

if (Number(process.versions.napi) < NODE_API_NEEDED) {
  throw new CannotRun(
    `better-sqlite3 ${versionOf('better-sqlite3')} ends Node ${process.version} when a database is opened: ` +
      `it needs Node-API ${NODE_API_NEEDED}, which is in Node 22.14 and later`,
  )
}

const Sqlite = require('better-sqlite3')
const { sqlite } = new Sqlite(':memory:').prepare('SELECT sqlite_version() AS sqlite').get()

function openFile(directory, { blockCacheMb, codec, families }) {
  mkdirSync(directory, { recursive: true })
  const db = new Sqlite(path.join(directory, 'data.sqlite'))
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = OFF')
  db.pragma(`cache_size = ${-1024 * blockCacheMb}`)
  const type = codec === 'buffer' ? 'BLOB' : 'TEXT'
  for (const table of ['family0', 'family1'].slice(0, families + 1)) {
    db.exec(`CREATE TABLE IF NOT EXISTS ${table}
      (key ${type} PRIMARY KEY, value ${type} NOT NULL) WITHOUT ROWID`)
  }
  return db
}

const insertInto = (db, table) => db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`)

function writes(db, encode, families) {
  const first = insertInto(db, 'family0')
  const second = families === 1 ? insertInto(db, 'family1') : undefined
  const fill = db.transaction((keys, values, from, to) => {
    for (let i = from; i < to; i++) first.run(keys[i], encode(values[i]))
  })
  const fillBoth = db.transaction((keys, values, from, to) => {
    for (let i = from; i < to; i++) {
      const insert = (i & 1) === 0 ? first : second
      insert.run(keys[i], encode(values[i]))
    }
  })
  let isDurable = false
  const put = (key, value) => {
    first.run(key, encode(value))
  }
  const putDurable = (key, value) => {
    if (!isDurable) db.pragma('synchronous = FULL')
    isDurable = true
    put(key, value)
  }
  return {
    writeBatch: (keys, values, from, to) => fill(keys, values, from, to),
    ...(second !== undefined && {
      writeTwoFamilies: (keys, values, from, to) => fillBoth(keys, values, from, to),
    }),
    putSync: put,
    put: async (key, value) => put(key, value),
    putDurable,
    putDurableAsync: async (key, value) => putDurable(key, value),
  }
}

function reads(db, decode) {
  const select = db.prepare('SELECT value FROM family0 WHERE key = ?').pluck()
  const getSync = (key) => {
    const value = select.get(key)
    return value === undefined ? undefined : decode(value)
  }
  const getMany = db.transaction((keys) => keys.map(getSync))
  return { getSync, get: async (key) => getSync(key), getMany: (keys) => getMany(keys) }
}

function transactions(db, { getSync, putSync }) {
  const update = db.prepare('UPDATE family0 SET value = ? WHERE key = ? AND value = ?')
  const transferSync = db.transaction((from, to, amount) => {
    const source = getSync(from)
    const target = getSync(to)
    addTo(source, -amount)
    addTo(target, amount)
    putSync(from, source)
    putSync(to, target)
  })
  const compareAndWriteSync = (key, current, next) => update.run(next, key, current).changes === 1
  return {
    transferSync,
    transfer: async (from, to, amount) => transferSync(from, to, amount),
    compareAndWriteSync,
    compareAndWrite: async (key, current, next) => compareAndWriteSync(key, current, next),
  }
}

function scans(db) {
  const select = 'SELECT key, value FROM family0'
  const forward = db.prepare(`${select} ORDER BY key LIMIT ?`)
  const backward = db.prepare(`${select} ORDER BY key DESC LIMIT ?`)
  const from = db.prepare(`${select} WHERE key >= ? ORDER BY key LIMIT ?`)
  return {
    scanEntries(range) {
      const tally = new Tally()
      const limit = range.limit ?? -1
      const rows =
        range.from === undefined
          ? (range.reverse ? backward : forward).iterate(limit)
          : from.all(range.from, limit)
      for (const { key, value } of rows) tally.add(key, value)
      return tally
    },
  }
}

const same = (value) => value

/** @type {import('../../engine.d.ts').Engine} */
export default {
  id: 'better-sqlite3',
  kind: 'other',
  version: `${versionOf('better-sqlite3')} (SQLite ${sqlite})`,
  notes: [
    'a B tree (a table WITHOUT ROWID) and a log of pages; no filter, no compression, no write buffer beside the cache.',
    'journal_mode WAL and locking_mode EXCLUSIVE, since RocksDB locks its directory as well; synchronous is OFF, and FULL where puts are fsynced.',
    'all methods are synchronous; the awaited ones give the same in a promise.',
  ],
  abilities: ['families', 'utf8', 'json', 'smallCache'],
  absent: {
    writeBatchAsync: 'has no asynchronous methods',
    scanPagesAsync: 'has no asynchronous methods',
    scanEntriesAsync: 'has no asynchronous methods',
    scanPages: 'makes an object for each row',
    getInto: 'has no read into a buffer',
    holdTransaction: 'an open transaction keeps out all other writers',
    walOff: 'its other journals are other designs',
    lz4: 'has no compression',
    zstd: 'has no compression',
    rowCache: 'has no row cache',
    directReads: 'has no direct reads',
    workers: 'the lock is exclusive here, which makes gets twice as fast',
  },
  open(directory, settings) {
    const db = openFile(directory, settings)
    const isJson = settings.codec === 'json'
    const isBytes = settings.codec === 'buffer'
    const methods = {
      ...writes(db, isJson ? JSON.stringify : same, settings.families),
      ...reads(db, isJson ? JSON.parse : same),
    }
    return {
      ...methods,
      ...(isBytes && scans(db)),
      ...(isBytes && transactions(db, methods)),
      flush() {
        db.pragma('wal_checkpoint(TRUNCATE)')
      },
      compact() {
        db.exec('VACUUM')
        db.pragma('wal_checkpoint(TRUNCATE)')
      },
      close() {
        db.close()
      },
    }
  },
}
