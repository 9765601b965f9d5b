/** Faults of what nodes know of the log, and of nodes that begin again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Database } from 'rocksdb-live'
import { openReplica } from 'rocksdb-live/replica'
import type { OpenLog } from '../../lib/replica/log'
import { track } from '../support/database'
import { MemoryLog } from '../support/memory-log'
import { becomes, caughtUp, FAMILIES, type Node, rowsOf, useFleet } from './support'

const nodes = useFleet()

async function fill(node: Node, count: number, prefix = 'key'): Promise<void> {
  const users = node.db.columnFamily('users')
  for (let i = 0; i < count; i++) await users.put(`${prefix} ${i}`, `${i}`)
}

/** The record of the writer's epoch is trimmed. */
async function trimEpoch(writer: Node): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await fill(writer, 10, `t${i}`)
    await writer.snapshot()
  }
}

describe('where the epoch record is trimmed', () => {
  test('a node that begins again knows who writes', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { snapshots: true })
    await trimEpoch(writer)
    expect(fleet.store.bounds().first).toBeGreaterThan(1)
    const other = await fleet.open(1, { snapshots: true, role: 'follower' })
    await caughtUp(other, writer)
    expect(other.status().writer).toMatchObject({ node: 'node-0' })
  })

  test('a token of an epoch before it is not lost', async () => {
    const { fleet } = nodes
    const first = await fleet.open(0, { snapshots: true, commit: 'local', leaseMs: 500 })
    await fill(first, 3)
    const token = first.token()
    const second = await fleet.open(1, { snapshots: true, commit: 'local', leaseMs: 500 })
    await second.waitFor(token)
    await first.stepDown()
    await becomes(second, 'writer')
    await second.waitFor(token)
    await trimEpoch(second)
    const late = await fleet.open(2, { snapshots: true, role: 'follower' })
    await caughtUp(late, second)
    await late.waitFor(token)
  })
})

test('a writer that comes back elsewhere is found', async () => {
  const { fleet } = nodes
  const writer = await fleet.open(0, { url: 'http://one' })
  await fill(writer, 1)
  const other = await fleet.open(1, { role: 'follower' })
  await writer.close()
  const again = await fleet.open(0, { url: 'http://two' })
  await fill(again, 1)
  await caughtUp(other, again)
  expect(other.status().writer).toEqual({ node: 'node-0', url: 'http://two' })
  const failure = await other.db
    .columnFamily('users')
    .put('a', 'b')
    .catch((error) => error.message)
  expect(failure).toContain('http://two')
})

test('tokens of a writer 70 take-overs ago', async () => {
  const { fleet } = nodes
  const options = { commit: 'local', leaseMs: 100, heartbeatMs: 10 } as const
  let writer = await fleet.open(0, options)
  await fill(writer, 3)
  const token = writer.token()
  const other = await fleet.open(1, { ...options, role: 'follower' })
  await other.waitFor(token)
  for (let turn = 0; turn < 70; turn++) {
    await writer.close()
    writer = await fleet.open(0, options)
  }
  await fill(writer, 3)
  await caughtUp(other, writer)
  await other.waitFor(token)
})

describe('newLog', () => {
  test('beside a node that begins the log with nothing: no rows differ', async () => {
    const { fleet } = nodes
    const plain = await Database.open(fleet.path(0), { columnFamilies: FAMILIES })
    await plain.columnFamily('users').put('old', 'row')
    await plain.close()
    let empty: Node | undefined
    const log = new MemoryLog(fleet.store)
    const between = {
      name: log.name,
      async open(signal: AbortSignal): Promise<OpenLog> {
        const open = await log.open(signal)
        const { watch } = open.lease
        open.lease.watch = async (listener) => {
          // Another node is started just then.
          empty = await fleet.open(1, { snapshots: true })
          return watch(listener)
        }
        return open
      },
    }
    const opening = openReplica(fleet.path(0), {
      log: between,
      node: 'node-0',
      newLog: true,
      snapshots: fleet.target,
      columnFamilies: FAMILIES,
    })
    const outcome = await opening.then(
      (node) => track(node),
      (error) => error,
    )
    if (outcome instanceof Error)
      return expect(outcome).toMatchObject({ code: 'ERR_REPLICA_MISMATCH' })
    const other = empty as Node
    await fill(other, 3)
    await outcome.waitFor(other.token())
    expect(await rowsOf(outcome)).toEqual(await rowsOf(other))
  })
})

describe('a snapshot that cannot be fetched', () => {
  test('does not close db without a database event', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { snapshots: true })
    let broken = false
    const target = new Proxy(fleet.target, {
      get(all, name) {
        const value = Reflect.get(all, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (broken && name === 'get' && !String(args[0]).includes('manifest')) {
            return Promise.reject(new Error('no such bucket'))
          }
          return value.apply(all, args)
        }
      },
    })
    const log = new MemoryLog(fleet.store)
    const other = track(
      await openReplica(fleet.path(1), {
        log,
        snapshots: target,
        heartbeatMs: 20,
        role: 'follower',
        columnFamilies: FAMILIES,
      }),
    ) as Node
    await fill(writer, 3)
    await caughtUp(other, writer)
    broken = true
    let told = 0
    other.on('database', () => told++)
    const { db } = other
    log.cut()
    await trimEpoch(writer)
    log.heal()
    for (const end = Date.now() + 2000; Date.now() < end && other.db === db; ) await sleep(10)
    const changed = other.db !== db
    await sleep(500)
    const read = () =>
      other.get('users', 'key 1').then(
        (row) => row,
        (error) => error.code,
      )
    expect({ changed, told, role: other.role, read: await read() }).toEqual({
      changed,
      told: changed ? 1 : 0,
      role: 'follower',
      read: '1',
    })
  })
})
