// The smoke set: what a service does with the package, as one plain program, so that it runs wherever
// the package does. scripts/smoke.mjs puts it beside an installed package and starts it:
//
//   node main.cjs FOLDER           runs every check in FOLDER; prints one line of TAP for each
//   node main.cjs FOLDER hold      opens a database, writes `hold.ready`, stays until it is killed
//   node main.cjs FOLDER locked    checks that the database held cannot be opened
//   node main.cjs FOLDER recovered checks that what was acknowledged before the kill is there

const { mkdirSync, writeFileSync, writeSync } = require('node:fs')
const path = require('node:path')

const [folder, mode = 'run'] = process.argv.slice(2)
const held = path.join(folder, 'held')

let count = 0

async function check(name, work) {
  count += 1
  try {
    await work()
    writeSync(1, `ok ${count} - ${name}\n`)
  } catch (error) {
    process.exitCode = 1
    const detail = String(error?.stack ?? error).replaceAll('\n', '\n# ')
    writeSync(1, `not ok ${count} - ${name}\n# ${detail}\n`)
  }
}

async function runAll() {
  let failure
  try {
    require('rocksdb-live')
  } catch (error) {
    failure = error
  }
  await check('the package loads', () => {
    if (failure) throw failure
  })
  if (failure) return
  const { versions } = require('rocksdb-live')
  writeSync(1, `# ${process.platform}-${process.arch} ${JSON.stringify(versions)}\n`)
  const checks = { ...require('./basics.cjs'), ...require('./more.cjs') }
  for (const [name, work] of Object.entries(checks)) {
    const own = path.join(folder, `check-${count}`)
    mkdirSync(own, { recursive: true })
    await check(name, () => work(own))
  }
}

async function hold() {
  const { Database } = require('rocksdb-live')
  const db = await Database.open(held, { tuning: { walEnabled: true } })
  for (let index = 0; index < 1000; index += 1) db.default.putSync(`key ${index}`, `value ${index}`)
  await db.default.put('last', 'acknowledged', { sync: true })
  writeFileSync(path.join(folder, 'hold.ready'), '')
  setInterval(() => {}, 1000)
}

function locked() {
  return check('a database that another process has open is refused', async () => {
    const { Database } = require('rocksdb-live')
    const outcome = await Database.open(held).then(
      () => 'opened',
      (error) => error.code,
    )
    if (outcome !== 'ERR_LOCKED') throw new Error(`expected ERR_LOCKED, got ${outcome}`)
  })
}

function recovered() {
  return check('what was acknowledged is there after the process was killed', async () => {
    const { Database } = require('rocksdb-live')
    const db = await Database.open(held)
    const last = String(await db.default.get('last'))
    const rows = await db.default.count()
    await db.close()
    if (last !== 'acknowledged' || rows !== 1001) throw new Error(`${last}, ${rows} rows`)
  })
}

const modes = { run: runAll, hold, locked, recovered }
modes[mode]().then(() => {
  if (mode !== 'hold') writeSync(1, `1..${count}\n`)
})
