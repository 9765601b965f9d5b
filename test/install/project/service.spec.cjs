// Run by jest in the project: the package in jest's own realm and module registry.
const { mkdtempSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { Database, RocksDBError } = require('rocksdb-live')

test('stores and finds', async () => {
  const db = await Database.open(join(mkdtempSync(join(tmpdir(), 'rocksdb-live-jest-')), 'db'))
  await db.default.put(Buffer.from('key'), Buffer.from('value'))
  expect(await db.default.get(Buffer.from('key'))).toEqual(Buffer.from('value'))
  await db.close()
  await expect(db.default.get(Buffer.from('key'))).rejects.toBeInstanceOf(RocksDBError)
})
