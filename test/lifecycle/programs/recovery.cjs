// Fills a database and waits to be killed; or opens a damaged one and prints its content.
const { Database, args, contentOf, keyOf, main, say } = require('./support.cjs')

const [path, scenario, options] = args
const ROWS = 300

const scenarios = {
  /**
   * Writes 300 records to the WAL; `flush` names families whose first half is flushed to tables.
   */
  async fill() {
    const db = await Database.open(path, { columnFamilies: { a: {}, b: {} } })
    for (let n = 0; n < ROWS; n++) {
      const batch = db.batch()
      for (const name of ['a', 'b']) batch.put(db.columnFamily(name), keyOf(n), contentOf(n, name))
      batch.writeSync({ sync: n === ROWS - 1 })
      if (n === ROWS / 2) for (const name of options.flush) await db.flush(name)
    }
    say('filled')
    for await (const _ of process.stdin);
  },

  async open() {
    let db
    try {
      db = await Database.open(path, options)
    } catch (error) {
      say('failed', error.code, error.message)
      return
    }
    const numbers = []
    const wrong = []
    for (const name of ['a', 'b'].filter((name) => db.columnFamilies().includes(name))) {
      const found = []
      for (const [key, value] of db.columnFamily(name).entriesSync()) {
        found.push(Number(String(key).slice(3)))
        if (String(value) !== contentOf(found.at(-1), name)) wrong.push([name, String(key)])
      }
      numbers.push(found)
    }
    say('opened', numbers, wrong, db.recovery)
    await db.close()
  },
}

main(scenarios[scenario])
