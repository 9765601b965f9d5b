// Histories of lists: a transaction reads a list and writes it back with one more element, or
// merges one into it. Every element is appended once, so a list tells who wrote it and in which
// order. A list has bases: writing a new list blindly, or removing it, starts the next one.

const { RW, WR, WW } = require('./graph.cjs')

const text = ({ base, list }) => `${base}[${list}]`

/** Everything about lists of one history. */
class Lists {
  /** The transaction that appended each element. */
  #writers = new Map()
  /** By key and base: the longest list that was seen, and who started it. */
  #keys = new Map()

  constructor(history, report) {
    this.transactions = history.transactions
    this.report = report
    for (const [node, { status, ops }] of this.transactions.entries()) {
      for (const op of ops) {
        if (op.type === 'append') this.#writers.set(op.element, node)
        if (op.type === 'open' && status !== 'aborted') this.#open(node, op)
      }
    }
  }

  /** The transactions of which a committed one has read something in a list. */
  seen() {
    const nodes = new Set()
    for (const { status, ops } of this.transactions) {
      if (status !== 'committed') continue
      for (const { type, list } of ops) {
        if (type === 'read') for (const element of list) nodes.add(this.#writers.get(element))
      }
    }
    return nodes
  }

  /** Adds the edges, and reports what is wrong without them. */
  check(graph) {
    for (const [node, { status, ops }] of this.transactions.entries()) {
      if (status === 'committed') this.#observe(node, ops)
    }
    for (const [key, bases] of this.#keys) {
      for (const one of bases.values()) this.#checkList(key, one)
    }
    this.#findLost()
    this.#orderVersions(graph)
    for (const [node, { status, ops }] of this.transactions.entries()) {
      if (status === 'committed') this.#followReads(graph, node, ops)
    }
  }

  #open(node, { key, base, order = base }) {
    const one = this.#baseOf(key, base)
    one.order = order
    one.opener = node
  }

  #baseOf(key, base) {
    if (!this.#keys.has(key)) this.#keys.set(key, new Map())
    const bases = this.#keys.get(key)
    if (!bases.has(base)) bases.set(base, { base, order: undefined, opener: undefined, list: [] })
    return bases.get(base)
  }

  #observe(node, ops) {
    for (const op of ops) {
      // The position of its own merges shows in what others read.
      if (op.type === 'read') {
        const others = op.list.filter((element) => this.#writers.get(element) !== node)
        this.#lengthen(node, op.key, op.base, others)
      }
      if (op.type === 'append' && op.onto !== undefined) {
        this.#lengthen(node, op.key, op.base, [...op.onto, op.element])
      }
    }
  }

  /** Two lists of one base of which neither is a prefix of the other: an append was overwritten. */
  #lengthen(node, key, base, list) {
    const one = this.#baseOf(key, base)
    const [short, long] = one.list.length < list.length ? [one.list, list] : [list, one.list]
    if (short.some((element, i) => element !== long[i])) {
      this.report('lost update', `${key}: ${text(one)} and ${text({ base, list })}`, [node])
    } else one.list = long
  }

  #checkList(key, { base, list }) {
    const what = `${key}: ${text({ base, list })}`
    if (new Set(list).size < list.length) this.report('duplicate', what, [])
    for (const element of list) {
      const node = this.#writers.get(element)
      if (node === undefined) this.report('unknown element', `${element} in ${what}`, [])
      else if (this.transactions[node].status === 'aborted') {
        this.report('G1a', `${element} was never committed, and is in ${what}`, [node])
      }
    }
  }

  #findLost() {
    const kept = new Set()
    for (const bases of this.#keys.values()) {
      for (const { list } of bases.values()) for (const element of list) kept.add(element)
    }
    for (const [element, node] of this.#writers) {
      if (this.transactions[node].status === 'committed' && !kept.has(element)) {
        this.report('lost append', `${element} was committed, and is nowhere`, [node])
      }
    }
  }

  /** Determines who overwrote whom. Gives each base its successor. */
  #orderVersions(graph) {
    for (const bases of this.#keys.values()) {
      const inOrder = [...bases.values()].sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
      let last
      for (const [i, one] of inOrder.entries()) {
        one.next = inOrder[i + 1]?.opener
        for (const node of [one.opener, ...one.list.map((element) => this.#writers.get(element))]) {
          if (node === undefined) continue
          if (last !== undefined) graph.add(last, node, WW)
          last = node
        }
      }
    }
  }

  /** What a transaction read of others, and whether it saw its own appends. */
  #followReads(graph, node, ops) {
    const keys = new Map()
    for (const op of ops) {
      if (op.type !== 'read' && op.type !== 'append') continue
      if (!keys.has(op.key)) keys.set(op.key, { own: [], before: undefined })
      const state = keys.get(op.key)
      if (op.type === 'append') state.own.push(op.element)
      else this.#followRead(graph, node, op, state)
    }
  }

  #followRead(graph, node, { key, base, list }, state) {
    const { own, before } = state
    const others = list.slice(0, Math.max(0, list.length - own.length))
    const tail = list.slice(others.length)
    if (tail.join() !== own.join()) {
      this.report('internal', `${key}: read ${text({ base, list })}, appended [${own}]`, [node])
      return
    }
    const read = { base, list: others }
    if (before !== undefined && text(before) !== text(read)) {
      this.report('internal', `${key}: read ${text(before)}, and then ${text(read)}`, [node])
    }
    if (before !== undefined) return
    state.before = read
    this.#addEdges(graph, node, key, read)
  }

  #addEdges(graph, node, key, { base, list }) {
    const one = this.#baseOf(key, base)
    const writer = list.length === 0 ? one.opener : this.#writers.get(list.at(-1))
    if (writer !== undefined) graph.add(writer, node, WR)
    const after = one.list[list.length]
    const next = after === undefined ? one.next : this.#writers.get(after)
    if (next !== undefined) graph.add(node, next, RW)
    if (list.length > 0 && after !== undefined && writer === next && writer !== node) {
      this.report('G1b', `${key}: read ${text({ base, list })}, before ${after} was there`, [node])
    }
  }
}

module.exports = { Lists }
