// Checks what a kill has left, then writes batches over three families until it is killed.
const { Database, args, contentOf, keyOf, main, say } = require('./support.cjs')

const [path, mode, end] = args
const NAMES = ['x', 'y', 'z']
/** A batch deletes the rows of the batch this many before it. */
const KEPT = 100

const small = { rocksdb: { columnFamily: { write_buffer_size: 128 * 1024 } } }
const options = {
  columnFamilies: { x: small, y: small, z: small },
  tuning: mode === 'synced' ? {} : { walEnabled: false },
  // Nothing needs to be saved at exit here, and tiny files cause the most flushes.
}

/**
 * The number of the last batch in the database, -1 for none, and a problem if the state is not the
 * one right after a batch.
 */
function stateOf(families) {
  const rows = families.map((family) => [...family.entriesSync()])
  const top = rows[0].length === 0 ? -1 : Number(String(rows[0].at(-1)[0]).slice(3))
  const wrong = []
  for (const [index, name] of NAMES.entries()) {
    const first = Math.max(0, top - KEPT + 1)
    const expected = Array.from({ length: top - first + 1 }, (_, i) => first + i)
    const found = rows[index].map(([key]) => String(key))
    if (found.join() !== expected.map(keyOf).join()) wrong.push([name, 'keys', top, found.length])
    for (const [key, value] of rows[index]) {
      const number = Number(String(key).slice(3))
      if (String(value) !== contentOf(number, name)) wrong.push([name, 'value', number])
    }
  }
  return { top, wrong }
}

main(async () => {
  say('opening')
  const db = await Database.open(path, options)
  const families = NAMES.map((name) => db.columnFamily(name))
  const { top, wrong } = stateOf(families)
  say('state', top, wrong, db.recovery)
  if (end) return db.close()

  let next = top + 1
  const write = async () => {
    for (;;) {
      const number = next++
      const batch = db.batch()
      for (const [index, name] of NAMES.entries()) {
        batch.put(families[index], keyOf(number), contentOf(number, name))
        if (number >= KEPT) batch.delete(families[index], keyOf(number - KEPT))
      }
      await batch.write({ sync: mode === 'synced' })
      if (mode === 'synced') say('acknowledged', number)
      else await flushNow(number)
    }
  }
  const flushNow = async (number) => {
    if (number % 50 === 49) {
      await db.flush()
      // The batches before this one were written earlier.
      say('acknowledged', number)
    } else if (number % 10 === 9) await new Promise(setImmediate)
  }
  const compact = async () => {
    for (;;) for (const family of families) await db.compactRange(family)
  }
  await Promise.all([write(), write(), write(), write(), compact()])
})
