// A writer that never rests: tiny write buffers, flushes of single families, compactions, and a
// restart now and then. The content of the database is a function of one number, which both
// families contain; a file tells how far it has certainly come.
const fs = require('node:fs')
const { Database, args, main, randomOf, say } = require('./support.cjs')

const [directory, progress, options, rows = 300] = args

const tiny = {
  write_buffer_size: 64 * 1024,
  target_file_size_base: 32 * 1024,
  level0_file_num_compaction_trigger: 2,
  max_bytes_for_level_base: 128 * 1024,
}

main(async () => {
  const random = randomOf(7)
  const file = fs.openSync(progress, 'w')
  const settings = {
    ...options,
    columnFamilies: { a: {}, b: {} },
    rocksdb: { ...options.rocksdb, columnFamily: { ...tiny, ...options.rocksdb?.columnFamily } },
  }
  let db = await Database.open(directory, settings)
  let ending = false
  process.stdin.on('end', () => (ending = true)).resume()
  for (let n = 1; !ending; n++) {
    const [a, b] = [db.columnFamily('a'), db.columnFamily('b')]
    const batch = db.batch()
    for (const family of [a, b]) {
      batch.put(family, 'n', String(n))
      batch.put(family, `row${n % rows}`, `${n}:`.padEnd(300, String(n)))
      batch.delete(family, `row${(n + Math.floor(rows / 2)) % rows}`)
    }
    batch.writeSync()
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(n)
    fs.writeSync(file, bytes, 0, 8, 0)
    const chance = random(1000)
    if (chance < 60) await db.flush(chance % 2 === 0 ? a : b)
    else if (chance < 65)
      await db.compactRange(chance % 2 === 0 ? a : b, undefined, { bottommost: true })
    else if (chance < 67 && n > 1000) {
      await db.close()
      db = await Database.open(directory, settings)
    }
    if (n === 500) say('busy')
    if (n % 100 === 0) await new Promise(setImmediate)
  }
  await db.close()
})
