// What transactions do. A body is a generator over an access (access.cjs), and notes in `ops` what it did.
const { LIMIT, RATE, REMOVED, groupOf, listKey, mergedKey } = require('./families.cjs')

/** Thrown to give up. */
class GivenUp extends Error {}

/** Bodies of one client. */
class Bodies {
  constructor({ db, workers, random, recorder, plain }) {
    this.families = Object.fromEntries(
      ['lists', 'merged', 'rows'].map((name) => [name, db.columnFamily(name)]),
    )
    this.workers = workers
    this.random = random
    this.recorder = recorder
    this.plain = plain
  }

  /** A number that all transactions of about the same time use. */
  #number() {
    return Math.floor(this.recorder.shared.started / RATE) + this.random(3)
  }

  listKey() {
    return listKey(this.random(this.workers), this.#number())
  }

  mergedKey() {
    return mergedKey(this.#number())
  }

  group() {
    return groupOf(this.#number())
  }

  /** Some parts, one after the other, as one transaction. */
  *any(access, attempt) {
    const parts = 1 + this.random(3)
    for (let i = 0; i < parts; i++) {
      const chance = this.random(20)
      if (chance < 8) yield* this.append(access, attempt.ops)
      else if (chance < 10) yield* this.readList(access, attempt.ops, this.listKey())
      else if (chance < 13) yield* this.mergeInto(access, attempt.ops)
      else if (chance < 14) yield* this.countRows(access, attempt.ops)
      else if (chance < 15 && !this.plain) yield* this.undo(access, attempt)
      else yield* this.changeRows(access, attempt.ops)
    }
    if (!this.plain && this.random(20) === 0) throw new GivenUp()
  }

  *readList(access, ops, key, options) {
    const value = yield access.get(this.families.lists, key, options)
    const { base, list } = value ?? { base: REMOVED, list: [] }
    ops.push({ type: 'read', key, base, list })
    return { base, list }
  }

  /** Reads a list, and puts it back with one element more, sometimes twice. */
  *append(access, ops) {
    const key = this.listKey()
    const options = !this.plain && this.random(8) === 0 ? { forUpdate: true } : undefined
    const { base, list } = yield* this.readList(access, ops, key, options)
    let onto = list
    for (let i = this.random(6) === 0 ? 2 : 1; i > 0; i--) {
      const element = this.recorder.shared.id()
      ops.push({ type: 'append', key, base, element, onto })
      onto = [...onto, element]
      yield access.put(this.families.lists, key, { base, list: onto })
    }
    if (this.random(4) === 0) yield* this.readList(access, ops, key)
  }

  /** Merges an element into a list, with or without a look at it before and after. */
  *mergeInto(access, ops) {
    const key = this.mergedKey()
    if (this.random(3) === 0) yield* this.readMerged(access, ops, key)
    if (this.random(4) > 0) {
      const element = this.recorder.shared.id()
      ops.push({ type: 'append', key, base: 0, element })
      yield access.merge(this.families.merged, key, String(element))
    }
    if (this.random(3) === 0) yield* this.readMerged(access, ops, key)
  }

  *readMerged(access, ops, key) {
    const value = yield access.get(this.families.merged, key)
    const list = value === undefined ? [] : value.split(',').map(Number)
    ops.push({ type: 'read', key, base: 0, list })
  }

  /** A part that is undone, and the transaction goes on. */
  *undo(access, attempt) {
    const ops = []
    const self = this
    const part = function* () {
      if (self.random(2) === 0) yield* self.append(access, ops)
      else yield* self.changeRows(access, ops)
      throw new GivenUp()
    }
    try {
      yield access.savepoint(part)
    } catch (error) {
      if (!(error instanceof GivenUp)) throw error
    }
    const writes = ops.filter(({ type }) => ['append', 'insert'].includes(type))
    this.recorder.undone(attempt, writes)
  }

  /** Inserts only if the count allows it. */
  *countRows(access, ops) {
    const group = this.group()
    const count = yield access.count(this.families.rows, { prefix: group })
    ops.push({ type: 'count', prefix: group, count })
    if (count < LIMIT) yield* this.insert(access, ops, group)
  }

  /** Looks at rows of a group, and then inserts or removes some. */
  *changeRows(access, ops) {
    const group = this.group()
    const way = this.random(4)
    if (way === 0) return yield* this.replaceOne(access, ops, group)
    const rows = yield* this.scan(access, ops, { prefix: group, reverse: this.random(2) === 0 })
    if (this.random(3) === 0) {
      const count = yield access.count(this.families.rows, { prefix: group })
      ops.push({ type: 'count', prefix: group, count })
    }
    if (rows.length >= LIMIT && way === 1) yield* this.removeSide(access, ops, group, rows)
    else if (rows.length >= LIMIT) {
      for (const row of rows.slice(0, 2)) yield* this.remove(access, ops, row)
    }
    yield* this.insert(access, ops, group)
    if (this.random(4) === 0) yield* this.scan(access, ops, { prefix: group })
  }

  /** Reads the first rows alone, or the last, and puts another row in place of one of them. */
  *replaceOne(access, ops, group) {
    const prefix = this.random(2) === 0 ? group : `${group}${this.random(2)}/`
    const most = 1 + this.random(2)
    const rows = yield* this.scan(access, ops, { prefix, reverse: this.random(2) === 0 }, most)
    if (rows.length === 0) return
    yield* this.remove(access, ops, rows[this.random(rows.length)])
    yield* this.insert(access, ops, prefix)
  }

  *scan(access, ops, range, most) {
    const limited = most !== undefined && this.random(2) === 0 ? { ...range, limit: most } : range
    const { rows: family } = this.families
    const rows =
      this.random(2) === 0
        ? yield access.keys(family, limited, most)
        : (yield access.entries(family, limited, most)).map(([row]) => row)
    // Had there been more, it would have come as far as its last row only.
    const until = rows.length === most ? { until: rows.at(-1) } : {}
    ops.push({ type: 'scan', ...range, rows, ...until })
    return rows
  }

  /** Removes all rows of one side of a group at once. */
  *removeSide(access, ops, group, rows) {
    const side = `${group}${this.random(2)}`
    for (const row of rows.filter((name) => name.startsWith(`${side}/`))) {
      ops.push({ type: 'remove', row })
    }
    // "0" is behind "/".
    yield access.deleteRange(this.families.rows, `${side}/`, `${side}0`)
    // So that there is room for the one that is inserted.
    const first = rows.find((name) => !name.startsWith(`${side}/`))
    if (first !== undefined) yield* this.remove(access, ops, first)
  }

  *remove(access, ops, row) {
    ops.push({ type: 'remove', row })
    yield access.delete(this.families.rows, row)
  }

  /** Whoever removes inserts: so no group is twice the same. */
  *insert(access, ops, prefix) {
    const side =
      prefix.endsWith('/0/') || prefix.endsWith('/1/') ? prefix : `${prefix}${this.random(2)}/`
    const row = `${side}${this.random(10)}-${this.recorder.shared.id()}`
    ops.push({ type: 'insert', row })
    yield access.put(this.families.rows, row, 'x')
  }
}

module.exports = { Bodies, GivenUp }
