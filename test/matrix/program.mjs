/**
 * The process that tries cases one after another until one of them ends it. It receives a case as a
 * message, and answers with the outcome.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

const { Database } = createRequire(import.meta.url)('../../dist/index.js')
const ROWS = 120
/** A small write-ahead log: the disk is memory, and what a log preallocates there is written. */
const OPTIONS = { env: false, tuning: { writeBufferMb: 4 } }
const [directory] = process.argv.slice(2)

/** The value of a row: from nothing to more than a block. */
const contentOf = (n, round) => `${round}:${n}:`.padEnd((n * 37) % 3000, 'v')

/** Writes rows, replaces and deletes some, and updates `expected`. */
async function write(family, expected, round) {
  const writes = []
  for (let n = 0; n < ROWS; n += round + 1) {
    const key = `key${String(n).padStart(4, '0')}`
    const value = contentOf(n, round)
    writes.push(family.put(key, value).then(() => expected.set(key, value)))
  }
  await Promise.all(writes)
  const gone = `key${String(round * 7).padStart(4, '0')}`
  await family.delete(gone)
  expected.delete(gone)
}

/** Missing or wrong rows of a family, read in every way. */
async function wrongIn(family, expected) {
  const wanted = [...expected].sort(([a], [b]) => (a < b ? -1 : 1))
  const text = (rows) => rows.map(([key, value]) => [String(key), String(value)])
  if (!isDeepStrictEqual(text([...family.entriesSync()]), wanted)) return 'scan'
  const backwards = text([...family.entriesSync({ reverse: true })]).reverse()
  if (!isDeepStrictEqual(backwards, wanted)) return 'reverse scan'
  const keys = wanted.map(([key]) => key)
  const many = await family.getMany(keys)
  if (!isDeepStrictEqual(many.map(String), [...wanted.map(([, value]) => value)])) return 'getMany'
  for (const [key, value] of wanted) if (String(await family.get(key)) !== value) return 'get'
  return undefined
}

/** Opens with the case's options, writes, flushes, creates a family, reopens, reads back. */
async function attempt(path, rocksdb, state) {
  const own = { rocksdb: { columnFamily: rocksdb.columnFamily, table: rocksdb.table } }
  let db = await Database.open(path, { ...OPTIONS, rocksdb })
  state.open = db
  state.stage = 'write'
  await write(db.default, state.expected.default, 0)
  state.stage = 'flush'
  await db.flush()
  state.stage = 'create'
  const family = await db.createColumnFamily('f', own)
  state.expected.f = new Map()
  state.stage = 'write to the family'
  await write(family, state.expected.f, 1)
  await db.flush()
  await write(family, state.expected.f, 2)
  await write(db.default, state.expected.default, 3)
  state.stage = 'compact'
  await db.compactRange(db.default)
  await db.compactRange(family)
  await write(family, state.expected.f, 1)
  state.stage = 'reopen'
  await db.close()
  state.open = undefined
  db = await Database.open(path, { ...OPTIONS, rocksdb, columnFamilies: { f: own } })
  state.open = db
  state.stage = 'read'
  await check(db, state)
  await db.close()
  state.open = undefined
}

async function check(db, { expected }) {
  for (const [name, rows] of Object.entries(expected)) {
    const wrong = await wrongIn(db.columnFamily(name), rows)
    if (wrong !== undefined) throw Object.assign(new Error(`${wrong} of ${name}`), { lost: true })
  }
}

/** Whether the directory opens without the case's options, with everything acknowledged. */
async function openPlain(path, state, options) {
  const db = await Database.open(path, { ...OPTIONS, ...options })
  await check(db, state)
  await db.close()
}

/** Options that open refuses must also be refused for a family created later. */
async function laterToo(path, { columnFamily, table }) {
  const db = await Database.open(path, OPTIONS)
  try {
    await db.createColumnFamily('f', { rocksdb: { columnFamily, table } })
    return false
  } catch (error) {
    if (typeof error.code !== 'string') throw error
    return true
  } finally {
    await db.close()
  }
}

async function run({ map, name, value, beside }) {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(join(directory, 'cwd'), { recursive: true })
  process.chdir(join(directory, 'cwd'))
  const path = join(directory, 'db')
  const rocksdb = { ...beside, [map]: { ...beside?.[map], [name]: value } }
  const state = { stage: 'open', expected: { default: new Map() } }
  try {
    await attempt(path, rocksdb, state)
    return { outcome: 'accepted' }
  } catch (error) {
    if (error.lost) return { outcome: 'lost', stage: state.stage, message: error.message }
    const typed = typeof error.code === 'string' && error.code.startsWith('ERR_')
    const said = { stage: state.stage, code: error.code, message: String(error.message) }
    if (!typed) return { outcome: 'untyped', ...said, message: String(error.stack) }
    try {
      await state.open?.close().catch(() => {})
      // If the write-ahead log is elsewhere, only the same options find all rows.
      const places = ['wal_dir', 'db_paths', 'cf_paths'].includes(name) ? { rocksdb } : {}
      if (state.stage !== 'open') await openPlain(path, state, places)
      else if (map === 'db') await (await Database.open(path, OPTIONS)).close()
      else if (!(await laterToo(path, rocksdb))) return { outcome: 'later', ...said }
    } catch (again) {
      if (again.lost) return { outcome: 'lost', ...said, message: again.message }
      return { outcome: 'locked', ...said, message: `${error.message} THEN ${again.message}` }
    }
    return { outcome: state.stage === 'open' ? 'refused' : 'failed', ...said }
  }
}

process.on('message', async (message) => process.send(await run(message)))
process.send({ outcome: 'ready' })
