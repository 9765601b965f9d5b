/** How what is on its way ends when a replica follows, drains or closes; and other threads. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Database } from 'rocksdb-live'
import { partsOf } from '../../lib/open-database'
import { gate, outcome, type TestNode, useNodes } from '../support/replica'

const { path, log, node } = useNodes()
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** One write that was taken, one that is queued, and one that is still behind the bound. */
async function inEveryState(one: TestNode): Promise<Promise<unknown>[]> {
  const writes = [outcome(one.db.default.put('taken', '1'))]
  expect((await one.next()).length).toBe(1)
  writes.push(outcome(one.db.default.put('queued', '1')))
  while (one.state.queued < 1) await turn()
  return writes
}

describe('what is on its way', () => {
  it('is applied before following, where the log has it', async () => {
    const one = await node('one')
    await one.begin()
    const write = one.db.default.put('a', '1')
    const taken = await one.next()
    const other = outcome(one.db.default.put('b', '1'))
    while (one.state.queued < 1) await turn()
    one.publish(taken)
    await one.follow()
    expect(one.position).toMatchObject({ sequence: 2, ordinal: 1 })
    await write
    expect(await other).toEqual(['ERR_NOT_WRITER', 'notApplied'])
  })

  it('is unknown after following, where it was taken; and comes from the log', async () => {
    const one = await node('one')
    await one.begin()
    const writes = await inEveryState(one)
    await one.follow()
    expect(await Promise.all(writes)).toEqual([
      ['ERR_NOT_WRITER', 'unknown'],
      ['ERR_NOT_WRITER', 'notApplied'],
    ])
    // A late word changes nothing.
    one.session.replicaLogged(1, 2)
    expect(await one.db.default.get('taken')).toBeUndefined()
  })

  it('ends with the owner', async () => {
    const one = await node('one')
    await one.begin()
    const writes = await inEveryState(one)
    await one.db.close()
    expect(await Promise.all(writes)).toEqual([
      ['ERR_CLOSED', 'unknown'],
      ['ERR_CLOSED', 'notApplied'],
    ])
    const two = await node('two')
    await two.begin()
    const waiting = two.next()
    await two.db.close()
    expect(await waiting).toEqual([])
  })

  it('ends with the owner also where that closes on this thread', async () => {
    const one = await node('one')
    const other = await Database.open(path('one'))
    await one.begin()
    const writes = await inEveryState(one)
    const more = outcome(other.default.put('of another session', '1'))
    const clear = outcome(other.default.clear())
    while (one.state.queued < 2) await turn()
    one.db.closeSync()
    expect(await Promise.all([...writes, more])).toEqual([
      ['ERR_CLOSED', 'unknown'],
      ['ERR_CLOSED', 'notApplied'],
      ['ERR_CLOSED', 'notApplied'],
    ])
    expect(await clear).toEqual(['ERR_NOT_WRITER', 'notApplied'])
    expect(await outcome(other.default.put('a', '1'))).toEqual(['ERR_NOT_WRITER', 'notApplied'])
    other.closeSync()
  })

  it('is not waited for by another session that closes on the owner’s thread', async () => {
    const one = await node('one')
    const other = await Database.open(path('one'))
    await one.begin()
    const write = other.default.put('a', '1')
    const taken = await one.next()
    other.closeSync()
    other.closeSync()
    one.publish(taken)
    await write
    expect(String(await one.db.default.get('a'))).toBe('1')
    const late = await Database.open(path('one'))
    const second = late.default.put('b', '1')
    const closing = late.close()
    late.closeSync()
    one.publish(await one.next())
    await Promise.all([second, closing])
  })

  it('is waited for by another session that closes', async () => {
    const one = await node('one')
    const other = await Database.open(path('one'))
    await one.write()
    const hold = gate()
    one.delay = () => hold.promise
    const write = other.default.put('a', '1')
    let closed = false
    const closing = other.close().then(() => {
      closed = true
    })
    for (let n = 0; n < 20; n++) await turn()
    expect(closed).toBe(false)
    hold.open()
    await Promise.all([write, closing])
  })

  it('is taken to its end by a drain', async () => {
    const one = await node('one')
    await one.begin()
    const write = one.db.default.put('a', '1')
    while (one.state.queued < 1) await turn()
    one.session.replicaDrain('it hands over')
    await expect(one.db.default.put('b', '1')).rejects.toThrow('it hands over')
    one.publish(await one.next())
    await write
    expect(await one.next()).toEqual([])
    await one.follow()
  })

  it('ends a wait for more', async () => {
    const one = await node('one')
    await one.begin()
    const waiting = one.next()
    await expect(one.next()).rejects.toMatchObject({ code: 'ERR_BUSY' })
    one.session.replicaCancel()
    expect(await waiting).toEqual([])
    const again = one.next()
    await one.follow()
    expect(await again).toEqual([])
  })
})

describe('a write that the log has and that cannot be applied', () => {
  it('stops what follows it, and tells the owner', async () => {
    const columnFamilies = { sums: { mergeOperator: 'uint64add' } } as const
    const one = await node('one')
    const two = await node('two', { columnFamilies })
    await one.write()
    await one.db.createColumnFamily('sums', { mergeOperator: 'max' })
    await one.db.default.put('a', '1')
    await expect(two.catchUp()).rejects.toMatchObject({
      code: 'ERR_OPTIONS_MISMATCH',
      message: expect.stringMatching(/"sums".*max.*uint64add/),
    })
    expect(two.position).toMatchObject({ sequence: 1 })
    expect(await two.db.default.get('a')).toBeUndefined()
  })
})

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const { Database } = require(workerData.main)
const { path, name, rows } = workerData
const work = async () => {
  const db = await Database.open(path)
  const writes = []
  for (let n = 0; n < rows; n++) writes.push(db.default.put(name + n, 'v'))
  await Promise.all(writes)
  await db.transaction(async (tx) => {
    const count = Number((await tx.get(db.default, 'count')) ?? 0)
    tx.put(db.default, 'count', String(count + rows))
  }, { maxRetries: 1000 })
  await db.close()
}
work().then(() => parentPort.postMessage('done'), (error) => parentPort.postMessage(String(error)))
`

function worker(name: string, rows: number): Worker {
  const main = join(__dirname, '../../dist')
  const workerData = { main, path: path('one'), name, rows }
  return new Worker(PROGRAM, { eval: true, workerData })
}

const said = (from: Worker) =>
  new Promise((resolve, reject) => from.once('message', resolve).once('error', reject))

describe('workers', () => {
  it('write through the queue of the thread that owns it', async () => {
    const one = await node('one')
    const two = await node('two')
    await one.write()
    const workers = [worker('a', 500), worker('b', 500)]
    expect(await Promise.all(workers.map(said))).toEqual(['done', 'done'])
    await Promise.all(workers.map((each) => each.terminate()))
    expect(await one.db.default.count()).toBe(1001)
    expect(String(await one.db.default.get('count'))).toBe('1000')
    await two.catchUp()
    expect(await two.db.default.count()).toBe(1001)
    expect(two.position).toEqual(one.position)
  }, 60_000)

  it('may be terminated with writes on their way', async () => {
    const one = await node('one')
    await one.write()
    for (let round = 0; round < 5; round++) {
      const one = worker(`${round} `, 20_000)
      await new Promise((resolve) => one.once('online', resolve))
      await new Promise((resolve) => setTimeout(resolve, round * 40))
      await one.terminate()
    }
    await one.db.default.put('after', '1')
    expect(log().records.length).toBeGreaterThan(1)
  }, 60_000)

  it('that own the replica may be terminated', async () => {
    const program = `
const { workerData } = require('node:worker_threads')
const { openAsReplica } = require(workerData.main + '/database')
const { partsOf } = require(workerData.main + '/open-database')
openAsReplica(workerData.path).then((db) => {
  const { session } = partsOf(db).connection
  session.replicaLog('00000000000000a1')
  session.replicaWrite(1, 0, false, 1000, 1000)
  require('node:worker_threads').parentPort.postMessage('writes')
  setInterval(() => {}, 1000)
})`
    const workerData = { main: join(__dirname, '../../dist'), path: path('owned') }
    const owner = new Worker(program, { eval: true, workerData })
    expect(await said(owner)).toBe('writes')
    const other = await Database.open(path('owned'))
    const write = outcome(other.default.put('a', '1'))
    const many = outcome(other.default.clear())
    await turn()
    await owner.terminate()
    expect(((await write) as string[])[0]).toMatch(/ERR_CLOSED|ERR_NOT_WRITER/)
    expect(await many).toEqual(['ERR_NOT_WRITER', 'notApplied'])
    await other.close()
    expect(partsOf(other).connection.closed).toBe(true)
  }, 60_000)
})

describe('a process that owns a replica', () => {
  it.each([
    ['exit', 3],
    ['throw', 1],
    ['local', 3],
    ['close', 0],
  ])(
    'ends with writes of several threads on their way: %s',
    async (kind, code) => {
      const program = join(__dirname, 'programs', 'replica-exit.cjs')
      const child = spawn(process.execPath, [program, path('db'), kind])
      let text = ''
      child.stdout.on('data', (more) => {
        text += more
      })
      const [ended, signal] = await once(child, 'close')
      expect({ ended, signal }).toEqual({ ended: code, signal: null })
      if (kind === 'close') expect(text).toMatch(/closed/)
      // What was not in the log is not there.
      await using db = await Database.open(path('db'), { mode: 'read-only' })
      if (kind !== 'local') expect(await db.default.count()).toBe(0)
      expect(db.columnFamilies()).toEqual(['default'])
    },
    60_000,
  )
})
