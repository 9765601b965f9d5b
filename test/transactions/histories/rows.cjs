// Histories of rows that come and go: a transaction scans rows, and inserts and removes others if
// what it saw allows that. A row is inserted once and removed once, and every removal comes with an
// insertion: so the rows that a scan saw and missed tell its place in the order.

const { RW, WR, WW } = require('./graph.cjs')

const UNBORN = 'unborn'
const PRESENT = 'present'
const DEAD = 'dead'

/** Rows of one group begin with the same word. */
const groupOf = (row) => row.slice(0, row.indexOf('/') + 1)

/** Everything about rows of one history. */
class Rows {
  /** By name: who inserted it, and who removed it. */
  #rows = new Map()
  /** The rows of a group. */
  #groups = new Map()
  /** What each transaction has inserted. */
  #inserts = new Map()

  constructor(history, report) {
    this.transactions = history.transactions
    this.limit = history.limit
    this.left = history.rows === undefined ? undefined : new Set(history.rows)
    this.report = report
    for (const [node, { ops }] of this.transactions.entries()) {
      for (const op of ops) if (op.type === 'insert') this.#insert(node, op.row)
    }
  }

  /** The transactions of which a committed one has seen something. */
  seen() {
    const nodes = new Set()
    const see = (row) => nodes.add(this.#rows.get(row)?.inserter)
    for (const row of this.left ?? []) see(row)
    for (const { status, ops } of this.transactions) {
      if (status !== 'committed') continue
      for (const { type, rows } of ops) if (type === 'scan') rows.forEach(see)
    }
    return nodes
  }

  /** Adds the edges, and reports what is wrong without them. */
  check(graph) {
    this.#findRemovers()
    this.#checkEnd()
    for (const { inserter, remover } of this.#rows.values()) {
      if (remover !== undefined) graph.add(inserter, remover, WW)
    }
    for (const [node, { status, ops }] of this.transactions.entries()) {
      if (status === 'committed') this.#followScans(graph, node, ops)
    }
  }

  #insert(node, row) {
    const one = { row, inserter: node, remover: undefined }
    this.#rows.set(row, one)
    const group = groupOf(row)
    if (!this.#groups.has(group)) this.#groups.set(group, [])
    this.#groups.get(group).push(one)
    if (!this.#inserts.has(node)) this.#inserts.set(node, [])
    this.#inserts.get(node).push(one)
  }

  /**
   * A transaction that wipes a group cannot tell what was in it: everything that is gone and that
   * nobody else removed.
   */
  #findRemovers() {
    const wipes = []
    for (const [node, { status, ops }] of this.transactions.entries()) {
      if (status !== 'committed') continue
      for (const op of ops) {
        if (op.type === 'wipe') wipes.push([node, op.prefix])
        if (op.type === 'remove') this.#remove(node, op.row)
      }
    }
    for (const [node, prefix] of wipes) {
      for (const one of this.#groups.get(prefix) ?? []) {
        const stays = one.remover !== undefined || this.left?.has(one.row)
        if (!stays && one.inserter !== node && this.#isThere(one)) one.remover = node
      }
    }
  }

  #remove(node, row) {
    const one = this.#rows.get(row)
    if (one === undefined) return this.report('unknown row', `removed ${row}`, [node])
    if (one.remover !== undefined) {
      this.report('lost update', `${row} was removed twice`, [one.remover, node])
    }
    one.remover = node
  }

  #isThere({ inserter }) {
    return this.transactions[inserter].status === 'committed'
  }

  #checkEnd() {
    if (this.left === undefined) return
    for (const one of this.#rows.values()) {
      const expected = this.#isThere(one) && one.remover === undefined
      if (expected === this.left.has(one.row)) continue
      const kind = expected ? 'lost append' : this.#isThere(one) ? 'lost removal' : 'G1a'
      this.report(kind, `${one.row} at the end`, [one.inserter])
    }
  }

  #followScans(graph, node, ops) {
    const own = { inserted: new Set(), removed: new Set(), taken: new Set() }
    let scanned
    for (const op of ops) {
      if (op.type === 'insert') own.inserted.add(op.row)
      if (op.type === 'remove') (own.inserted.delete(op.row) ? own.taken : own.removed).add(op.row)
      if (op.type === 'scan') this.#followScan(graph, node, op, own)
      if (op.type === 'count' && scanned?.prefix === op.prefix && scanned.until === undefined) {
        if (scanned.rows.length !== op.count) {
          const said = `counted ${op.count} of ${op.prefix}, and read ${scanned.rows.length}`
          this.report('internal', said, [node])
        }
      }
      scanned = op.type === 'scan' ? op : undefined
    }
  }

  #followScan(graph, node, scan, own) {
    const rows = new Set(scan.rows)
    if (rows.size < scan.rows.length) this.report('duplicate', `${scan.rows}`, [node])
    for (const row of own.inserted) {
      if (isWithin(scan, row) && !rows.delete(row)) {
        this.report('internal', `did not see its own ${row}`, [node])
      }
    }
    for (const row of [...own.removed, ...own.taken]) {
      if (rows.delete(row)) this.report('internal', `saw ${row}, which it had removed`, [node])
    }
    for (const row of own.removed) if (isWithin(scan, row)) rows.add(row)
    this.#checkRows(node, scan, rows)
    this.#addEdges(graph, node, scan, rows)
  }

  #checkRows(node, scan, rows) {
    for (const row of rows) {
      const one = this.#rows.get(row)
      if (one === undefined) this.report('unknown row', `saw ${row}`, [node])
      else if (!this.#isThere(one)) {
        this.report('G1a', `saw ${row}, which was never committed`, [node, one.inserter])
      }
    }
    const { prefix, until } = scan
    if (this.limit === undefined || until !== undefined) return
    if (prefix.startsWith(this.limit.prefix) && rows.size > this.limit.rows) {
      this.report('invariant', `saw ${rows.size} rows of ${prefix}: ${[...rows]}`, [node])
    }
  }

  #addEdges(graph, node, scan, rows) {
    const known = new Map()
    for (const one of this.#groups.get(groupOf(scan.prefix)) ?? []) {
      const { row, inserter, remover } = one
      if (inserter === node || !this.#isThere(one) || !isWithin(scan, row)) continue
      const state = this.#stateOf(one, scan, rows, known)
      if (state === UNBORN) graph.add(node, inserter, RW)
      if (state === PRESENT) graph.add(inserter, node, WR)
      if (state === PRESENT && remover !== undefined) graph.add(node, remover, RW)
      if (state === DEAD) graph.add(remover, node, WR)
    }
  }

  /** The state of a row when it was scanned; undefined if unknown. */
  #stateOf(one, scan, rows, known) {
    const { row, remover } = one
    if (!isWithin(scan, row)) return undefined
    if (rows.has(row)) return PRESENT
    if (remover === undefined) return UNBORN
    if (known.has(row)) return known.get(row)
    known.set(row, undefined)
    // The remover's insertion tells whether the scan was before it.
    for (const beside of this.#inserts.get(remover) ?? []) {
      const state = this.#stateOf(beside, scan, rows, known)
      if (state === undefined) continue
      known.set(row, state === UNBORN ? UNBORN : DEAD)
      break
    }
    return known.get(row)
  }
}

/** Whether a scan has reached a row. */
function isWithin({ prefix, until, reverse }, row) {
  if (!row.startsWith(prefix)) return false
  return until === undefined || (reverse ? row >= until : row <= until)
}

module.exports = { Rows }
