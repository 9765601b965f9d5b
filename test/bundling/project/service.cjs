// A small service: prints what it has written and by which RocksDB, or the error from loading.
const { mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

async function serve() {
  const { Database, versions } = require('rocksdb-live')
  const folder = mkdtempSync(join(tmpdir(), 'rocksdb-live-bundled-'))
  try {
    const db = await Database.open(join(folder, 'db'))
    await db.default.put(Buffer.from('key'), Buffer.from('value'))
    const read = await db.default.get(Buffer.from('key'))
    await db.close()
    return { read: String(read), versions }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

serve()
  .catch(({ code, message }) => ({ code, message }))
  .then((result) => console.log(JSON.stringify(result)))
