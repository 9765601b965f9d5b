// A process among others, and a thread among its own: locks, a deep stack, slow work beside fs.
const fs = require('node:fs/promises')
const support = require('./support.cjs')
const { synchronous } = require('./methods.cjs')

const { Database, families, keyOf, main, outcomeOf, say, contentOf } = support
const [path, scenario] = support.args

async function open() {
  const db = await Database.open(path, { columnFamilies: families })
  const batch = db.batch()
  for (let n = 0; n < 600; n++) batch.put(db.columnFamily('a'), keyOf(n), contentOf(n, 'a'))
  await batch.write()
  return db
}

const scenarios = {
  async open() {
    try {
      await Database.open(path)
      say('opened')
    } catch (error) {
      say('failed', error.code, error.message, error.retryable)
    }
  },

  /** Opens the database and holds it until standard input ends. */
  async hold() {
    const db = await open()
    say('open')
    for await (const _ of process.stdin);
    await db.close()
  },

  /** Every method at every depth near the end of the stack. */
  async stack() {
    const db = await open()
    const handles = {
      db,
      a: db.columnFamily('a'),
      sums: db.columnFamily('sums'),
      batch: db.batch(),
    }
    const { a } = handles
    const seen = new Set()
    const later = (promise) => promise.catch((error) => seen.add(error.constructor.name))
    const calls = {
      ...synchronous,
      get: () => later(a.get(keyOf(1))),
      put: () => later(a.put('k', 'v')),
      getMany: () => later(a.getMany([keyOf(1)])),
      count: () => later(a.count()),
      entries: () => later(a.entries().next()),
    }
    let exhausted = 0
    let done = 0
    for (const call of Object.values(calls)) {
      atTheEndOfTheStack(
        () => call(handles),
        (error) => {
          if (error === undefined) done++
          else if (error instanceof RangeError) exhausted++
          else throw error
        },
      )
    }
    await new Promise(setImmediate)
    say('stack', exhausted > 0, done > 0, [...seen])
    say('value', a.getSync(keyOf(7)).toString() === contentOf(7, 'a'))
    await a.put('after', 'works')
    say('after', (await a.get('after')).toString(), await outcomeOf(() => db.close()))
  },

  /** fs.stat beside slow work; libuv has one thread here. */
  async slow() {
    const db = await open()
    const b = db.columnFamily('b')
    for (let n = 0; n < 40; n++) {
      const batch = db.batch()
      for (let i = 0; i < 2000; i++) batch.put(b, keyOf(n * 2000 + i), contentOf(i * 7, 'b'))
      await batch.write()
      if (n % 10 === 9) await db.flush(b)
    }
    const order = []
    const slow = [
      ...[1, 2, 3].map(() => db.compactRange(b, {}, { bottommost: true })),
      ...[1, 2, 3].map(() => b.count({}, { fillCache: false })),
      db.checkpoint(`${path}-copy`),
    ].map((work) => work.then(() => order.push('slow')))
    const quick = [1, 2, 3].map(() => fs.stat(path).then(() => order.push('stat')))
    let turns = 0
    let busy = true
    const turn = () => {
      turns++
      if (busy) setImmediate(turn)
    }
    turn()
    await Promise.all([...quick, ...slow])
    busy = false
    say('order', order, turns)
    await db.close()
  },
}

/** Calls in the deepest frame that the stack has room for, and in the frames above it. */
function atTheEndOfTheStack(call, note) {
  const failures = []
  let done = 0
  const descend = () => {
    try {
      descend()
    } catch {
      // No room for another frame.
    }
    if (done === 3) return
    let failure
    try {
      call()
      done++
    } catch (error) {
      failure = error
    }
    failures.push(failure)
  }
  descend()
  failures.forEach(note)
}

main(scenarios[scenario])
