// Closes with work in flight, with ten thousand cursors, twice, while opening; and uses closed
// objects.
const path = require('node:path')
const support = require('./support.cjs')
const { asynchronous, synchronous } = require('./methods.cjs')

const { Database, families, keyOf, main, outcomeOf, say, contentOf } = support
const [directory, scenario] = support.args

let names = 0
const other = (kind) =>
  kind === 'checkpoint' ? path.join(directory, `c${names++}`) : `n${names++}`
const place = () => path.join(directory, `db${names++}`)

// Direct reads, so that reads that miss the block cache run on a thread.
const options = { columnFamilies: families, tuning: { directReads: true } }

async function open(at = place()) {
  const db = await Database.open(at, options)
  if (db.recovery.created) {
    const batch = db.batch()
    for (let n = 0; n < 600; n++) batch.put(db.columnFamily('a'), keyOf(n), contentOf(n, 'a'))
    await batch.write()
    await db.flush()
    await db.close()
    return Database.open(at, options)
  }
  return db
}

const scenarios = {
  /** Each method, then close in the same tick: the call came first, so it completes. */
  async before() {
    for (const [name, method] of Object.entries(asynchronous)) {
      const db = await open()
      const outcome = outcomeOf(() => method(db, other))
      const closed = outcomeOf(() => db.close())
      say(name, await outcome, await closed)
      say('reopened', await outcomeOf(async () => (await open(db.path)).close()))
    }
  },

  /** Close, then each method in the same tick. */
  async after() {
    const db = await open()
    const handles = {
      db,
      a: db.columnFamily('a'),
      sums: db.columnFamily('sums'),
      batch: db.batch(),
    }
    const at = [handles.a.cursor(), handles.a.entriesSync(), handles.a.entries(), db.snapshot()]
    const [cursor, rows, asyncRows, snapshot] = at
    rows.next()
    await asyncRows.next()
    for (const name of ['a', 'b', 'sums']) db.columnFamily(name)
    const closed = db.close()
    for (const [name, method] of Object.entries(asynchronous)) {
      say(name, await outcomeOf(() => method(db, other)))
    }
    for (const [name, method] of Object.entries(synchronous)) {
      say(name, await outcomeOf(async () => method(handles)))
    }
    say('cursor.next', await outcomeOf(async () => cursor.next(1)))
    say('cursor.seek', await outcomeOf(async () => cursor.seek('k')))
    await closed
    say('snapshot', await outcomeOf(async () => handles.a.getSync('k', { snapshot })))
    // Releasing what is already closed is no error.
    cursor.close()
    rows.return()
    await asyncRows.return()
    snapshot.release()
    say('closed', db.closed, db.path)
  },

  async cursors() {
    const db = await open()
    const a = db.columnFamily('a')
    const cursors = []
    for (let n = 0; n < 5000; n++) {
      const cursor = a.cursor()
      cursor.next(1)
      const rows = a.entriesSync()
      rows.next()
      cursors.push(cursor, rows)
    }
    const started = performance.now()
    await db.close()
    say('closed', cursors.length, performance.now() - started)
    say('next', await outcomeOf(async () => cursors[0].next(1)))
    say('reopened', await outcomeOf(async () => (await open(db.path)).close()))
  },

  async twice() {
    const db = await open()
    const first = db.close()
    say('at once', await outcomeOf(() => db.close()), db.closed)
    await first
    say('later', await outcomeOf(() => db.close()))
    say('on this thread', await outcomeOf(async () => db.closeSync()))
    const second = await open(db.path)
    const closing = second.close()
    second.closeSync()
    say('both', await outcomeOf(() => closing))
    await (await open(db.path))[Symbol.asyncDispose]()
  },

  /** Several overlapping openings and closings of one directory. */
  async opening() {
    const at = place()
    const openings = [1, 2, 3].map(() => open(at).then((db) => db))
    const [first, second, third] = await Promise.all(openings)
    await first.columnFamily('a').put('k', 'v')
    const again = open(at)
    const closed = Promise.all([first.close(), second.close(), third.close()])
    const fourth = await again
    await closed
    say('shared', (await fourth.columnFamily('a').get('k')).toString())
    // Close, open, close, open in one tick.
    const steps = [fourth.close(), open(at), open(at).then((db) => db.close()), open(at)]
    const [, fifth, , sixth] = await Promise.all(steps)
    say('reopened', (await fifth.columnFamily('a').get('k')).toString())
    await Promise.all([fifth.close(), sixth.close()])
    // The last one is still opening when the process ends.
    open(at).catch(() => {})
  },
}

main(scenarios[scenario])
