// Plain writes beside the transactions, with known values: they read nothing, and are part of the
// history as transactions that write blindly.
const { RATE, REMOVED, groupOf, listKey, mergedKey } = require('./families.cjs')

/**
 * The plain writes of one worker, one after another. Nobody else writes its lists and groups like
 * this.
 */
class PlainWriter {
  /** The last base of each of its lists. */
  #bases = new Map()
  #removed = new Set()
  #wiped = new Set()

  constructor({ db, worker, workers, random, recorder }) {
    Object.assign(this, { db, worker, workers, random, recorder })
    this.lists = db.columnFamily('lists')
    this.merged = db.columnFamily('merged')
    this.rows = db.columnFamily('rows')
  }

  async write() {
    const ways = [
      this.#put,
      this.#putSync,
      this.#batch,
      this.#removeLists,
      this.#merge,
      this.#insert,
    ]
    const way = this.random(6) === 0 ? this.#wipe : ways[this.random(ways.length)]
    const attempt = this.recorder.begin()
    await way.call(this, attempt.ops)
    this.recorder.end(attempt, 'committed')
  }

  #number() {
    return Math.floor(this.recorder.shared.started / RATE) + this.random(3)
  }

  #open(number, base) {
    const order = (this.#bases.get(number) ?? 0) + 1
    this.#bases.set(number, order)
    return { type: 'open', key: listKey(this.worker, number), base: base ?? order, order }
  }

  #emptied(number, ops) {
    const op = this.#open(number)
    ops.push(op)
    return [op.key, { base: op.base, list: [] }]
  }

  async #put(ops) {
    await this.lists.put(...this.#emptied(this.#number(), ops))
  }

  #putSync(ops) {
    this.lists.putSync(...this.#emptied(this.#number(), ops))
  }

  /** Two lists, an element and a row at once. */
  async #batch(ops) {
    const number = this.#number()
    const batch = this.db.batch()
    for (const one of [number, number + 1]) batch.put(this.lists, ...this.#emptied(one, ops))
    batch.merge(this.merged, ...this.#appended(ops))
    batch.put(this.rows, this.#inserted(ops), 'x')
    await batch.write()
  }

  /** Each list is removed at most once, since removals cannot be told apart. */
  async #removeLists(ops) {
    const number = this.#number()
    const both = [number, number + 1]
    if (both.some((one) => this.#removed.has(one))) return this.#put(ops)
    for (const one of both) {
      this.#removed.add(one)
      ops.push(this.#open(one, REMOVED))
    }
    const [begin, end] = [number, number + 2].map((one) => listKey(this.worker, one))
    await this.lists.deleteRange(begin, end)
  }

  async #merge(ops) {
    await this.merged.merge(...this.#appended(ops))
  }

  #appended(ops) {
    const [key, element] = [mergedKey(this.#number()), this.recorder.shared.id()]
    ops.push({ type: 'append', key, base: 0, element })
    return [key, String(element)]
  }

  async #insert(ops) {
    await this.rows.put(this.#inserted(ops), 'x')
  }

  #inserted(ops, group = this.#openGroup()) {
    const row = `${group}${this.random(2)}/${this.random(10)}-${this.recorder.shared.id()}`
    ops.push({ type: 'insert', row })
    return row
  }

  #openGroup() {
    let number = this.#number()
    while (!groupOf(number).startsWith('open')) number++
    return groupOf(number)
  }

  /** Removes everything in a group, and inserts one row. */
  async #wipe(ops) {
    const number = this.#number()
    if (number % this.workers !== this.worker || this.#wiped.has(number)) return this.#put(ops)
    this.#wiped.add(number)
    const group = groupOf(number)
    ops.push({ type: 'wipe', prefix: group })
    // "0" follows "/".
    const batch = this.db.batch().deleteRange(this.rows, group, `${group.slice(0, -1)}0`)
    await batch.put(this.rows, this.#inserted(ops, group), 'x').write()
  }
}

module.exports = { PlainWriter }
