/** The block cache: both kinds, and systems that do not provide what one of them needs. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { openFresh, useTempDirectory } from '../support/database'
import { hasProgram, where } from '../support/tools'

const path = useTempDirectory()
const MIB = 2 ** 20

it('is a hyper-clock cache where nothing is said', async () => {
  const db = await openFresh()
  expect(db.tuning().options.blockCacheType).toMatchObject({
    value: 'hyper-clock',
    layer: 'preset',
    rocksdb: { inForce: 'hyper-clock' },
  })
})

it.each(['hyper-clock', 'lru'] as const)(
  '%s gives memory back when it is made smaller, though all reads are hits',
  async (blockCacheType) => {
    const db = await openFresh({
      tuning: { blockCacheType, blockCacheMb: 128, compression: 'lz4' },
    })
    const rows = 100000
    for (let row = 0; row < rows; row += 1000) {
      const batch = db.batch()
      for (let at = row; at < row + 1000; at++)
        batch.put(db.default, `key ${at}`, Buffer.alloc(1000, at))
      await batch.write()
    }
    await db.flush()
    const sum = async () => {
      let bytes = 0
      for await (const value of db.default.values()) bytes += value.length
      return bytes
    }
    const usage = () => Number(db.intProperty('rocksdb.block-cache-usage'))
    expect(await sum()).toBe(rows * 1000)
    expect(usage()).toBeGreaterThan(95 * MIB)
    await db.setOptions({ blockCacheMb: 64 })
    expect(usage()).toBeLessThanOrEqual(64 * MIB)
    await db.setOptions({ blockCacheMb: 128 })
    expect(await sum()).toBe(rows * 1000)
    expect(usage()).toBeGreaterThan(95 * MIB)
  },
)

const limits = where(hasProgram('prlimit', '--version'), 'no prlimit, address space is not limited')

limits('a process without the address space for it has an lru cache, and goes on', () => {
  const program = `
    const { execFileSync } = require('node:child_process')
    const { readFileSync } = require('node:fs')
    const { Database } = require(process.argv[1])
    const mapped = Number(/VmSize:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
    const most = (mapped + 1024 * 1024) * 1024
    execFileSync('prlimit', ['--pid', String(process.pid), '--as=' + most])
    Database.open(process.argv[2], { tuning: { blockCacheMb: 16384 } }).then(async (db) => {
      db.default.putSync('key', 'value')
      await db.flush()
      console.log(db.tuning().options.blockCacheType.rocksdb.inForce, String(db.default.getSync('key')))
      await db.close()
    })`
  const root = join(__dirname, '..', '..')
  const said = execFileSync(process.execPath, ['-e', program, root, path('db')], {
    encoding: 'utf8',
  })
  expect(said.trim()).toBe('lru value')
})
