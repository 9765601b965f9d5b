/** The process that opens, reads and repairs damaged databases: one a message, until one ends it. */
const fs = require('node:fs')
const path = require('node:path')
const { RocksDBError } = require('../../..')
const { contentOf, Database, FAMILIES, keyOf, optionsOf, batchOf } = require('./rows.cjs')

const ROWS = 60
const [scratch] = process.argv.slice(2)
const at = (...names) => path.join(scratch, ...names)
const isTyped = (error) => error instanceof RocksDBError && /^ERR_[A-Z_]+$/.test(error.code)

/** A database whose rows are in tables, blob files and the WAL; one that is not closed ends with its process. */
async function makeBase(kind) {
  const db = await Database.open(at('base', kind), optionsOf())
  for (let number = 0; number < ROWS; number++) {
    batchOf(db, number).writeSync()
    if (number === 20 || number === 40) await db.flush()
    if (number === 30) await db.compactRange('a')
  }
  if (kind === 'closed') return db.close()
  await db.flushWAL({ sync: true })
  process.kill(process.pid, 'SIGKILL')
}

/** Whether a row may have this value: one that it once had. */
function isRight(family, key, value) {
  if (family === 'a' || family === 'b') return value === contentOf(Number(key.slice(3)), family)
  if (family !== 'blobs') return true
  const number = Number(value.split(':')[1])
  return `slot${number % 8}` === key && value === contentOf(number, 'blobs')
}

/** Reads everything by scans and gets; returns how many rows are there, what is wrong, and the codes of failures. */
function readAll(db) {
  const found = { rows: 0, wrong: [], failures: [] }
  const attempt = (what, read) => {
    try {
      read()
    } catch (error) {
      if (isTyped(error)) found.failures.push(error.code)
      else found.wrong.push(`${what}: an untyped error ${error?.stack ?? error}`)
    }
  }
  for (const name of ['default', ...Object.keys(FAMILIES)]) {
    if (!db.columnFamilies().includes(name)) continue
    const family = db.columnFamily(name)
    attempt(name, () => {
      for (const [key, value] of family.entriesSync()) {
        found.rows++
        if (!isRight(name, String(key), String(value)))
          found.wrong.push(`${name} ${key} has a wrong value`)
      }
    })
  }
  for (const name of ['a', 'b']) {
    for (let number = 0; number < ROWS; number += 7) {
      attempt(name, () => {
        const value = db.columnFamily(name).getSync(keyOf(number))
        if (value !== undefined && String(value) !== contentOf(number, name)) {
          found.wrong.push(`get of ${name} ${number} is wrong`)
        }
      })
    }
  }
  return found
}

async function read() {
  let db
  try {
    db = await Database.open(at('case', 'db'), { ...optionsOf(), createIfMissing: false })
  } catch (error) {
    return {
      refused: error.code,
      wrong: isTyped(error) ? [] : [`untyped: ${error?.stack ?? error}`],
    }
  }
  const found = readAll(db)
  const { droppedBytes } = db.recovery
  let closed = 'ok'
  await db.close().catch((error) => {
    closed = error.code
    if (!isTyped(error)) found.wrong.push(`close: ${error?.stack ?? error}`)
  })
  return { ...found, droppedBytes, closed }
}

/** A repair succeeds or is refused with a code; what is there then opens, and has no wrong value. */
async function repair() {
  let report
  try {
    report = await Database.repair(at('case', 'db'))
  } catch (error) {
    return {
      refused: error.code,
      wrong: isTyped(error) ? [] : [`repair: ${error?.stack ?? error}`],
    }
  }
  const found = await read()
  const told = report.damage.length > 0
  if (found.refused !== undefined) found.wrong.push(`repaired, and refused: ${found.refused}`)
  return { ...found, told }
}

const TASKS = { makeBase: ({ kind }) => makeBase(kind), read, repair }

process.on('message', async (message) => {
  try {
    process.send((await TASKS[message.task](message)) ?? { rows: fs.readdirSync(scratch).length })
  } catch (error) {
    process.send({ wrong: [`the program failed: ${error?.stack ?? error}`] })
  }
})
process.send({ ready: true })
