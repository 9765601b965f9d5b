/** Other threads, other merge operators, and directories that cannot be opened again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { openReplica } from 'rocksdb-live/replica'
import { track } from '../support/database'
import { MemoryLog } from '../support/memory-log'
import { MemoryStore } from '../support/memory-store'
import { caughtUp, FAMILIES, type Node, rowsOf, until, useFleet } from './support'

const nodes = useFleet()

test('a follower that is opened again with another merge operator is told', async () => {
  const { fleet } = nodes
  const writer = await fleet.open(0)
  const other = await fleet.open(1, { role: 'follower' })
  const one = Buffer.alloc(8, 0)
  one[0] = 1
  await writer.db.columnFamily('counts').merge('n', one)
  await caughtUp(other, writer)
  await other.close()
  const columnFamilies = {
    users: { key: 'utf8', value: 'utf8' },
    counts: { key: 'utf8', value: 'buffer', mergeOperator: 'stringappend' },
  } as const
  const opened = await openReplica(fleet.path(1), {
    log: new MemoryLog(fleet.store),
    node: 'node-1',
    role: 'follower',
    columnFamilies,
  }).then(
    (node) => track(node),
    (error) => error.code,
  )
  if (typeof opened === 'string') return expect(opened).toMatch(/^ERR_/)
  await writer.db.columnFamily('counts').merge('n', one)
  await opened.waitFor(writer.token(), { timeoutMs: 2000 }).catch(() => {})
  const at = (await rowsOf(opened as never)).counts
  expect(at).toEqual((await rowsOf(writer)).counts)
})

test('a new follower with another merge operator is told', async () => {
  const { fleet } = nodes
  const writer = await fleet.open(0)
  const one = Buffer.alloc(8, 0)
  one[0] = 1
  await writer.db.columnFamily('counts').merge('n', one)
  const columnFamilies = {
    users: { key: 'utf8', value: 'utf8' },
    counts: { key: 'utf8', value: 'buffer', mergeOperator: 'stringappend' },
  } as const
  const opened = await openReplica(fleet.path(1), {
    log: new MemoryLog(fleet.store),
    node: 'node-1',
    role: 'follower',
    columnFamilies,
  }).then(
    (node) => track(node),
    (error) => error.code,
  )
  if (typeof opened === 'string') return expect(opened).toMatch(/^ERR_/)
  await writer.db.columnFamily('counts').merge('n', one)
  await opened.waitFor(writer.token(), { timeoutMs: 2000 }).catch(() => {})
  const at = (await rowsOf(opened as never)).counts
  expect(at).toEqual((await rowsOf(writer)).counts)
})

test('two logs on one target are told of', async () => {
  const { fleet } = nodes
  const first = await fleet.open(0, { snapshots: true })
  await first.snapshot()
  const store = new MemoryStore('another')
  const other = track(
    await openReplica(fleet.path(7), {
      log: new MemoryLog(store),
      snapshots: fleet.target,
      columnFamilies: FAMILIES,
    }),
  )
  const error = await other.snapshot().catch((error) => error)
  expect(error.code).toMatch(/^ERR_/)
  await first.snapshot()
})

test('openReplica twice on one path', async () => {
  const { fleet } = nodes
  await fleet.open(0)
  await expect(fleet.open(0)).rejects.toMatchObject({ code: 'ERR_LOCKED' })
})

test('workers of the path write while it hands over', async () => {
  const { fleet } = nodes
  const writer = await fleet.open(0, { leaseMs: 500 })
  const other = await fleet.open(1, { leaseMs: 500 })
  await writer.db.columnFamily('users').put('a', '1')
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { Database } = require(workerData.main)
    ;(async () => {
      const db = await Database.open(workerData.path, { columnFamilies: workerData.families })
      const said = {}
      const acked = []
      let stop = false
      parentPort.on('message', () => { stop = true })
      parentPort.postMessage('ready')
      const users = db.columnFamily('users'), counts = db.columnFamily('counts')
      const one = Buffer.alloc(8); one[0] = 1
      await Promise.all([0,1,2,3].map(async (w) => {
        for (let i = 0; !stop; i++) {
          const key = 'w' + w + ' ' + i
          try {
            if (i % 3 === 0) await db.transaction(async (t) => { await t.get(users, 'a'); t.put(users, key, 'x'); await t.merge(counts, 'n', one) })
            else if (i % 3 === 1) { const b = db.batch(); b.put(users, key, 'x'); b.merge(counts, 'n', one); await b.write() }
            else { const f = await db.createColumnFamily('f' + w + i); await db.dropColumnFamily ? 0 : 0; }
            if (i % 3 !== 2) acked.push(key)
          } catch (e) { const k = e.code + ' ' + e.outcome + (e.code.startsWith('ERR_NOT_WRITER') ? '' : ' ' + e.message.slice(0, 120)); said[k] = (said[k] ?? 0) + 1; await new Promise(r => setTimeout(r, 5)) }
        }
      }))
      await db.close()
      parentPort.postMessage({ said, acked })
      parentPort.close()
    })().catch((e) => parentPort.postMessage({ crashed: e.stack }))
  `
  const worker = new Worker(code, {
    eval: true,
    workerData: { main: `${process.cwd()}/dist/index.js`, path: fleet.path(0), families: FAMILIES },
  })
  const messages: { crashed?: string | undefined; acked?: string[] }[] = []
  worker.on('message', (m) => messages.push(m))
  worker.on('error', (e) => messages.push({ crashed: e.stack }))
  await until(() => messages.length > 0)
  const release = fleet.logs[0] as MemoryLog
  for (let i = 0; i < 3; i++) {
    await sleep(200)
    await [writer, other].find(({ role }) => role === 'writer')?.stepDown()
    await sleep(50)
    release.cut()
    await sleep(700)
    release.heal()
  }
  worker.postMessage('stop')
  await until(() => messages.length > 1)
  expect(messages[1]?.crashed).toBeUndefined()
  await until(() => [writer, other].some(({ role }) => role === 'writer'))
  const w = [writer, other].find(({ role }) => role === 'writer') as Node
  await w.db.columnFamily('users').put('end', '1')
  await writer.waitFor(w.token())
  await other.waitFor(w.token())
  const rows = await rowsOf(writer)
  expect(await rowsOf(other)).toEqual(rows)
  const there = new Set(
    (rows.users as string[]).map((row) =>
      Buffer.from(row.split('=')[0] as string, 'hex').toString(),
    ),
  )
  expect(messages[1]?.acked?.filter((key) => !there.has(key))).toEqual([])
  const n = (await w.db.columnFamily('counts').get('n')) as Buffer | undefined
  expect(Number(n?.readBigUInt64LE() ?? 0n)).toBe(
    [...there].filter((k) => k.startsWith('w')).length,
  )
}, 60_000)
