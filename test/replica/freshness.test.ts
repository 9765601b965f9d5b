/** Faults of clocks, and of targets that do not answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openReplica } from 'rocksdb-live/replica'
import { track } from '../support/database'
import { MemoryLog } from '../support/memory-log'
import { becomes, caughtUp, FAMILIES, type Node, until, useFleet } from './support'

const nodes = useFleet()

async function fill(node: Node, count: number, prefix = 'key'): Promise<void> {
  const users = node.db.columnFamily('users')
  for (let i = 0; i < count; i++) await users.put(`${prefix} ${i}`, `${i}`)
}

test('a node that is cut off is stale, though the clock of the log went back by an hour', async () => {
  const { fleet } = nodes
  fleet.store.clockSkewMs = 3_600_000
  const writer = await fleet.open(0)
  const other = await fleet.open(1, { role: 'follower' })
  await fill(writer, 3)
  await caughtUp(other, writer)
  // Another server leads the stream.
  fleet.store.clockSkewMs = 0
  await sleep(1500)
  await fill(writer, 3)
  await caughtUp(other, writer)
  ;(fleet.logs[1] as MemoryLog).cut()
  await writer.db.columnFamily('users').put('key 1', 'new')
  await sleep(1000)
  const read = await other.get('users', 'key 1', { maxStalenessMs: 300 }).then(
    (row) => row,
    (error) => error.code,
  )
  expect({ read, staleness: other.status().stalenessMs >= 900 }).toEqual({
    read: 'ERR_STALE',
    staleness: true,
  })
})

/** The fleet's target, of which what is written hangs from now on. */
function hanging(fleet: { target: object }) {
  const state = { hangs: false, asked: 0, end: (_: Error) => {} }
  const never = new Promise((_, reject) => {
    state.end = reject
  })
  never.catch(() => {})
  const target = new Proxy(fleet.target, {
    get(all, name) {
      const value = Reflect.get(all, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (!state.hangs) return value.apply(all, args)
        state.asked++
        return never
      }
    },
  })
  return { target, state }
}

test('a writer whose snapshot hangs follows again once it is fenced, and closes', async () => {
  const { fleet } = nodes
  const { target, state } = hanging(fleet)
  const first = track(
    await openReplica(fleet.path(0), {
      log: new MemoryLog(fleet.store),
      node: 'node-0',
      leaseMs: 500,
      heartbeatMs: 20,
      snapshots: target as never,
      columnFamilies: FAMILIES,
    }),
  ) as Node
  await fill(first, 3)
  await first.snapshot()
  const second = await fleet.open(1, { leaseMs: 500 })
  await caughtUp(second, first)
  state.hangs = true
  const making = first.snapshot().catch((error) => error.code)
  await until(() => state.asked > 0)
  await first.stepDown()
  await becomes(second, 'writer')
  await fill(second, 3, 'later')
  const caught = await first.waitFor(second.token(), { timeoutMs: 3000 }).then(
    () => 'caught up',
    (error) => error.code,
  )
  const closed = await Promise.race([first.close().then(() => 'closed'), sleep(3000, 'never')])
  state.end(new Error('gone'))
  await making
  await first.close()
  expect({ caught, closed }).toEqual({ caught: 'caught up', closed: 'closed' })
})

test('a node of which a bootstrap hangs can be closed', async () => {
  const { fleet } = nodes
  const { target, state } = hanging(fleet)
  const writer = await fleet.open(0, { snapshots: true })
  const log = new MemoryLog(fleet.store)
  const other = track(
    await openReplica(fleet.path(1), {
      log,
      node: 'node-1',
      role: 'follower',
      heartbeatMs: 20,
      snapshots: target as never,
      columnFamilies: FAMILIES,
    }),
  ) as Node
  await fill(writer, 3)
  await caughtUp(other, writer)
  log.cut()
  for (let i = 0; i < 3; i++) {
    await fill(writer, 10, `t${i}`)
    await writer.snapshot()
  }
  state.hangs = true
  log.heal()
  await until(() => state.asked > 0)
  const closed = await Promise.race([other.close().then(() => 'closed'), sleep(3000, 'never')])
  state.end(new Error('gone'))
  await other.close()
  expect(closed).toBe('closed')
})

test('names that two nodes share', async () => {
  const { fleet } = nodes
  const first = await fleet.open(0, { node: 'same', url: 'http://0', leaseMs: 500 })
  const second = await fleet.open(1, { node: 'same', url: 'http://1', leaseMs: 500 })
  await fill(first, 3)
  await caughtUp(second, first)
  const said = await second.db
    .columnFamily('users')
    .put('a', 'b')
    .catch((error) => error.message)
  expect(said).toContain('http://0')
  await first.stepDown()
  await becomes(second, 'writer')
  await fill(second, 3)
  await caughtUp(first, second)
  expect(first.status().writer?.url).toBe('http://1')
})
