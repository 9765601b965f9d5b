/** What others do to a log, to a directory and to clocks; and writers that acknowledge early. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Database } from 'rocksdb-live'
import { track } from '../support/database'
import {
  becomes,
  caughtUp,
  expectEqual,
  FAMILIES,
  type Node,
  rowsOf,
  until,
  useFleet,
} from './support'

const nodes = useFleet()
const LEASE = { leaseMs: 400 }

async function fill(node: Node, count: number, prefix = 'key'): Promise<void> {
  const users = node.db.columnFamily('users')
  for (let i = 0; i < count; i++) await users.put(`${prefix} ${i}`, `${i}`)
}

describe('snapshots', () => {
  test('a new node begins with one, and records that two have are trimmed', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { snapshots: true })
    await fill(writer, 50)
    await writer.snapshot()
    await fill(writer, 50, 'more')
    const { id, sequence } = await writer.snapshot()
    await fill(writer, 5, 'last')
    expect(fleet.store.bounds().first).toBeGreaterThan(50)
    const late = await fleet.open(1, { snapshots: true })
    expect(late.status().snapshot).toMatchObject({ id, sequence })
    await expectEqual(late, writer)
    expect(late.status().counts.bootstraps).toBe(1)
  })

  test('of a writer that has nothing to write let its beats be trimmed', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { snapshots: true, heartbeatMs: 10 })
    await fill(writer, 1)
    for (let round = 0; round < 3; round++) {
      const { last } = fleet.store
      await until(() => fleet.store.last > last + 10)
      await writer.snapshot()
    }
    const { first, last } = fleet.store.bounds()
    expect(first).toBeGreaterThan(10)
    const late = await fleet.open(1, { snapshots: true })
    await expectEqual(late, writer)
    expect(last).toBeGreaterThan(first)
  })

  test('a node whose records are gone begins again', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { snapshots: true })
    const follower = await fleet.open(1, { snapshots: true })
    await fill(writer, 10)
    await caughtUp(follower, writer)
    await follower.close()
    await fill(writer, 50, 'more')
    await writer.snapshot()
    await fill(writer, 50, 'again')
    await writer.snapshot()
    const again = await fleet.open(1, { snapshots: true })
    expect(again.status().counts.bootstraps).toBe(1)
    await expectEqual(again, writer)
    expect(readdirSync(dirname(fleet.path(1))).sort()).toEqual(['node-0', 'node-1'])
  })

  test('while it follows, db is another one then', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { snapshots: true })
    const follower = await fleet.open(1, { snapshots: true })
    await fill(writer, 10)
    await caughtUp(follower, writer)
    const before = follower.db
    const replaced = new Promise((resolve) => follower.once('database', resolve))
    fleet.logs[1]?.cut()
    await fill(writer, 50, 'more')
    await writer.snapshot()
    await fill(writer, 50, 'again')
    await writer.snapshot()
    fleet.logs[1]?.heal()
    expect(await replaced).toEqual({ reason: 'gap' })
    await expectEqual(follower, writer)
    expect(before.closed).toBe(true)
    expect(await follower.get(before.columnFamily === undefined ? '' : 'users', 'key 1')).toBe('1')
  })

  test('without one, a gap is an error that names the record', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0)
    await fill(writer, 50)
    fleet.store.purge(20)
    await expect(fleet.open(1, LEASE)).rejects.toMatchObject({
      code: 'ERR_REPLICA_GAP',
      message: expect.stringContaining('no snapshots'),
    })
  })

  test('after somebody has purged the log, the writer makes one for the others', async () => {
    const { fleet } = nodes
    const options = { snapshots: true, snapshotEveryMs: 1000 }
    const writer = await fleet.open(0, options)
    await fill(writer, 50)
    await writer.snapshot()
    await fill(writer, 50, 'more')
    fleet.store.purge(fleet.store.last + 1)
    await fill(writer, 5, 'after')
    const late = await fleet.open(1, { ...options, leaseMs: 5000 })
    await expectEqual(late, writer)
  })

  test('snapshots are refused where there is no place for them, and on followers', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0)
    const follower = await fleet.open(1, { snapshots: true })
    await expect(writer.snapshot()).rejects.toMatchObject({ code: 'ERR_NOT_SUPPORTED' })
    await expect(follower.snapshot()).rejects.toMatchObject({ code: 'ERR_NOT_WRITER' })
  })

  test('writers that take turns share a place for snapshots', async () => {
    const { fleet } = nodes
    const options = { snapshots: true, ...LEASE }
    const first = await fleet.open(0, options)
    const second = await fleet.open(1, options)
    for (const [index, [from, to]] of [
      [first, second],
      [second, first],
      [first, second],
    ].entries()) {
      await fill(from as Node, 20, `turn ${index}`)
      await (from as Node).snapshot()
      await caughtUp(to as Node, from as Node)
      await (from as Node).stepDown()
      await becomes(to as Node, 'writer')
    }
    await fill(second, 5, 'last')
    await second.snapshot()
    const third = await fleet.open(2, options)
    await expectEqual(third, second)
  })
})

describe('another log', () => {
  test('a database that was no replica begins one with newLog', async () => {
    const { fleet } = nodes
    const plain = await Database.open(fleet.path(0), { columnFamilies: FAMILIES })
    await plain.columnFamily('users').put('old', 'row')
    await plain.close()
    await expect(fleet.open(0)).rejects.toMatchObject({ code: 'ERR_REPLICA_MISMATCH' })
    await expect(fleet.open(0, { newLog: true })).rejects.toThrow('needs snapshots')
    const writer = await fleet.open(0, { newLog: true, snapshots: true })
    expect(writer.role).toBe('writer')
    const follower = await fleet.open(1, { snapshots: true })
    await expectEqual(follower, writer)
    expect(await follower.get('users', 'old')).toBe('row')
    await writer.close()
    const again = await fleet.open(0, { newLog: true, snapshots: true })
    await expectEqual(again, follower)
  })

  test('two databases on one log: the second is refused', async () => {
    const { fleet } = nodes
    await fleet.open(0)
    const plain = await Database.open(fleet.path(1))
    await plain.default.put('a', 'b')
    await plain.close()
    await expect(fleet.open(1)).rejects.toMatchObject({ code: 'ERR_REPLICA_MISMATCH' })
    await expect(fleet.open(1, { newLog: true, snapshots: true })).rejects.toThrow('has records')
    const kept = track(await Database.open(fleet.path(1)))
    expect((await kept.default.get('a'))?.toString()).toBe('b')
  })

  test('a log that was deleted and made anew is not taken for the old one', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0)
    await fill(writer, 5)
    await writer.close()
    fleet.store.recreate()
    await expect(fleet.open(0)).rejects.toMatchObject({ code: 'ERR_REPLICA_MISMATCH' })
    await (await fleet.open(1, LEASE)).close()
    await expect(fleet.open(0)).rejects.toThrow(/follows log/)
  })

  test('a log that has lost its end is told of', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0)
    await fill(writer, 5)
    await writer.close()
    fleet.store.loseAfter(3)
    await expect(fleet.open(0)).rejects.toThrow(/has lost what it had accepted/)
  })

  test('the directory of a replica is not opened otherwise to write', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0)
    await fill(writer, 5)
    await writer.close()
    await expect(Database.open(fleet.path(0))).rejects.toMatchObject({ code: 'ERR_NOT_SUPPORTED' })
    const reader = track(await Database.open(fleet.path(0), { mode: 'read-only' }))
    expect(reader.columnFamilies().sort()).toEqual(['counts', 'default', 'users'])
    expect((await Database.listColumnFamilies(fleet.path(0))).sort()).toEqual([
      'counts',
      'default',
      'users',
    ])
  })
})

describe('records of others', () => {
  test('are passed over and counted', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0)
    const follower = await fleet.open(1)
    await fill(writer, 5)
    fleet.store.insert(Buffer.from('not ours'))
    await fill(writer, 5, 'more')
    await expectEqual(follower, writer)
    await until(() => follower.status().counts.foreign === 1)
  })

  test('an edited record stops whoever reads it', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0)
    await fill(writer, 20)
    fleet.store.edit(15, (bytes) => bytes.with(bytes.length - 1, 0xff))
    await expect(fleet.open(1)).rejects.toMatchObject({ code: 'ERR_CORRUPTION' })
  })

  test('a record that the log keeps from a follower is a gap', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { snapshots: true })
    const follower = await fleet.open(1, { snapshots: true })
    await fill(writer, 5)
    await caughtUp(follower, writer)
    const failed = new Promise<{ error: Error }>((resolve) => follower.on('failure', resolve))
    fleet.store.hidden.add(fleet.store.last + 2)
    await fill(writer, 5, 'more')
    expect((await failed).error).toMatchObject({ code: 'ERR_REPLICA_GAP' })
    await writer.snapshot()
    await expectEqual(follower, writer)
  })
})

describe('staleness', () => {
  test('is told by the log, whatever clocks say', async () => {
    const { fleet } = nodes
    fleet.store.clockSkewMs = 3_600_000
    const writer = await fleet.open(0)
    const follower = await fleet.open(1)
    await fill(writer, 1)
    await caughtUp(follower, writer)
    await follower.fresh({ maxStalenessMs: 5000, timeoutMs: 5000 })
    expect(follower.status().stalenessMs).toBeLessThan(60_000)
    fleet.logs[1]?.cut()
    await expect(
      until(() => follower.status().stalenessMs > 50).then(() =>
        follower.get('users', 'key 0', { maxStalenessMs: 10 }),
      ),
    ).rejects.toMatchObject({ code: 'ERR_STALE' })
    expect(await follower.get('users', 'key 0')).toBe('0')
  })

  test('a token that was not applied in time is ERR_STALE for a read, ERR_TIMED_OUT for waitFor', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0)
    const follower = await fleet.open(1)
    await caughtUp(follower, writer)
    fleet.logs[1]?.cut()
    await fill(writer, 1)
    const token = writer.token()
    const late = follower.waitFor(token, { timeoutMs: 20 })
    await expect(late).rejects.toMatchObject({ code: 'ERR_TIMED_OUT' })
    const read = follower.get('users', 'key 0', { after: token, timeoutMs: 20 })
    await expect(read).rejects.toMatchObject({ code: 'ERR_STALE' })
    fleet.logs[1]?.heal()
    expect(await follower.get('users', 'key 0', { after: token })).toBe('0')
    await expect(follower.waitFor('nonsense')).rejects.toThrow(TypeError)
  })
})

describe("commit: 'local'", () => {
  const LOCAL = { ...LEASE, commit: 'local', maxLagMs: 200 } as const

  test('acknowledges before the log has it, and the log has it soon', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, LOCAL)
    const follower = await fleet.open(1, LOCAL)
    await fill(writer, 200)
    await expectEqual(follower, writer)
  })

  test('what the log does not have is set aside when another node takes over', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, { ...LOCAL, leaseMs: 60_000 })
    const follower = await fleet.open(1, LOCAL)
    await fill(writer, 5)
    await caughtUp(follower, writer)
    fleet.logs[0]?.cut()
    await writer.db.columnFamily('users').put('lost', 'x')
    const token = writer.token()
    fleet.store.lease.write('', fleet.store.lease.read()?.revision ?? 0)
    await becomes(follower, 'writer')
    await fill(follower, 5, 'after')
    const aside = new Promise<{ path: string }>((resolve) => writer.once('setAside', resolve))
    fleet.logs[0]?.heal()
    const { path } = await aside
    await expectEqual(writer, follower)
    expect(await writer.get('users', 'lost')).toBeUndefined()
    expect(existsSync(path)).toBe(true)
    const old = track(await Database.open(path, { mode: 'read-only', columnFamilies: FAMILIES }))
    expect(await old.columnFamily('users').get('lost')).toBe('x')
    await expect(follower.waitFor(token)).rejects.toMatchObject({ code: 'ERR_REPLICA_LOST' })
  })

  test('writes wait where the log is too far behind, and fail in the end', async () => {
    const { fleet } = nodes
    const writer = await fleet.open(0, LOCAL)
    await fill(writer, 5)
    fleet.logs[0]?.cut()
    const users = writer.db.columnFamily('users')
    let acknowledged = 0
    let failure: unknown
    for (let i = 0; failure === undefined; i++) {
      await users.put(`lagging ${i}`, 'x').then(
        () => acknowledged++,
        (error) => {
          failure = error
        },
      )
    }
    expect(failure).toMatchObject({ code: 'ERR_BUSY', outcome: 'notApplied' })
    expect(acknowledged).toBeGreaterThan(0)
    fleet.logs[0]?.heal()
    await until(() => writer.status().pending === 0)
    await users.put('after', 'x')
    const follower = await fleet.open(1, LOCAL)
    await expectEqual(follower, writer)
    expect((await rowsOf(follower))['users']?.length).toBe(5 + acknowledged + 1)
  })
})
