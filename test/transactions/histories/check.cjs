// Checks a history of transactions: whether there is a serial order that explains everything they
// read, in which no transaction comes before one that had ended before it began.

const { Graph, NAMES, RT } = require('./graph.cjs')
const { Lists } = require('./lists.cjs')
const { Rows } = require('./rows.cjs')

/** The most anomalies that are described. */
const DESCRIBED = 50

/**
 * Checks a history; `check.d.cts` has its types. Returns the anomalies: kind, description, and
 * transactions.
 */
function check(history) {
  const transactions = [...history.transactions].sort((a, b) => a.began - b.began)
  const anomalies = []
  const report = (kind, what, nodes) => {
    const about = nodes.map((node) => transactions[node])
    anomalies.push({ kind, what, transactions: anomalies.length < DESCRIBED ? about : [] })
  }
  const settled = settle({ ...history, transactions })
  const graph = new Graph(transactions.length)
  for (const part of partsOf(settled, report)) part.check(graph)
  addTimes(graph, settled.transactions)
  for (const { kind, cycle, size } of graph.cycles()) {
    const nodes = cycle.map(([node]) => node).filter((node) => node < transactions.length)
    report(kind, describe(cycle, size, transactions), [...new Set(nodes)])
  }
  return { transactions: transactions.length, edges: graph.edges, anomalies }
}

const partsOf = (history, report) => [new Lists(history, report), new Rows(history, report)]

/** A transaction of unknown outcome is committed if a committed one saw something of it. */
function settle(history) {
  const seen = partsOf(history, () => {}).map((part) => part.seen())
  let more = false
  const transactions = history.transactions.map((one, node) => {
    if (one.status !== 'unknown' || !seen.some((nodes) => nodes.has(node))) return one
    more = true
    return { ...one, status: 'committed', ended: Number.POSITIVE_INFINITY }
  })
  if (more) return settle({ ...history, transactions })
  const settled = transactions.map((one) => {
    return one.status === 'unknown' ? { ...one, status: 'aborted' } : one
  })
  return { ...history, transactions: settled }
}

/**
 * A transaction comes before those that began after its end: through one node per end, which
 * follows the transaction and the earlier ends, so that there are few edges.
 */
function addTimes(graph, transactions) {
  const moments = []
  for (const [node, { status, began, ended }] of transactions.entries()) {
    if (status !== 'committed') continue
    moments.push([began, node, true])
    if (Number.isFinite(ended)) moments.push([ended, node, false])
  }
  moments.sort(([a], [b]) => a - b)
  let last
  for (const [, node, begins] of moments) {
    if (begins) {
      if (last !== undefined) graph.add(last, node, RT)
      continue
    }
    const end = graph.addNode()
    graph.add(node, end, RT)
    if (last !== undefined) graph.add(last, end, RT)
    last = end
  }
}

/** `T3 -rw-> T5 -wr-> T3`, with one arrow for each path of time edges only. */
function describe(cycle, size, transactions) {
  let text = ''
  for (const [node, kind] of cycle) {
    if (node < transactions.length) text += `T${transactions[node].id}`
    if (kind === undefined) continue
    if (kind !== RT) text += ` -${NAMES[kind]}-> `
    else if (!text.endsWith('-> ')) text += ' -rt-> '
  }
  return `${text} (of ${size} that depend on each other)`
}

module.exports = { check }
