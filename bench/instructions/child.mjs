// One process of bench:instructions: fills a database, or opens one, reads it into the block cache and does
// one row's operations.
import { createRequire } from 'node:module'
import { sep } from 'node:path'
import { fill, fillTuples, operations } from './operations.mjs'

const { folder, directory, row, count, keys } = JSON.parse(process.argv[2])
const { Database, tuple, versions } = createRequire(import.meta.url)(folder + sep)

const db = await Database.open(directory, {
  env: false,
  tuning: { compression: 'none', blockCacheMb: 256, bloomBitsPerKey: 10, writeBufferMb: 64 },
})
if (row === 'fill') {
  await fill(db, keys)
  await fillTuples(db, tuple, keys)
  console.log(versions.rocksdb)
} else {
  const tuples = tuple && db.columnFamily('tuples', { key: tuple('utf8', 'uint64') })
  for (const family of [db.default, ...(tuples ? [tuples] : [])]) {
    for (const page of family.pagesSync({})) page.count
  }
  if (row !== 'nothing') operations[row]({ db, tuples, count, keys })
}
await db.close()
