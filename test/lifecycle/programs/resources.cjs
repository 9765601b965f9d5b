// The process's resources: descriptors, threads, mappings, memory. None of them may grow.
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const support = require('./support.cjs')

const { Database, beBusy, families, keyOf, main, say, until } = support
const [directory, scenario] = support.args

const descriptors = () => fs.readdirSync('/proc/self/fd').length
const threads = () => fs.readdirSync('/proc/self/task').length
const mappings = () => fs.readFileSync('/proc/self/maps', 'utf8').split('\n').length
const place = (name) => path.join(directory, String(name))

async function open(at) {
  const db = await Database.open(at, { columnFamilies: families, tuning: { blockCacheMb: 64 } })
  await db.columnFamily('a').put(keyOf(1), 'value')
  return db
}

const scenarios = {
  async 'open and close'() {
    const cycle = async (number) => {
      const db = await open(place('db'))
      db.columnFamily('a').cursor().next(1)
      db.snapshot()
      if (number % 10 === 0) await db.flush()
      if (number % 2 === 0) await db.close()
      else db.closeSync()
    }
    const counts = []
    for (let n = 0; n < 220; n++) {
      await cycle(n)
      global.gc()
      counts.push([descriptors(), threads(), mappings()])
    }
    for (const [index, name] of ['descriptors', 'threads', 'mappings'].entries()) {
      say(name, counts[20][index], counts[219][index])
    }
  },

  /** Never closed, and released in every order. */
  async collected() {
    const orders = [
      ['db', 'family', 'cursor', 'rows', 'snapshot', 'batch'],
      ['batch', 'snapshot', 'rows', 'cursor', 'family', 'db'],
      ['cursor', 'db', 'snapshot', 'family', 'rows', 'batch'],
    ]
    await (await open(place('warm'))).close()
    const before = [descriptors(), threads()]
    for (let n = 0; n < 12; n++) {
      const held = await openAndHold(place(n % 4))
      for (const name of orders[n % orders.length]) {
        delete held[name]
        global.gc()
      }
    }
    await until('collected', () => {
      global.gc()
      return descriptors() === before[0] && threads() <= before[1]
    })
    say('collected', descriptors() - before[0])
    // Opened with other options, which shows that they were closed, not shared.
    for (let n = 0; n < 4; n++) {
      const db = await Database.open(place(n), { tuning: { blockCacheMb: 65 } })
      say('value', db.columnFamily('a').getSync(keyOf(1)).toString())
      await db.close()
    }
  },

  /** A database without references stays open while it has work in progress. */
  async 'collected while busy'() {
    const counts = []
    for (let n = 0; n < 10; n++) {
      const db = await open(place(n))
      const { work } = beBusy(db, n)
      counts.push(work.length)
      global.gc()
    }
    const work = beBusy(await open(place('last')), 0).work
    global.gc()
    const settled = await Promise.allSettled(work)
    say('settled', settled.filter(({ status }) => status === 'fulfilled').length)
  },

  async inherited() {
    const db = await open(place('db'))
    await db.flush()
    beBusy(db, 1)
    const script = `
      for (const name of require('fs').readdirSync('/proc/self/fd')) {
        try { console.log(require('fs').readlinkSync('/proc/self/fd/' + name)) } catch {}
      }`
    const own = fs.readdirSync('/proc/self/fd').map((name) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${name}`)
      } catch {
        return ''
      }
    })
    const child = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
    const inside = (files) => files.filter((file) => file.startsWith(db.path)).length
    say('own', inside(own))
    say('inherited', child.status, inside(child.stdout.split('\n')))
    await db.close()
  },
}

async function openAndHold(at) {
  const db = await open(at)
  const family = db.columnFamily('a')
  const rows = family.entries()
  await rows.next()
  const cursor = family.cursor()
  const batch = db.batch().put(family, 'k', 'v')
  return { db, family, rows, cursor, batch, snapshot: db.snapshot() }
}

main(scenarios[scenario])
