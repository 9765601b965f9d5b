// One process of bench:instructions: fills a database, or opens one, reads it into the block cache and does
// one row's operations.
import { createRequire } from 'node:module'
import { sep } from 'node:path'
import { fill, operations } from './operations.mjs'

const { folder, directory, row, count, keys } = JSON.parse(process.argv[2])
const { Database, versions } = createRequire(import.meta.url)(folder + sep)

const db = await Database.open(directory, {
  env: false,
  tuning: { compression: 'none', blockCacheMb: 256, bloomBitsPerKey: 10, writeBufferMb: 64 },
})
if (row === 'fill') {
  await fill(db, keys)
  console.log(versions.rocksdb)
} else {
  for (const page of db.default.pagesSync({})) page.count
  if (row !== 'nothing') operations[row]({ db, count, keys })
}
await db.close()
