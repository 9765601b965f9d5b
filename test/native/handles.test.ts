/**
 * What tools report that look for what keeps a process running: jest's --detectOpenHandles, through
 * async_hooks.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(__dirname, '../..')

const PROGRAM = `
  const { createHook } = require('node:async_hooks')
  const seen = []
  const init = (id, type, trigger, resource) => type === 'rocksdb-live' && seen.push(resource)
  createHook({ init }).enable()
  const { Database } = require(${JSON.stringify(root)})
  const held = () => seen.map((resource) => resource.hasRef())
  Database.open(Database.memory('test')).then(async (db) => {
    const idle = held()
    const flushing = db.flush()
    const busy = held()
    await flushing
    await db.close()
    console.log(JSON.stringify({ idle, busy, closed: held() }))
  })`

it('holds the process while work is under way, and says so', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', PROGRAM], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual({ idle: [false], busy: [true], closed: [false] })
})
