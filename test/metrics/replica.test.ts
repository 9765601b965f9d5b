/** Metrics and health of replicas: what they say, and that they go on when a database is replaced. */
import { Registry } from 'prom-client'
import {
  collectMetrics,
  METRICS,
  type MetricsServer,
  type ServeMetricsOptions,
  serveMetrics,
} from 'rocksdb-live/metrics'
import { becomes, caughtUp, type Node, useFleet } from '../replica/support'
import { openFresh } from '../support/database'
import { eventually } from '../support/tools'
import { linesOf, scrape, sumOf } from './support'

const all = useFleet()

const NAMES = METRICS.filter(({ group }) => group === 'replica').map(({ name }) => name)

let servers: MetricsServer[] = []
afterEach(async () => {
  const started = servers
  servers = []
  await Promise.all(started.map((server) => server.close()))
})

function collect(...args: Parameters<typeof collectMetrics>) {
  const register = new Registry()
  const collection = collectMetrics(args[0], { register, ...args[1] })
  return { register, collection }
}

/** What `/health` answers. */
async function health(options: ServeMetricsOptions) {
  const server = await serveMetrics({ port: 0, ...options })
  servers.push(server)
  return async () => {
    const response = await fetch(`${server.url}/health`)
    return { ...((await response.json()) as object), status: response.status }
  }
}

/** A writer, and a follower whose next record is gone. */
async function withGap(): Promise<{ writer: Node; follower: Node; heal: () => void }> {
  const { fleet } = all
  const writer = await fleet.open(0, { snapshots: true, leaseMs: 60_000 })
  const follower = await fleet.open(1, { snapshots: true, role: 'follower' })
  const log = fleet.logs[1]
  log?.cut()
  for (let turn = 0; turn < 3; turn++) {
    await writer.db.columnFamily('users').put(`user ${turn}`, 'here')
    await writer.snapshot()
  }
  expect((await fleet.store.bounds()).first).toBeGreaterThan(follower.status().applied + 1)
  return { writer, follower, heal: () => log?.heal() }
}

it('has no series where the database is no replica', async () => {
  const { register } = collect(await openFresh(), { groups: ['replica'] })
  expect(await scrape(register)).toEqual([])
})

it('says what status() says, of a node and of its database', async () => {
  const writer = await all.fleet.open(0, { snapshots: true })
  const follower = await all.fleet.open(1, { role: 'follower' })
  await writer.db.columnFamily('users').put('ada', 'Ada')
  await writer.snapshot()
  await caughtUp(follower, writer)
  const full = (name: string) => `node_db_${name}`

  const lines = await scrape(collect(writer, { groups: ['replica'] }).register)
  expect(new Set(lines.map(({ name }) => name))).toEqual(new Set(NAMES.map(full)))
  const { counts, epoch, snapshot } = writer.status()
  const value = (name: string) => sumOf(lines, full(`replica_${name}`), { db: 'node-0' })
  expect([value('role'), value('failing'), value('pending_writes')]).toEqual([2, 0, 0])
  expect([value('epoch'), value('take_overs_total')]).toEqual([epoch, 1])
  expect([value('snapshots_total'), value('snapshot_sequence')]).toEqual([
    counts.snapshots,
    snapshot?.sequence,
  ])
  expect(value('records_appended_total')).toBeGreaterThan(0)
  expect(value('committed_sequence')).toBeGreaterThanOrEqual(value('applied_sequence'))

  const other = await scrape(collect(follower.db, { groups: ['replica'] }).register)
  const of = (name: string) => sumOf(other, full(`replica_${name}`), { db: 'node-1' })
  expect([of('role'), of('epoch'), of('take_overs_total')]).toEqual([1, epoch, 0])
  expect(of('records_applied_total')).toBeGreaterThan(0)
  expect(of('staleness_seconds')).toBeGreaterThanOrEqual(0)
  // It knows of none.
  expect(linesOf(other, full('replica_snapshot_sequence'))).toEqual([])
})

it('goes on with a node when its database is replaced', async () => {
  const { follower, heal } = await withGap()
  const { register } = collect(follower, { readLatency: { sampleEvery: 1 } })
  const before = follower.db
  const { bootstraps } = follower.status().counts
  const replaced = new Promise((resolve) => follower.once('database', resolve))
  const seen = new Set<number>()
  follower.on('role', async ({ role }) => {
    if (role !== 'bootstrapping') return
    // What the node says of itself is there, also while it has no database.
    for (const { value } of linesOf(await scrape(register), 'node_db_replica_role')) seen.add(value)
  })
  heal()
  await replaced
  await becomes(follower, 'follower')
  expect(follower.db).not.toBe(before)
  expect(await follower.db.columnFamily('users').get('user 2')).toBe('here')
  const lines = await scrape(register)
  expect(sumOf(lines, 'node_db_replica_role')).toBe(1)
  expect(sumOf(lines, 'node_db_replica_bootstraps_total')).toBe(bootstraps + 1)
  expect(sumOf(lines, 'node_db_size_bytes')).toBeGreaterThan(0)
  // Its histograms are recorded anew.
  expect(sumOf(lines, 'node_db_read_latency_seconds_count')).toBe(1)
  await eventually('the role meanwhile', () => (seen.has(3) ? true : undefined))
  await follower.close()
  expect(await scrape(register)).toEqual([])
}, 60_000)

it('ends with the node, or with close()', async () => {
  const { fleet } = all
  const node = await fleet.open(0)
  const { register, collection } = collect(node, { groups: ['core', 'replica'] })
  expect(() => collectMetrics(node.db, { register: new Registry() })).toThrow('already')
  expect(() => collectMetrics(node, { register: new Registry() })).toThrow('already')
  collection.close()
  collection.close()
  expect(await scrape(register)).toEqual([])
  collectMetrics(node, { register, groups: ['replica'] })
  expect(await scrape(register)).not.toEqual([])
  await node.close()
  expect(await scrape(register)).toEqual([])
  expect(() => collectMetrics(node)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
  expect(() => collectMetrics({} as never)).toThrow('a Database or a Replica')
})

describe('/health', () => {
  it('tells of the role, and of the writer', async () => {
    const writer = await all.fleet.open(0, { leaseMs: 60_000 })
    const follower = await all.fleet.open(1, { role: 'follower' })
    await writer.db.columnFamily('users').put('ada', 'Ada')
    await caughtUp(follower, writer)
    const ask = await health({ register: new Registry(), databases: [writer, follower.db] })
    const replica = {
      epoch: writer.status().epoch,
      stalenessMs: expect.any(Number),
      writer: { node: 'node-0', url: 'http://node-0' },
      error: null,
    }
    const well = { health: 'ok', cause: null, writesStopped: false }
    expect(await ask()).toEqual({
      status: 200,
      databases: [
        { path: writer.db.path, ...well, replica: { role: 'writer', ...replica } },
        { path: follower.db.path, ...well, replica: { role: 'follower', ...replica } },
      ],
    })
  })

  it('is 503 where a node may be further behind than is allowed', async () => {
    const { fleet } = all
    await fleet.open(0, { leaseMs: 60_000 })
    const follower = await fleet.open(1, { role: 'follower' })
    const strict = await health({
      register: new Registry(),
      databases: [follower],
      maxStalenessMs: 5000,
    })
    const lax = await health({ register: new Registry(), databases: [follower] })
    await eventually('health', async () => ((await strict()).status === 200 ? true : undefined))
    fleet.logs[1]?.cut()
    const none = await health({
      register: new Registry(),
      databases: [follower],
      maxStalenessMs: 0,
    })
    await eventually('staleness', async () => ((await none()).status === 503 ? true : undefined))
    expect((await lax()).status).toBe(200)
    await eventually('an error', async () => {
      const [one] = ((await lax()) as unknown as { databases: { replica: { error: string } }[] })
        .databases
      return typeof one?.replica.error === 'string' ? true : undefined
    })
  }, 60_000)

  it('is 503 while a node fetches a snapshot, and once it is closed', async () => {
    const { follower, heal } = await withGap()
    const register = new Registry()
    collectMetrics(follower, { register, groups: ['core'] })
    const ask = await health({ register, databases: [follower] })
    const byRegister = await health({ register })
    const meanwhile = new Promise((resolve) => {
      follower.on('role', ({ role }) => {
        if (role === 'bootstrapping') resolve(ask())
      })
    })
    const replaced = new Promise((resolve) => follower.once('database', resolve))
    heal()
    expect(await meanwhile).toMatchObject({ status: 503 })
    await replaced
    await becomes(follower, 'follower')
    expect(await ask()).toMatchObject({ status: 200 })
    expect(await byRegister()).toMatchObject({
      databases: [{ replica: { role: 'follower', epoch: expect.any(Number) } }],
    })
    await follower.close()
    expect(await ask()).toMatchObject({
      status: 503,
      databases: [{ health: 'closed', replica: { role: 'closed' } }],
    })
    expect(await byRegister()).toMatchObject({ status: 200, databases: [] })
  }, 60_000)
})
