// Keeps working while its disk fails, is slow, or is full. Waits for the test between its steps.
const crypto = require('node:crypto')
const fs = require('node:fs')
const readline = require('node:readline')
const { Registry } = require('prom-client')
const { collectMetrics } = require('../../../dist/metrics')
const { Database, args, keyOf, main, outcomeOf, say } = require('./support.cjs')

const [path, scenario, filler] = args
let steps

/** Announces that it waits, and waits for the test. */
async function waitFor(step) {
  steps ??= readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  say('waiting', step)
  await steps.next()
}

const detailsOf = (error) => [error.code, error.outcome, error.retryable]
const failureOf = (promise) => promise.then(() => undefined, detailsOf)

const scenarios = {
  /** The WAL cannot be synced: nothing is acknowledged after that until a reopen. */
  async sync() {
    let db = await Database.open(path)
    await db.default.put('before', 'value', { sync: true })
    await waitFor('fault')
    say('failed', await failureOf(db.default.put('during', 'value', { sync: true })))
    say('next', await outcomeOf(() => db.default.put('next', 'value')))
    say('health', db.health, db.healthCause)
    await waitFor('end of fault')
    say('later', await outcomeOf(() => db.default.put('later', 'value', { sync: true })))
    say('read', String(await db.default.get('before')))
    say('closed', await outcomeOf(() => db.close()))
    db = await Database.open(path)
    say('again', db.health, await outcomeOf(() => db.default.put('again', 'v', { sync: true })))
    const { default: all } = db
    say(
      'there',
      ['before', 'next', 'later', 'again'].filter((key) => all.hasSync(key)),
    )
    await db.close()
  },

  /** A sync takes long, and the event loop goes on. */
  async slow() {
    const db = await Database.open(path)
    await db.default.put(keyOf(0), 'value')
    await waitFor('fault')
    const turns = []
    for (let n = 0; n < 5; n++) {
      let waiting = true
      let count = 0
      const put = db.default.put(keyOf(n), 'value', { sync: true }).then(() => {
        waiting = false
      })
      // Reads go on meanwhile, and so do writes, in order.
      const behind = db.default.put('behind', String(n))
      while (waiting) {
        db.default.getSync(keyOf(0))
        count++
        await new Promise(setImmediate)
      }
      await Promise.all([put, behind])
      turns.push(count)
    }
    say('turns', turns)
    await db.close()
  },

  /** The disk fills up, and then has room again. */
  async full() {
    const small = { write_buffer_size: 1 << 20, compression: 'kNoCompression' }
    const db = await Database.open(path, { rocksdb: { columnFamily: small } })
    const event = once(db, 'backgroundError')
    const register = new Registry()
    collectMetrics(db, { register, maxAgeMs: 0 })
    const value = crypto.randomBytes(32 * 1024)
    let written = 0
    let failure
    while (failure === undefined) {
      failure = await failureOf(db.default.put(keyOf(written), value))
      if (failure === undefined) written++
    }
    say('full', failure, written)
    // Whichever of the WAL and a flush failed first, the other may follow.
    await failureOf(db.flush())
    say('health', db.health, db.healthCause)
    say('event', await event)
    say('severity', ...(await severityIn(register)))
    const read = await db.default.get(keyOf(written - 1))
    say('read', read?.equals(value), await db.default.count({ gte: keyOf(0) }))
    // Repeated attempts neither help now nor do harm.
    for (let attempt = 0; attempt < 3; attempt++) {
      say('resume', await outcomeOf(() => db.resume()))
      say('write', await outcomeOf(() => db.default.put('too early', value)))
    }
    fs.rmSync(filler)
    say('writes', ...(await writesAgain(db, value)))
    say('flush', await outcomeOf(() => db.flush()), db.health)
    say('severity', ...(await severityOnceHealed(register)))
    let lost = 0
    for (let n = 0; n < written; n++) if (!db.default.getSync(keyOf(n))?.equals(value)) lost++
    say('lost', lost)
    say('closed', await outcomeOf(() => db.close()))
    const again = await Database.open(path)
    say('again', (await again.default.count()) >= written, again.default.hasSync('after'))
    await again.close()
  },
}

/** The next event of a database. */
const once = (db, type) => new Promise((resolve) => db.once(type, resolve))

/** The severity in the metrics, and whether they have counted an error. */
async function severityIn(register) {
  const text = await register.metrics()
  const numberOf = (name) =>
    Number(new RegExp(`^node_db_${name}\\{.*\\} (\\d+)$`, 'm').exec(text)[1])
  return [numberOf('background_error_severity'), numberOf('background_errors_total') > 0]
}

/**
 * The same once no error is in force: a compaction may have met the full disk, too, and resumes
 * later.
 */
async function severityOnceHealed(register) {
  const asked = performance.now()
  for (;;) {
    const found = await severityIn(register)
    if (found[0] === 0 || performance.now() - asked > 15_000) return found
    await new Promise(setImmediate)
  }
}

/** Writes, either by retrying as a service does, or after `resume`. */
async function writesAgain(db, value) {
  const freed = performance.now()
  for (;;) {
    if (scenario === 'full, resumed') await outcomeOf(() => db.resume())
    const outcome = await outcomeOf(() => db.default.put('after', value))
    const milliseconds = performance.now() - freed
    if (outcome === 'ok' || milliseconds > 20_000) return [outcome, milliseconds]
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

scenarios['full, resumed'] = scenarios.full

main(async () => {
  await scenarios[scenario]()
  process.stdin.destroy()
})
