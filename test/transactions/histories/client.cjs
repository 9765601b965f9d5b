// A worker thread with several clients, each of which runs one transaction after another.
const { parentPort, workerData } = require('node:worker_threads')
const { Database } = require('../../..')
const { inTransaction, inTransactionSync, plainly, runBody, runBodySync } = require('./access.cjs')
const { Bodies, GivenUp } = require('./bodies.cjs')
const { REMOVED } = require('./families.cjs')
const { PlainWriter } = require('./plain-writer.cjs')
const { randomOf } = require('./random.cjs')
const { Recorder, Shared } = require('./recorder.cjs')

/** A worker that will be terminated posts everything at once, and has no plain writes. */
const doomed = workerData.doomed ?? false

/** Codes of attempts that did not commit, without anything being wrong. */
const EXPECTED = ['ERR_CONFLICT', 'ERR_DEADLOCK', 'ERR_LOCK_TIMEOUT', 'ERR_TRANSACTION_TOO_OLD']

const { place, options, memory, worker, workers, clients, transactions, seed, plain, isolation } =
  workerData

/** Whether writes may be synced, or skip the WAL. */
const { logged } = workerData

/** Codes of attempts that did not commit, with counts; and errors that must not happen. */
const outcomes = {}
const failures = []

function statusAfter(error) {
  const code = error instanceof GivenUp ? 'given up' : (error.code ?? String(error))
  outcomes[code] = (outcomes[code] ?? 0) + 1
  if (error.outcome === 'unknown') return 'unknown'
  if (code !== 'given up' && !EXPECTED.includes(code)) failures.push(String(error.stack))
  return 'aborted'
}

class Client {
  constructor(db, number, recorder) {
    this.db = db
    this.recorder = recorder
    this.random = randomOf(seed + worker * 1000 + number)
    const common = { db, workers, random: this.random, recorder, plain, isolation }
    this.bodies = new Bodies(common)
    // One for each worker, whose lists nobody else writes.
    this.writer = number === 0 && !doomed ? new PlainWriter({ ...common, worker }) : undefined
  }

  async run() {
    while (this.recorder.shared.start() < transactions) {
      if (this.writer !== undefined && this.random(2) === 0) await this.writer.write()
      await this.#one()
    }
  }

  async #one() {
    if (plain) return this.#plainly()
    const ways = [this.#retried, this.#retried, this.#byHand, this.#byHand, this.#onThisThread]
    await [...ways, this.#compareAndWrite][this.random(6)].call(this)
  }

  /** The write options of a commit. */
  #writeOptions() {
    const chance = logged ? this.random(16) : 2
    return chance === 0 ? { sync: true } : chance === 1 ? { disableWAL: true } : {}
  }

  async #plainly() {
    const attempt = this.recorder.begin()
    await runBody(this.bodies.any(plainly, attempt))
    this.recorder.end(attempt, 'committed')
  }

  /** Attempts of one call of `transaction`: each begins after the previous one has ended. */
  #attempts() {
    const { recorder } = this
    let attempt
    let began = recorder.shared.now()
    return {
      next() {
        this.end('aborted')
        attempt = recorder.begin(began)
        return attempt
      },
      /** The body has ended: the next attempt begins after this. */
      ran() {
        recorder.commits(attempt)
        began = recorder.shared.now()
      },
      end(status) {
        if (attempt !== undefined) recorder.end(attempt, status)
        attempt = undefined
      },
    }
  }

  async #retried() {
    const attempts = this.#attempts()
    try {
      await this.db.transaction(
        async (tx) => {
          try {
            await runBody(this.bodies.any(inTransaction(tx), attempts.next()))
          } finally {
            attempts.ran()
          }
        },
        { isolation, ...this.#writeOptions() },
      )
      attempts.end('committed')
    } catch (error) {
      attempts.end(statusAfter(error))
    }
  }

  #onThisThread() {
    const attempts = this.#attempts()
    try {
      this.db.transactionSync(
        (tx) => {
          try {
            runBodySync(this.bodies.any(inTransactionSync(tx), attempts.next()))
          } finally {
            attempts.ran()
          }
        },
        { isolation, ...this.#writeOptions() },
      )
      attempts.end('committed')
    } catch (error) {
      attempts.end(statusAfter(error))
    }
  }

  async #byHand() {
    const attempt = this.recorder.begin()
    const tx = this.db.begin({ isolation, ...this.#writeOptions() })
    try {
      await runBody(this.bodies.any(inTransaction(tx), attempt))
      this.recorder.commits(attempt)
      if (this.random(4) === 0) tx.commitSync()
      else await tx.commit()
      this.recorder.end(attempt, 'committed')
    } catch (error) {
      tx.rollback()
      this.recorder.end(attempt, statusAfter(error))
    }
  }

  /** Appends to two lists if both are unchanged. */
  async #compareAndWrite() {
    const attempt = this.recorder.begin()
    const { lists } = this.bodies.families
    const keys = [...new Set([this.bodies.listKey(), this.bodies.listKey()])]
    const checks = []
    const operations = []
    for (const key of keys) {
      const value = await lists.get(key)
      const { base, list } = value ?? { base: REMOVED, list: [] }
      const element = this.recorder.shared.id()
      attempt.ops.push({ type: 'read', key, base, list })
      attempt.ops.push({ type: 'append', key, base, element, onto: list })
      const is = value === undefined ? { absent: true } : { equals: value }
      checks.push({ columnFamily: lists, key, ...is })
      const changed = { base, list: [...list, element] }
      operations.push({ type: 'put', columnFamily: lists, key, value: changed })
    }
    this.recorder.commits(attempt)
    try {
      const done = await this.db.compareAndWrite({ checks, operations }, this.#writeOptions())
      if (!done) outcomes['compared, and other'] = (outcomes['compared, and other'] ?? 0) + 1
      this.recorder.end(attempt, done ? 'committed' : 'aborted')
    } catch (error) {
      this.recorder.end(attempt, statusAfter(error))
    }
  }
}

async function main() {
  const at = place.memory === undefined ? place.path : Database.memory(place.memory)
  const db = await Database.open(at, options)
  const post = doomed ? (attempt) => parentPort.postMessage({ attempt }) : undefined
  const recorder = new Recorder(new Shared(memory), post)
  const numbers = Array.from({ length: clients }, (_, number) => number)
  await Promise.all(numbers.map((number) => new Client(db, number, recorder).run()))
  parentPort.postMessage({ transactions: recorder.transactions, outcomes, failures })
  await db.close()
}

main().catch((error) => {
  process.nextTick(() => {
    throw error
  })
})
