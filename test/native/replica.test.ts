/** What a replica's queue does with writes, seen from the boundary; the log is in this test. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryLog, TestNode } from '../support/replica'

let directory: string
let log: MemoryLog
const open: TestNode[] = []

async function node(name: string, options = {}): Promise<TestNode> {
  const opened = await TestNode.open(join(directory, name), log, options)
  open.push(opened)
  return opened
}

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'rocksdb-live-')))
  log = new MemoryLog()
})
afterEach(async () => {
  for (const each of open.splice(0)) await each.db.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('a write on a replica', () => {
  it('is there once it is in the log, and not before', async () => {
    const one = await node('one')
    await one.begin()
    const written = one.db.default.put('a', '1')
    const proposals = await one.next()
    expect(proposals.map(({ ordinal }) => ordinal)).toEqual([1])
    expect(await one.db.default.get('a')).toBeUndefined()
    one.publish(proposals)
    await written
    expect(String(await one.db.default.get('a'))).toBe('1')
    expect(one.position).toEqual({ logId: '00000000000000a1', epoch: 1, sequence: 2, ordinal: 1 })
  })

  it('is applied by followers', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.write()
    await one.db.createColumnFamily('users')
    await Promise.all([
      one.db.columnFamily<string, string>('users').put('a', '1'),
      one.db.default.put('b', '2'),
    ])
    await two.catchUp()
    expect(String(await two.db.columnFamily('users').get('a'))).toBe('1')
    expect(String(await two.db.default.get('b'))).toBe('2')
    expect(two.position).toEqual(one.position)
    expect(two.db.columnFamilies().sort()).toEqual(['default', 'users'])
  })
})
