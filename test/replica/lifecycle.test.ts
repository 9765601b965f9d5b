/** Faults of a node's life: closing, handing over, giving up. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openReplica } from 'rocksdb-live/replica'
import type { LogRecord } from '../../lib/replica/log'
import { decodeRecord, RecordKind } from '../../lib/replica/record'
import { track } from '../support/database'
import { MemoryLog } from '../support/memory-log'
import { FAMILIES, until, useFleet } from './support'

const nodes = useFleet()

/** 'late' where it takes longer. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | 'late'> {
  return Promise.race([work, sleep(ms, 'late' as const)])
}

describe('close', () => {
  test('ends a node whose epoch record is under way', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { leaseMs: 300 })
    const other = await fleet.open(1, { leaseMs: 300 })
    await other.waitFor(await writer.write([]))
    await writer.db.columnFamily('users').put('a', '1')
    const log = fleet.logs[1] as MemoryLog
    const release = log.holdAcks()
    const epochs = () => {
      const { first, last } = fleet.store.bounds()
      let count = 0
      for (let at = first; at <= last; at++) {
        if (decodeRecord((fleet.store.read(at) as LogRecord).bytes)?.kind === RecordKind.epoch)
          count++
      }
      return count
    }
    await writer.close()
    // Its epoch record is there, and it has not heard of it.
    await until(() => epochs() === 2)
    const closing = other.close()
    release()
    const outcome = await within(closing, 3000)
    const { last } = fleet.store
    await sleep(200)
    const written = fleet.store.last - last
    // Ends it where it goes on.
    log.cut()
    expect({ outcome, written }).toEqual({ outcome: undefined, written: 0 })
  })
})

test('a database that does not close leaves no log open', async () => {
  const log = new MemoryLog(`closing ${process.pid}`)
  let closes = 0
  const watched = {
    name: log.name,
    async open(signal: AbortSignal) {
      const open = await log.open(signal)
      const close = open.close.bind(open)
      open.close = () => {
        closes++
        return close()
      }
      return open
    },
  }
  const directory = join(mkdtempSync(join(tmpdir(), 'rocksdb-live-')), 'node')
  const node = await openReplica(directory, { log: watched, columnFamilies: FAMILIES })
  await node.db.columnFamily('users').put('a', '1')
  rmSync(directory, { recursive: true })
  await expect(node.close()).rejects.toMatchObject({ code: 'ERR_IO' })
  expect(closes).toBe(1)
})

describe('stepDown', () => {
  test('that fails leaves a writer that takes writes, or none', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { leaseMs: 300, commit: 'local', maxLagMs: 60_000 })
    const other = await fleet.open(1, { leaseMs: 300, commit: 'local' })
    await writer.db.columnFamily('users').put('a', '1')
    await other.waitFor(writer.token())
    const release = (fleet.logs[0] as MemoryLog).holdAcks()
    await writer.db.columnFamily('users').put('b', '1')
    await expect(writer.stepDown()).rejects.toMatchObject({ code: 'ERR_REPLICA_LOG' })
    release()
    // Ten leases later somebody must take writes.
    const tries = async () => {
      for (const end = Date.now() + 3000; Date.now() < end; await sleep(50)) {
        for (const node of [writer, other]) {
          const done = await node.db
            .columnFamily('users')
            .put('c', '1')
            .then(
              () => true,
              () => false,
            )
          if (done) return node.status().node
        }
      }
      return `nobody; ${writer.role}, ${other.role}`
    }
    expect(await tries()).toMatch(/^node/)
  })
})

describe('the signal of opening', () => {
  test('does not end what is asked for later', async () => {
    const { fleet } = nodes
    const end = new AbortController()
    const writer = await fleet.open(0, { leaseMs: 300, signal: end.signal })
    const other = await fleet.open(1, { leaseMs: 300, role: 'follower', signal: end.signal })
    await writer.db.columnFamily('users').put('a', '1')
    ;(fleet.logs[1] as MemoryLog).cut()
    await writer.db.columnFamily('users').put('b', '1')
    const waiting = other.waitFor(writer.token(), { timeoutMs: 200 })
    end.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_TIMED_OUT' })
  })

  test('gives up a node that fetches a snapshot', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { snapshots: true })
    for (let i = 0; i < 10; i++) await writer.db.columnFamily('users').put(`a${i}`, '1')
    await writer.snapshot()
    await writer.db.columnFamily('users').put('b', '1')
    await writer.snapshot()
    const end = new AbortController()
    let asked = 0
    const slow = new Proxy(fleet.target, {
      get(target, name) {
        const value = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          asked++
          if (asked < 2) return value.apply(target, args)
          // An answer that never comes, but for a signal.
          const { signal } = (args.at(-1) ?? {}) as { signal?: AbortSignal }
          return new Promise((_, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason))
          })
        }
      },
    })
    const opening = openReplica(fleet.path(5), {
      log: new MemoryLog(fleet.store),
      snapshots: slow,
      columnFamilies: FAMILIES,
      signal: end.signal,
    })
    const outcome = opening.then(
      (node) => {
        track(node)
        return 'open'
      },
      (error) => error.code,
    )
    await until(() => asked >= 2)
    end.abort()
    const got = await within(outcome, 2000)
    await outcome
    expect(got).toBe('ERR_ABORTED')
  })

  test('gives up a node that waits for a snapshot to be made', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { leaseMs: 300 })
    for (let i = 0; i < 10; i++) await writer.db.columnFamily('users').put(`a${i}`, '1')
    fleet.store.purge(5)
    const end = new AbortController()
    const opening = openReplica(fleet.path(5), {
      log: new MemoryLog(fleet.store),
      columnFamilies: FAMILIES,
      leaseMs: 10_000,
      signal: end.signal,
    })
    const outcome = opening.then(
      (node) => {
        track(node)
        return 'open'
      },
      (error) => error.code,
    )
    await sleep(200)
    end.abort()
    const got = await within(outcome, 3000)
    await outcome
    expect(got).toBe('ERR_ABORTED')
  }, 60_000)
})
