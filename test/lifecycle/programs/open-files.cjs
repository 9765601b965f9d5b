// Opens several databases in a process that may have few descriptors.
const fs = require('node:fs')
const { Database, args, keyOf, main, say } = require('./support.cjs')

const [path, scenario] = args
const open = (name, options) => Database.open(`${path}/${name}`, { env: false, ...options })
const filesOf = (...all) => all.map((db) => db.tuning().options.maxOpenFiles)
const shares = (...all) => say('shares', ...filesOf(...all).map(({ value }) => value))

const scenarios = {
  /** Each database's share of the files, as databases open and close. */
  async shares() {
    const a = await open('a')
    shares(a)
    say('entry', filesOf(a)[0])
    const b = await open('b')
    shares(a, b)
    const [c, d] = await Promise.all([open('c'), open('d')])
    shares(a, b, c, d)
    await c.setOptions({ maxOpenFiles: 100 })
    shares(a, b, c, d)
    await c.setOptions({ maxOpenFiles: 'auto' })
    shares(a, b, c, d)
    await Promise.all([b.close(), c.close()])
    shares(a, d)
    const fixed = await open('b', { tuning: { maxOpenFiles: 64 } })
    shares(a, d, fixed)
    const reader = await open('c', { mode: 'read-only' })
    shares(a, d, fixed, reader)
    await Promise.all([a.close(), fixed.close(), reader.close()])
    shares(d)
    const failed = await open('d/none', { createIfMissing: false }).catch(({ code }) => code)
    say('failed', failed)
    shares(d)
    await d.close()
  },

  /** More tables in total than the process may have open. */
  async tables() {
    const rocksdb = {
      columnFamily: {
        disable_auto_compactions: true,
        level0_slowdown_writes_trigger: 1000,
        level0_stop_writes_trigger: 1000,
      },
    }
    const all = await Promise.all(['a', 'b', 'c', 'd'].map((name) => open(name, { rocksdb })))
    for (let n = 0; n < 130; n++) {
      await Promise.all(
        all.map(async (db) => {
          await db.default.put(keyOf(n), 'value')
          await db.flush()
        }),
      )
    }
    let rows = 0
    for (const db of all) rows += await db.default.count()
    const descriptors = fs.readdirSync('/proc/self/fd').length
    say(
      'rows',
      rows,
      descriptors,
      all.map((db) => db.health),
    )
    await Promise.all(all.map((db) => db.close()))
  },
}

main(scenarios[scenario])
