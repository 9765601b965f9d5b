// The bodies of transactions. Each is a generator over an access (access.cjs), and notes in `ops`
// what it did.
const { LIMIT, RATE, REMOVED, groupOf, listKey, mergedKey } = require('./families.cjs')

/** Thrown to give up. */
class GivenUp extends Error {}

function noteList(ops, key, value) {
  const { base, list } = value ?? { base: REMOVED, list: [] }
  ops.push({ type: 'read', key, base, list })
  return { base, list }
}

/** Bodies of one client. */
class Bodies {
  constructor({ db, workers, random, recorder, plain, isolation }) {
    this.families = Object.fromEntries(
      ['lists', 'merged', 'rows'].map((name) => [name, db.columnFamily(name)]),
    )
    this.workers = workers
    this.random = random
    this.recorder = recorder
    this.plain = plain
    // With `snapshot`, merges do not conflict with each other, so their order is unknown.
    this.merges = isolation !== 'snapshot'
  }

  /** A number that all transactions use at about the same time. */
  #number() {
    return Math.floor(this.recorder.shared.started / RATE) + this.random(3)
  }

  /** Options of a read, which locks sometimes. */
  locking(oneIn = 6) {
    return !this.plain && this.random(oneIn) === 0 ? { forUpdate: true } : undefined
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

  /** Several parts, one after another, in one transaction; or only reads. */
  *any(access, attempt) {
    const parts = 1 + this.random(3)
    if (this.random(8) === 0) return yield* this.look(access, attempt.ops)
    for (let i = 0; i < parts; i++) {
      const chance = this.random(20)
      if (chance < 8) yield* this.append(access, attempt.ops)
      else if (chance < 9) yield* this.readList(access, attempt.ops, this.listKey(), this.locking())
      else if (chance < 10) yield* this.readLists(access, attempt.ops)
      else if (chance < 13 && this.merges) yield* this.mergeInto(access, attempt.ops)
      else if (chance < 14) yield* this.countRows(access, attempt.ops)
      else if (chance < 15 && !this.plain) yield* this.undo(access, attempt)
      else yield* this.changeRows(access, attempt.ops)
    }
    if (!this.plain && this.random(20) === 0) throw new GivenUp()
  }

  *readList(access, ops, key, options) {
    return noteList(ops, key, yield access.get(this.families.lists, key, options))
  }

  /** Reads a few things, and writes nothing. */
  *look(access, ops) {
    for (let i = 0; i < 5; i++) {
      yield* this.readList(access, ops, this.listKey(), this.locking())
      if (this.random(3) === 0) yield* this.readMerged(access, ops, this.mergedKey())
      if (this.random(3) === 0) yield* this.scan(access, ops, { prefix: this.group() })
      if (this.random(3) === 0) yield* this.lookBetween(access, ops)
    }
  }

  /** Reads lists during a scan. */
  *lookBetween(access, ops) {
    const prefix = this.group()
    const rows = []
    const self = this
    const visit = function* (row) {
      rows.push(row)
      if (self.random(2) > 0) return
      yield* self.readList(access, ops, self.listKey(), self.locking(2))
    }
    yield access.each(this.families.rows, this.boundsOf(prefix), visit)
    ops.push({ type: 'scan', prefix, rows })
  }

  *readLists(access, ops) {
    const keys = [this.listKey(), this.listKey()]
    const values = yield access.getMany(this.families.lists, keys)
    for (const [i, key] of keys.entries()) noteList(ops, key, values[i])
  }

  /** Reads a list, and writes it back with one more element, sometimes twice. */
  *append(access, ops) {
    const key = this.listKey()
    const { base, list } = yield* this.readList(access, ops, key, this.locking())
    let onto = list
    for (let i = this.random(6) === 0 ? 2 : 1; i > 0; i--) {
      const element = this.recorder.shared.id()
      ops.push({ type: 'append', key, base, element, onto })
      onto = [...onto, element]
      yield access.put(this.families.lists, key, { base, list: onto })
    }
    if (this.random(4) === 0) yield* this.readList(access, ops, key)
  }

  /** Merges an element into a list, with or without reading it before and after. */
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

  /** Undoes a part, and continues the transaction. */
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
    const count = yield access.count(this.families.rows, this.boundsOf(group))
    ops.push({ type: 'count', prefix: group, count })
    if (count < LIMIT) yield* this.insert(access, ops, group)
  }

  /** Reads rows of a group, then inserts or removes some. */
  *changeRows(access, ops) {
    const group = this.group()
    const way = this.random(4)
    if (way === 0) return yield* this.replaceOne(access, ops, group)
    const rows = yield* this.scan(access, ops, { prefix: group, reverse: this.random(2) === 0 })
    if (this.random(3) === 0) {
      const count = yield access.count(this.families.rows, this.boundsOf(group))
      ops.push({ type: 'count', prefix: group, count })
    }
    if (rows.length >= LIMIT && way === 1) yield* this.removeSide(access, ops, group, rows)
    else if (rows.length >= LIMIT) {
      for (const row of rows.slice(0, 2)) yield* this.remove(access, ops, row)
    }
    yield* this.insert(access, ops, group)
    if (this.random(4) === 0) yield* this.scan(access, ops, { prefix: group })
  }

  /** Reads only the first or the last rows, and replaces one of them. */
  *replaceOne(access, ops, group) {
    const prefix = this.random(2) === 0 ? group : `${group}${this.random(2)}/`
    const most = 1 + this.random(2)
    const rows = yield* this.scan(access, ops, { prefix, reverse: this.random(2) === 0 }, most)
    if (rows.length === 0) return
    yield* this.remove(access, ops, rows[this.random(rows.length)])
    yield* this.insert(access, ops, prefix)
  }

  /** All rows with a prefix, or the first ones in this direction, by any kind of read. */
  *scan(access, ops, { prefix, reverse }, most) {
    const rows = yield* this.rowsOf(access, this.boundsOf(prefix), reverse, most)
    // With more rows, it would have ended at its last one.
    const until = rows.length === most ? { until: rows.at(-1) } : {}
    ops.push({ type: 'scan', prefix, reverse, rows, ...until })
    return rows
  }

  *rowsOf(access, bounds, reverse, most) {
    const { rows: family } = this.families
    if (most === 1 && this.random(2) === 0) {
      const end = reverse ? yield access.last(family, bounds) : yield access.first(family, bounds)
      return end === undefined ? [] : [end[0]]
    }
    const limit = most !== undefined && this.random(2) === 0 ? { limit: most } : {}
    const range = { ...bounds, reverse, ...limit }
    if (this.random(2) === 0) return yield access.keys(family, range, most)
    return (yield access.entries(family, range, most)).map(([row]) => row)
  }

  /** No row is equal to the prefix; "0" follows "/". */
  boundsOf(prefix) {
    const end = `${prefix.slice(0, -1)}0`
    const ways = [
      { prefix },
      { gte: prefix, lt: end },
      { gt: prefix, lte: end },
      { prefix, gt: '' },
    ]
    return ways[this.random(ways.length)]
  }

  /** Removes all rows on one side of a group at once. */
  *removeSide(access, ops, group, rows) {
    const side = `${group}${this.random(2)}`
    for (const row of rows.filter((name) => name.startsWith(`${side}/`))) {
      ops.push({ type: 'remove', row })
    }
    // "0" follows "/".
    yield access.deleteRange(this.families.rows, `${side}/`, `${side}0`)
    // Makes room for the inserted row.
    const first = rows.find((name) => !name.startsWith(`${side}/`))
    if (first !== undefined) yield* this.remove(access, ops, first)
  }

  *remove(access, ops, row) {
    ops.push({ type: 'remove', row })
    yield access.delete(this.families.rows, row)
  }

  /** Every removal comes with an insertion, so a group is never the same twice. */
  *insert(access, ops, prefix) {
    const side =
      prefix.endsWith('/0/') || prefix.endsWith('/1/') ? prefix : `${prefix}${this.random(2)}/`
    const row = `${side}${this.random(10)}-${this.recorder.shared.id()}`
    ops.push({ type: 'insert', row })
    yield access.put(this.families.rows, row, 'x')
  }
}

module.exports = { Bodies, GivenUp }
