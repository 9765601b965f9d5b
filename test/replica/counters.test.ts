/** Counters of replicas: nodes add up what the log has, whoever incremented, and whatever it lost meanwhile. */
import { type CounterFamily, counter } from 'rocksdb-live'
import { openReplica, type Replica, type ReplicaOptions } from 'rocksdb-live/replica'
import { track, useTempDirectory } from '../support/database'
import { expectRejection } from '../support/expectations'
import { MemoryLog } from '../support/memory-log'
import { MemoryStore } from '../support/memory-store'
import { becomes, caughtUp } from './support'

const path = useTempDirectory()

const COUNTERS = { n: { key: 'utf8', value: counter() } } as const
const MAX = 2n ** 63n - 1n

type Node = Replica<typeof COUNTERS>

async function open(
  store: MemoryStore,
  name: string,
  options: Partial<ReplicaOptions<typeof COUNTERS>> = {},
): Promise<Node> {
  return track(
    await openReplica(path(name), {
      log: new MemoryLog(store),
      node: name,
      url: `http://${name}`,
      heartbeatMs: 20,
      columnFamilies: COUNTERS,
      ...options,
    }),
  )
}

describe.each(['replicated', 'local'] as const)('counters with commit: %s', (commit) => {
  test('add up on every node, overflow on every node, and survive a takeover', async () => {
    const store = new MemoryStore(`counters ${commit}`)
    const writer = await open(store, 'a', { commit })
    await becomes(writer, 'writer')
    const follower = await open(store, 'b', { commit })
    const n = writer.db.columnFamily('n')
    await Promise.all(Array.from({ length: 100 }, () => n.increment('k', 2n)))
    await writer.db.batch().increment(n, 'batch', -1n).write()
    await writer.db.transaction((tx) => {
      tx.increment(n, 'k', -100n)
      expect(tx.getSync(n, 'k')).toBe(100n)
    })
    await caughtUp(follower, writer)
    const there: CounterFamily<string> = follower.db.columnFamily('n')
    expect(await there.getMany(['k', 'batch'])).toEqual([100n, -1n])
    await expectRejection(there.increment('k'), 'ERR_NOT_WRITER')
    await n.increment('k', MAX)
    await caughtUp(follower, writer)
    await expectRejection(there.get('k'), 'ERR_OUT_OF_RANGE')
    await writer.close()
    await becomes(follower, 'writer')
    await there.increment('k', -MAX)
    expect(await there.get('k')).toBe(100n)
    const again = await open(store, 'c', { commit })
    await caughtUp(again, follower)
    expect(await again.db.columnFamily('n').get('k')).toBe(100n)
  })

  test('are made on every node, and a node that has another operator is told', async () => {
    const store = new MemoryStore(`made ${commit}`)
    const writer = await open(store, 'a', { commit })
    await becomes(writer, 'writer')
    const follower = await open(store, 'b', { commit })
    const made = await writer.db.createColumnFamily('m', COUNTERS.n)
    await made.increment('k', 3n)
    await caughtUp(follower, writer)
    expect(await follower.db.columnFamily('m', COUNTERS.n).get('k')).toBe(3n)
    const other = { n: { key: 'utf8', mergeOperator: 'uint64add' } } as never
    const opened = await open(store, 'c', {
      commit,
      role: 'follower',
      columnFamilies: other,
    }).catch((error) => error)
    expect(opened).toMatchObject({ code: 'ERR_OPTIONS_MISMATCH' })
    expect(opened.message).toMatch(
      /uint64add.*rocksdb-live\.counter|rocksdb-live\.counter.*uint64add/s,
    )
  })
})
