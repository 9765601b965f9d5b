// What readers cost, by the number of files: `npm run bench:readers -- 10 1000 10000`. Of a database
// whose tables are tiny, so that it is the files that are measured and not the rows.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from '../../dist/index.js'

/** A compaction makes a file of two rows. */
const options = {
  env: false,
  tuning: { compression: 'none' },
  rocksdb: { columnFamily: { target_file_size_base: 1, disable_auto_compactions: true } },
}

async function time(what, repeats, work) {
  const begin = performance.now()
  for (let i = 0; i < repeats; i++) await work(i)
  const each = (performance.now() - begin) / repeats
  console.log(`  ${what.padEnd(28)}${each.toFixed(1).padStart(9)} ms`)
}

async function measure(directory, files) {
  const path = join(directory, 'db')
  const secondary = { secondary: join(directory, 'secondary') }
  const few = { ...options, tuning: { ...options.tuning, maxOpenFiles: 64 } }
  const primary = await Database.open(path, few) // the descriptors are the reader's
  for (let i = 0; i < 2 * files; i++) primary.default.putSync(`key${i}`, 'v'.repeat(5000))
  await primary.flush()
  await primary.compactRange('default', undefined, { bottommost: true })
  const found = readdirSync(path).filter((name) => name.endsWith('.sst')).length
  console.log(`${found} files`)
  await time('open read-only, and close', 3, async () => {
    await (await Database.open(path, { ...options, mode: 'read-only' })).close()
  })
  const reader = await Database.open(path, { ...options, mode: secondary })
  await time('catchUp, nothing is new', 20, () => reader.catchUp())
  await time('catchUp after a put', 20, async (i) => {
    primary.default.putSync('key', String(i))
    await reader.catchUp()
  })
  await time('flush and catchUp', 10, async (i) => {
    primary.default.putSync('key', String(i))
    await primary.flush()
    await reader.catchUp()
  })
  await reader.close()
  await primary.close()
}

for (const files of process.argv.slice(2).map(Number)) {
  const directory = mkdtempSync(join(tmpdir(), 'rocksdb-live-readers-'))
  try {
    await measure(directory, files)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
