/** Faults of beginning again while others have the directory open, and of opening on a damaged log. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { openReplica } from 'rocksdb-live/replica'
import { track } from '../support/database'
import { MemoryLog } from '../support/memory-log'
import { caughtUp, FAMILIES, type Node, rowsOf, until, useFleet } from './support'

const nodes = useFleet()

async function fill(node: Node, count: number, prefix = 'key'): Promise<void> {
  const users = node.db.columnFamily('users')
  for (let i = 0; i < count; i++) await users.put(`${prefix} ${i}`, `${i}`)
}

test('openReplica settles where a record is damaged', async () => {
  const { fleet } = nodes
  const writer = await fleet.open(0)
  await fill(writer, 20)
  fleet.store.edit(12, (bytes) =>
    bytes.with(bytes.length - 1, (bytes[bytes.length - 1] as number) ^ 255),
  )
  const end = new AbortController()
  const opening = openReplica(fleet.path(1), {
    log: new MemoryLog(fleet.store),
    role: 'follower',
    leaseMs: 200,
    columnFamilies: FAMILIES,
    signal: end.signal,
  }).then(
    (node) => {
      track(node)
      return 'opened'
    },
    (error) => error.code,
  )
  const got = await Promise.race([opening, sleep(5000, 'never')])
  end.abort()
  await opening
  expect(got).toMatch(/^ERR_/)
})

test('a node begins again while a worker has its directory open', async () => {
  const { fleet } = nodes
  const writer = await fleet.open(0, { snapshots: true })
  const other = await fleet.open(1, { snapshots: true, role: 'follower' })
  await fill(writer, 5)
  await caughtUp(other, writer)
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { Database } = require(workerData.main)
    ;(async () => {
      const db = await Database.open(workerData.path, { columnFamilies: workerData.families })
      parentPort.postMessage('ready')
      await new Promise((resolve) => parentPort.once('message', resolve))
      const users = db.columnFamily('users')
      const row = await users.get('t2 9').then((r) => r ?? 'none', (e) => e.code)
      const put = await users.put('by worker', '1').then(() => 'written', (e) => e.code + ' ' + e.outcome)
      parentPort.postMessage({ row, put })
      await db.close()
      parentPort.close()
    })().catch((e) => parentPort.postMessage({ crashed: e.stack }))
  `
  const worker = new Worker(code, {
    eval: true,
    workerData: { main: `${process.cwd()}/dist/index.js`, path: fleet.path(1), families: FAMILIES },
  })
  const messages: unknown[] = []
  worker.on('message', (m) => messages.push(m))
  const exit = new Promise((resolve) => worker.once('exit', resolve))
  worker.on('error', (e) => messages.push({ crashed: e.stack }))
  await until(() => messages.length > 0)
  const log = fleet.logs[1] as MemoryLog
  const failures: string[] = []
  other.on('failure', ({ error }) => failures.push(error.message))
  const begun = other.status().counts.bootstraps
  log.cut()
  for (let i = 0; i < 3; i++) {
    await fill(writer, 10, `t${i}`)
    await writer.snapshot()
  }
  log.heal()
  await fill(writer, 3, 'after')
  const caught = await other.waitFor(writer.token(), { timeoutMs: 1500 }).then(
    () => 'caught up',
    (error) => error.code,
  )
  // It may have begun with the writer's first snapshot.
  const bootstraps = other.status().counts.bootstraps - begun
  worker.postMessage('go')
  await until(() => messages.length > 1)
  const rows = await rowsOf(other).catch((error) => error.code)
  const same = JSON.stringify(rows) === JSON.stringify(await rowsOf(writer))
  await exit
  // Without the worker it must get on at least.
  const later = await other.waitFor(writer.token(), { timeoutMs: 10_000 }).then(
    () => 'caught up',
    (error) => error.code,
  )
  // Its directory is not taken from under the worker; once that has closed, it goes on.
  expect({ later, caught, bootstraps, same, worker: messages[1] }).toEqual({
    later: 'caught up',
    caught: 'ERR_TIMED_OUT',
    bootstraps: 0,
    same: false,
    worker: { row: 'none', put: 'ERR_NOT_WRITER notApplied' },
  })
  expect(failures.join('\n')).toContain('somebody else has it open')
  expect(await rowsOf(other)).toEqual(await rowsOf(writer))
}, 60_000)
