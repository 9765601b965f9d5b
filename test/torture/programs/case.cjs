/** A case: one step with a fault, what was acknowledged, and whether all of that is there afterwards. */
const fs = require('node:fs')
const path = require('node:path')
const { RocksDBError } = require('../../..')
const { batchOf, contentOf, Database, keyOf, optionsOf, stateOf } = require('./rows.cjs')

/** How often a failed write is tried again, with a `resume` in between. */
const ATTEMPTS = 3

class Case {
  /** Batches by what came of them. */
  acknowledged = new Set()
  refused = new Set()
  tried = new Set()
  #notes = new Set()
  #wrong = []
  #journal
  #next

  /** @param {{ folder: string, journal: string, rows: number }} given `rows` are there from the beginning. */
  constructor(step, given) {
    this.step = step
    this.folder = given.folder
    this.#journal = given.journal
    const base = step.base === 'none' ? 0 : given.rows
    for (let number = 0; number < base; number++) this.#take('acknowledged', number)
    this.#next = base
    this.keyOf = keyOf
  }

  at(...names) {
    return path.join(this.folder, ...names)
  }

  /** Writes a fact down before anything else happens, for whoever looks when this process is killed. */
  note(what, number) {
    this.#take(what, number)
    fs.appendFileSync(this.#journal, `${JSON.stringify([what, number])}\n`)
  }

  noted(what) {
    return this.#notes.has(what)
  }

  /** Reads what a killed process noted. */
  remember() {
    for (const line of fs.readFileSync(this.#journal, 'utf8').split('\n')) {
      if (line !== '') this.#take(...JSON.parse(line))
    }
  }

  #take(what, number) {
    if (what === 'acknowledged' || what === 'refused' || what === 'tried') {
      this[what].add(number)
      if (what === 'acknowledged') this.tried.add(number)
      this.#next = Math.max(this.#next ?? 0, number + 1)
    } else this.#notes.add(what)
  }

  wrong(problem) {
    this.#wrong.push(problem)
  }

  get problems() {
    return this.#wrong
  }

  async open() {
    this.db = await Database.open(this.at('db'), optionsOf(this.step.options))
    return this.db
  }

  async close() {
    const { db } = this
    this.db = undefined
    await db?.close()
  }

  /** The database, opened anew if it is closed. */
  async reopened() {
    return this.db ?? this.open()
  }

  /** Writes a batch in one of several ways, and notes what came of it. */
  async write(how) {
    if (how === 'three') return this.#writeThree()
    const number = this.#next++
    await this.#told(number, () => this.#commit(number, how))
  }

  #commit(number, how) {
    const { db } = this
    if (how === 'sync') return batchOf(db, number).writeSync({ sync: true })
    if (how === 'transaction') return transact(db, number)
    const sync = how !== 'unsynced' && this.step.options?.tuning?.walEnabled !== false
    return batchOf(db, number).write({ sync })
  }

  /** Three that may become one write of RocksDB. */
  async #writeThree() {
    const settled = await Promise.allSettled([1, 2, 3].map(() => this.write('async')))
    const failed = settled.find(({ status }) => status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  async #told(number, write) {
    this.note('tried', number)
    try {
      await write()
    } catch (error) {
      this.checkError(error)
      if (error.outcome === 'notApplied') this.note('refused', number)
      else if (error.outcome !== 'unknown')
        this.wrong(`a failed write has the outcome ${error.outcome}`)
      throw error
    }
    this.note('acknowledged', number)
  }

  /** Every failure is a typed one. */
  checkError(error) {
    if (error instanceof RocksDBError && /^ERR_[A-Z_]+$/.test(error.code)) return
    this.wrong(`an untyped error: ${error?.stack ?? error}`)
  }

  /** Compares an open database with what was acknowledged. */
  checkState(db, where) {
    if (this.step.told?.(this) === true) return
    const { numbers, wrong } = stateOf(db)
    for (const problem of wrong) this.wrong(`${where}: ${problem}`)
    const there = new Set(numbers)
    const lost = [...this.acknowledged].filter((number) => !there.has(number))
    if (lost.length > 0 && this.step.volatile?.(this) !== true) this.wrong(`${where}: lost ${lost}`)
    const false_ = numbers.filter((number) => this.refused.has(number))
    if (false_.length > 0) this.wrong(`${where}: ${false_} are there, and were refused`)
    const foreign = numbers.filter((number) => !this.tried.has(number))
    if (foreign.length > 0) this.wrong(`${where}: ${foreign} were never written`)
  }

  /** What must be so once the faults are over, whatever came of the step: 'ok', 'killed' or the code of its error. */
  async verify(outcome) {
    if (this.step.gone) return this.step.after(this, outcome)
    await this.close()
    try {
      await this.open()
    } catch (error) {
      if (this.step.healed === undefined) throw error
      await this.step.healed(this)
      await this.open()
    }
    this.checkState(this.db, 'reopened')
    await this.step.after?.(this, outcome)
    await this.write('async')
    await this.close()
    await this.open()
    this.checkState(this.db, 'reopened again')
    await this.close()
  }

  /** After a failure, and with the same database: reads are right, and writes go on if anything lets them. */
  async goOn() {
    if (this.db === undefined || this.db.closed) return
    this.checkState(this.db, 'still open')
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const failure = await this.write('async').then(
        () => undefined,
        (error) => error,
      )
      if (failure === undefined) break
      await this.db.resume().catch((error) => this.checkError(error))
    }
    this.checkState(this.db, 'still open, later')
  }

  /** What a kill would leave now has all that was acknowledged. Not told where the files do not rest. */
  async checkImage() {
    if (this.db === undefined || this.step.options?.tuning?.walEnabled === false) return
    const image = this.at('image')
    if (!copyAtRest(this.at('db'), image)) return
    const db = await Database.open(image, optionsOf(this.step.options))
    this.checkState(db, 'after a kill')
    await db.close()
  }
}

/** The same batch as a transaction. */
function transact(db, number) {
  const one = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])
  const slot = `slot${number % 8}`
  return db.transaction(
    async (tx) => {
      await tx.put(db.columnFamily('a'), keyOf(number), contentOf(number, 'a'))
      await tx.put(db.columnFamily('b'), keyOf(number), contentOf(number, 'b'))
      await tx.merge(db.columnFamily('sums'), 'all', one)
      await tx.merge(db.columnFamily('sums'), slot, one)
      await tx.put(db.columnFamily('blobs'), slot, contentOf(number, 'blobs'))
      await tx.put(db.default, keyOf(number), '')
      await tx.put(db.default, 'last', String(number))
    },
    { sync: true },
  )
}

const listed = (folder) =>
  fs
    .readdirSync(folder)
    .filter((name) => !name.startsWith('LOG'))
    .map(
      (name) => `${name} ${fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size}`,
    )
    .sort()
    .join()

/** Copies a directory; false if it changed meanwhile. */
function copyAtRest(from, to) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = listed(from)
    fs.rmSync(to, { recursive: true, force: true })
    try {
      fs.cpSync(from, to, { recursive: true })
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
      continue
    }
    if (listed(from) === before) return true
  }
  return false
}

module.exports = { Case }
