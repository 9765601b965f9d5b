/** Databases in memory. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Registry } from 'prom-client'
import { Database } from 'rocksdb-live'
import { collectMetrics } from 'rocksdb-live/metrics'
import { useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'

const dir = useTempDirectory()

let db: Database | undefined
afterEach(async () => {
  await db?.close()
  db = undefined
})

const open = async (name = 'test', options = {}) => {
  db = (await Database.open(Database.memory(name), options)) as unknown as Database
  return db
}

it('does all that one on a disk does, and nothing is on a disk', async () => {
  const here = readdirSync('.')
  process.chdir(join(dir('db'), '..'))
  try {
    const all = await open('test', {
      columnFamilies: { users: { key: 'utf8', value: 'json' } },
      rocksdb: { columnFamily: { enable_blob_files: 'true', min_blob_size: '1000' } },
    })
    const users = all.columnFamily('users') as never as {
      put(k: string, v: unknown): Promise<void>
    }
    await users.put('ada', { name: 'Ada', about: 'x'.repeat(5000) })
    for (let n = 0; n < 2000; n++) all.default.putSync(`key${n}`, 'value'.repeat(100))
    using before = all.snapshot()
    await all.default.clear({ prefix: 'key1' })
    await all.flush()
    await all.flushWAL({ sync: true })
    await all.default.put('synced', 'value', { sync: true })
    await all.default.delete('synced')
    await all.compactRange(all.default)
    const more = await all.createColumnFamily('more')
    await all.write([{ type: 'put', columnFamily: more, key: 'a', value: 'b' }])
    await all.dropColumnFamily('more')
    await all.setOptions({ blockCacheMb: 64 })
    expect(await all.default.count()).toBe(889)
    expect(await all.default.count({ snapshot: before })).toBe(2000)
    expect(all.path).toBe('memory:test')
    expect(all.recovery).toMatchObject({ created: true })
    expect([all.health, all.columnFamilies().sort()]).toEqual(['ok', ['default', 'users']])
    const registry = new Registry()
    collectMetrics(all, { register: registry })
    expect(await registry.metrics()).toContain('node_db')
    expect(readdirSync('.')).toEqual([])
  } finally {
    process.chdir(join(__dirname, '..', '..'))
  }
  expect(readdirSync('.')).toEqual(here)
  expect([existsSync('/memory:test'), existsSync('memory:test')]).toEqual([false, false])
})

it('is one for all that open its name, in every thread, and ends with the last', async () => {
  const first = await open('shared')
  await first.default.put('key', 'value')
  const program = `
    const { parentPort } = require('node:worker_threads')
    const { Database } = require(${JSON.stringify(join(__dirname, '../..'))})
    Database.open(Database.memory('shared')).then(async (db) => {
      parentPort.postMessage(String(await db.default.get('key')))
      await db.default.put('key', 'of the worker')
      await db.close()
    })`
  const worker = new Worker(program, { eval: true })
  const said = await new Promise((resolve) => worker.once('message', resolve))
  await new Promise((resolve) => worker.once('exit', resolve))
  expect(said).toBe('value')
  const second = await Database.open(Database.memory('shared'))
  const other = await Database.open(Database.memory('other'))
  await first.close()
  expect(String(await second.default.get('key'))).toBe('of the worker')
  expect(await other.default.get('key')).toBeUndefined()
  await other.close()
  await second.close()
  expect(await (await open('shared')).default.get('key')).toBeUndefined()
})

it('is opened again with tuning for families that it has, named or not', async () => {
  const env = { PQPRIV_DB_CF_USERS_COMPRESSION: 'lz4' }
  const first = await open('tuned', { env, strict: true, columnFamilies: { users: {} } })
  await first.createColumnFamily('later')
  const again = await Database.open(Database.memory('tuned'), { env, strict: true })
  expect(again.columnFamilies().sort()).toEqual(['default', 'later', 'users'])
  await again.close()
  const other = Database.open(Database.memory('none'), { env, strict: true })
  await expectRejection(other, 'ERR_INVALID_TUNING', "'USERS', which is not there")
})

it('says what it cannot do', async () => {
  const memory = await open()
  await expectRejection(memory.checkpoint(dir('copy')), 'ERR_NOT_SUPPORTED', 'in memory')
  expect(existsSync(dir('copy'))).toBe(false)
  const readOnly = Database.open(Database.memory('test'), { mode: 'read-only' })
  await expectRejection(readOnly, 'ERR_NOT_SUPPORTED', 'in memory')
  const again = Database.open(Database.memory('test'), { errorIfExists: true })
  await expectRejection(again, 'ERR_INVALID_ARGUMENT', 'errorIfExists')
  const missing = Database.open(Database.memory('none'), { createIfMissing: false })
  await expectRejection(missing, 'ERR_INVALID_ARGUMENT')
  for (const name of ['allow_mmap_reads', 'allow_mmap_writes']) {
    const mapped = Database.open(Database.memory('none'), { rocksdb: { db: { [name]: 'true' } } })
    await expectRejection(mapped, 'ERR_NOT_SUPPORTED', name)
  }
  await expectRejection(Database.destroy(Database.memory('test') as never), 'ERR_INVALID_ARG_TYPE')
  for (const name of [undefined, 5, '', 'a\0b', '\ud800']) {
    expect(() => Database.memory(name as never)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_INVALID_ARG_(TYPE|VALUE)$/) }),
    )
  }
})

it('is told apart by its name, not by a path of that name', async () => {
  await (await open('/tmp')).default.put('key', 'value')
  const odd = await Database.open(Database.memory('../a b/\u00e9'))
  expect(odd.path).toBe('memory:../a b/\u00e9')
  await odd.default.put('key', 'other')
  await odd.flush()
  expect(String(await odd.default.get('key'))).toBe('other')
  await odd.close()
})
