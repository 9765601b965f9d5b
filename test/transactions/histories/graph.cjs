// A graph of what must have come before what, and its cycles: a history with a cycle has no serial
// order.

/** Kinds of edges. */
const WW = 1 // wrote what the other one wrote over
const WR = 2 // wrote what the other one read
const RW = 4 // read what the other one wrote over
const RT = 8 // had ended before the other one began

const NAMES = { [WW]: 'ww', [WR]: 'wr', [RW]: 'rw', [RT]: 'rt' }

/** Names of cycles, after Adya and Elle. */
const KINDS = [
  ['G0', WW],
  ['G1c', WW | WR],
  ['G-single', WW | WR, RW],
  ['G2', WW | WR | RW],
]

/** How many edges are tried as the only anti-dependency of a cycle. */
const TRIED = 2000

/** Finds the strongly connected components of more than one node, by edges of the kinds. */
function componentsOf(graph, kinds, only) {
  const { starts, targets, edgeKinds } = graph
  const index = new Int32Array(graph.nodes).fill(-1)
  const low = new Int32Array(graph.nodes)
  const next = new Int32Array(graph.nodes)
  const onStack = new Uint8Array(graph.nodes)
  const stack = []
  const found = []
  let count = 0
  const enter = (node, path) => {
    index[node] = low[node] = count++
    next[node] = starts[node]
    onStack[node] = 1
    stack.push(node)
    path.push(node)
  }
  const leave = (node) => {
    if (low[node] !== index[node]) return
    const component = stack.splice(stack.lastIndexOf(node))
    for (const member of component) onStack[member] = 0
    if (component.length > 1) found.push(component)
  }
  for (const root of only ?? graph.all()) {
    if (index[root] !== -1) continue
    const path = []
    enter(root, path)
    while (path.length > 0) {
      const node = path[path.length - 1]
      if (next[node] < starts[node + 1]) {
        const edge = next[node]++
        const target = targets[edge]
        if ((edgeKinds[edge] & kinds) === 0) continue
        if (index[target] === -1) enter(target, path)
        else if (onStack[target]) low[node] = Math.min(low[node], index[target])
        continue
      }
      path.pop()
      leave(node)
      if (path.length > 0) {
        const parent = path[path.length - 1]
        low[parent] = Math.min(low[parent], low[node])
      }
    }
  }
  return found
}

/**
 * The shortest path from one node to another: nodes and the kinds between them; undefined if there
 * is none.
 */
function pathBetween({ starts, targets, edgeKinds }, from, to, kinds) {
  const came = new Map([[from, undefined]])
  const queue = [from]
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at]
    for (let edge = starts[node]; edge < starts[node + 1]; edge++) {
      const target = targets[edge]
      if ((edgeKinds[edge] & kinds) === 0) continue
      if (target === to) return wayTo(came, node, edgeKinds[edge], to)
      if (came.has(target)) continue
      came.set(target, [node, edgeKinds[edge]])
      queue.push(target)
    }
  }
  return undefined
}

function wayTo(came, node, kind, to) {
  const way = [[node, kind]]
  for (let step = came.get(node); step !== undefined; step = came.get(step[0])) way.unshift(step)
  return [...way, [to]]
}

/** Edges between transactions, which are numbered from 0. */
class Graph {
  #from = []
  #to = []
  #kinds = []

  constructor(nodes) {
    this.nodes = nodes
  }

  /** Adds a node that is no transaction. */
  addNode() {
    return this.nodes++
  }

  /** A transaction does not depend on itself. */
  add(from, to, kind) {
    if (from === to) return
    this.#from.push(from)
    this.#to.push(to)
    this.#kinds.push(kind)
  }

  get edges() {
    return this.#from.length
  }

  *all() {
    for (let node = 0; node < this.nodes; node++) yield node
  }

  /** Sorts the edges by their start. */
  #index() {
    this.starts = new Int32Array(this.nodes + 1)
    for (const from of this.#from) this.starts[from + 1]++
    for (let node = 0; node < this.nodes; node++) this.starts[node + 1] += this.starts[node]
    const at = this.starts.slice()
    this.targets = new Int32Array(this.edges)
    this.edgeKinds = new Uint8Array(this.edges)
    for (let edge = 0; edge < this.edges; edge++) {
      const place = at[this.#from[edge]]++
      this.targets[place] = this.#to[edge]
      this.edgeKinds[place] = this.#kinds[edge]
    }
  }

  /**
   * One cycle of each component: first cycles of reads and writes only, then cycles that need the
   * order in time.
   */
  cycles() {
    this.#index()
    const found = []
    const seen = new Set()
    for (const [suffix, time] of [
      ['', 0],
      ['-realtime', RT],
    ]) {
      for (const component of componentsOf(this, WW | WR | RW | time)) {
        if (component.some((node) => seen.has(node))) continue
        for (const node of component) seen.add(node)
        const { kind, cycle } = this.#worstOf(component, time)
        found.push({ kind: kind + suffix, cycle, size: component.length })
      }
    }
    return found
  }

  /** The cycle of a component that the weakest isolation level would forbid. */
  #worstOf(component, time) {
    for (const [kind, kinds, once] of KINDS) {
      const cycle = once
        ? this.#withOne(component, kinds | time, once)
        : this.#within(component, kinds | time)
      if (cycle !== undefined) return { kind, cycle }
    }
    throw new Error('a component without a cycle')
  }

  #within(component, kinds) {
    const [tangle] = componentsOf(this, kinds, component)
    if (tangle === undefined) return undefined
    return pathBetween(this, tangle[0], tangle[0], kinds)
  }

  /** A cycle with exactly one edge of the kind `once`. */
  #withOne(component, kinds, once) {
    const inside = new Set(component)
    let tried = 0
    for (const node of component) {
      for (let edge = this.starts[node]; edge < this.starts[node + 1]; edge++) {
        const target = this.targets[edge]
        if (this.edgeKinds[edge] !== once || !inside.has(target)) continue
        if (++tried > TRIED) return undefined
        const way = pathBetween(this, target, node, kinds)
        if (way !== undefined) return [[node, once], ...way]
      }
    }
    return undefined
  }
}

module.exports = { Graph, NAMES, RT, RW, WR, WW }
