/**
 * Looks at what a kill has left, then writes synced batches, several at a time, beside flushes, compactions, families
 * that come and go and checkpoints, until it is killed. It prints lines of JSON.
 */
const fs = require('node:fs')
const { batchOf, Database, optionsOf, stateOf } = require('./rows.cjs')

/** How it goes: 'end' looks only, 'unsynced' leaves it to the system when rows reach the disk. */
const [path, mode] = process.argv.slice(2)
const LANES = 4

/** Synchronously, so that it is said whatever happens next. */
const say = (...line) => fs.writeSync(1, `${JSON.stringify(line)}\n`)

async function write(db, from) {
  let next = from
  const lane = async () => {
    for (;;) {
      const number = next++
      await batchOf(db, number).write({ sync: mode !== 'unsynced' })
      say('acknowledged', number)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

async function disturb(db) {
  for (let turn = 0; ; turn++) {
    await db.flush()
    for (const name of ['a', 'b', 'sums', 'blobs']) await db.compactRange(name)
    const extra = await db.createColumnFamily('extra')
    await extra.put('row', 'value')
    await db.checkpoint(`${path}-copy${turn}`)
    await db.dropColumnFamily('extra')
    fs.rmSync(`${path}-copy${turn}`, { recursive: true })
  }
}

async function main() {
  say('opening')
  const db = await Database.open(path, optionsOf()).catch((error) => {
    say('failed to open', `${error.code} ${error.message}`)
    throw error
  })
  if (db.columnFamilies().includes('extra')) await db.dropColumnFamily('extra')
  const { numbers, wrong } = stateOf(db)
  const top = numbers.at(-1) ?? -1
  if (numbers.length !== top + 1)
    wrong.push(`${numbers.length} batches up to ${top}: not a beginning`)
  say('state', top, wrong)
  if (mode === 'end') return db.close()
  for (const name of fs.readdirSync(`${path}/..`)) {
    if (name.includes('-copy')) fs.rmSync(`${path}/../${name}`, { recursive: true, force: true })
  }
  await Promise.all([write(db, top + 1), disturb(db)])
}

main().catch((error) => {
  process.nextTick(() => {
    throw error
  })
})
