/** What is special of logs in JetStream: settings, rights, limits, and what people do to a stream. */
import { DiscardPolicy, jetstreamManager, type StreamConfig } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { jetstream } from '../../lib/replica/jetstream'
import { AppendError, LogGapError, type OpenLog } from '../../lib/replica/log'
import { startCluster, type TestCluster } from '../support/nats/cluster'
import { withServers } from '../support/nats/program'
import { eventually } from '../support/tools'
import { type JetStreamHarness, jetStreamHarness } from './jetstream-harness'
import { failureOf, fill, take, text, told } from './log-cases'
import { Following, Writing } from './writing'

const CONFIG = `
accounts {
  A: {
    jetstream: enabled
    users: [
      { user: all, password: all }
      { user: reader, password: reader, permissions: { publish: { deny: "*.log" } } }
    ]
  }
}
no_auth_user: all
`
const put = (log: OpenLog, n: number) =>
  log.append(text(`c:${n}`), { id: `c:${n}`, expected: n - 1 })
const never = new AbortController().signal
const isLogError = (message: RegExp, retryable: boolean) =>
  expect.objectContaining({
    name: 'RocksDBError',
    code: 'ERR_REPLICA_LOG',
    retryable,
    message: expect.stringMatching(message),
  })

describe('a log in JetStream', () => {
  let cluster: TestCluster
  let harness: JetStreamHarness
  beforeAll(async () => {
    cluster = await startCluster(1, { config: CONFIG })
  }, 60_000)
  beforeEach(() => {
    harness = jetStreamHarness(cluster)
  })
  afterEach(() => harness?.close())
  afterAll(() => cluster?.stop())

  /** Makes the stream before the log does. */
  const make = (config: Partial<StreamConfig>) =>
    cluster.administer(async (connection) => {
      const manager = await jetstreamManager(connection, { checkAPI: false })
      const name = harness.stream
      const subjects = [`${name}.log`]
      await manager.streams.add({ name, subjects, discard: DiscardPolicy.New, ...config })
    })

  withServers('refuses a stream whose settings lose records, and names each', async () => {
    await make({
      subjects: ['other.>'],
      max_msgs: 5,
      max_bytes: 1e6,
      max_age: 60e9,
      discard: DiscardPolicy.Old,
      storage: 'memory' as StreamConfig['storage'],
    })
    const error = await harness.open({ replicas: 3 }).catch((reason) => reason)
    expect(error).toEqual(isLogError(/is not fit for a replica's log/, false))
    for (const each of [
      `its subjects are other.>, not ${harness.stream}.log`,
      'it is stored in memory, not in files',
      'it discards old records when full, not new ones',
      'its records end after 60 s',
      'it has a limit: max_msgs 5',
      'it has a limit: max_bytes 1000000',
      'it has 1 replicas, not 3',
    ]) {
      expect(error.message).toContain(each)
    }
  })

  withServers('makes a stream without limits, and warns of too few replicas', async () => {
    const log = await harness.open()
    expect(log.warnings).toContain(
      'the log has 1 of the three replicas that outlive the loss of a server',
    )
    expect(log.name).toBe(`the JetStream stream ${harness.stream} at ${cluster.urls[0]}`)
    await fill(log, 1)
    await expect(harness.remove(1)).rejects.toThrow('not permitted')
  })

  withServers('is opened by many at once that all make it', async () => {
    const logs = await Promise.all(Array.from({ length: 8 }, () => harness.open()))
    await fill(logs[0] as OpenLog, 1)
    for (const log of logs) expect(told(await log.read(1))).toBe('1 r:1 r1')
  })

  withServers('is not there for whom no server answers', async () => {
    const log = jetstream({
      servers: 'nats://user:secret@127.0.0.1:1',
      stream: 'x',
      timeoutMs: 500,
    })
    expect(log.name).not.toContain('secret')
    await expect(log.open(never)).rejects.toEqual(isLogError(/could not be reached/, true))
    const abort = new AbortController()
    const opening = log.open(abort.signal)
    abort.abort(new Error('enough'))
    await expect(opening).rejects.toThrow('enough')
  })

  withServers('tells who has no right from a server that is not there', async () => {
    const wrong = harness.open({ options: { user: 'all', pass: 'wrong' } })
    await expect(wrong).rejects.toEqual(isLogError(/Authorization Violation/i, false))
    const log = await harness.open()
    await fill(log, 1)
    const reader = await harness.open({ options: { user: 'reader', pass: 'reader' } })
    expect(await failureOf(reader.append(text('x'), { id: 'x', expected: 1 }))).toBe('refused')
    expect(told(await reader.read(1))).toBe('1 r:1 r1')
  })

  withServers('leaves a connection that was given open, and ends with it', async () => {
    const connection = await connect({ servers: cluster.urls })
    const over = () => harness.open({ servers: undefined, connection })
    const [first, second] = [await over(), await over()]
    await fill(first, 1)
    await first.close()
    expect(connection.isClosed()).toBe(false)
    expect(told(await second.read(1))).toBe('1 r:1 r1')
    const following = take(second, 2, 1)
    following.catch(() => undefined)
    await connection.close()
    await expect(following).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    await expect(second.bounds()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })

  withServers('goes on where somebody has purged what was read already', async () => {
    const log = await harness.open()
    const following = new Following(await harness.open())
    for (const n of [1, 2, 3]) await put(log, n)
    await following.reach(3)
    await log.trim(4)
    expect(await put(log, 4)).toBe(4)
    await following.reach(4)
    await following.stop()
    await expect(take(log, 3, 1)).rejects.toBeInstanceOf(LogGapError)
    expect((await take(log, 4, 1)).map(told)).toEqual(['4 c:4 c:4'])
  })

  withServers('never removes all by removing nothing, nor moves the end', async () => {
    const log = await harness.open()
    await fill(log, 3)
    for (const before of [0, 1]) await log.trim(before)
    await expect(log.trim(5)).rejects.toThrow('ends with record 3')
    const { first, last } = await log.bounds()
    expect([first, last]).toEqual([1, 3])
  })

  withServers('fails where the stream is deleted, and where it was made anew', async () => {
    const log = await harness.open({ timeoutMs: 500 })
    await fill(log, 2)
    const following = take(log, 3, 1)
    following.catch(() => undefined)
    await cluster.administer(async (connection) => {
      const manager = await jetstreamManager(connection, { checkAPI: false })
      await manager.streams.delete(harness.stream)
    })
    await expect(following).rejects.toEqual(isLogError(/somebody has deleted it/, false))
    await expect(log.bounds()).rejects.toEqual(isLogError(/somebody has deleted it/, false))
    await expect(log.read(1)).rejects.toEqual(isLogError(/somebody has deleted it/, false))
    expect(await failureOf(log.append(text('x'), { id: 'x', expected: 2 }))).toBe('unknown')
    await make({ num_replicas: 1 })
    await expect(take(log, 1, 1)).rejects.toEqual(isLogError(/deleted and made anew/, false))
  })

  withServers('tells a silent server from one that hangs up, and goes on after both', async () => {
    const path = await cluster.path()
    const log = await harness.open({ servers: path.servers, timeoutMs: 500 })
    const following = new Following(log)
    const append = (n: number) => put(log, n)
    await append(1)
    for (const mode of ['silent', 'cut'] as const) {
      const next = mode === 'silent' ? 2 : 3
      path.set(mode)
      const appended = failureOf(append(next))
      await expect(log.bounds()).rejects.toMatchObject({ code: 'ERR_REPLICA_LOG', retryable: true })
      expect(await appended).toBe('unknown')
      path.set('open')
      // What was sent to the silent one comes late: it may be there.
      const there = async () => (await log.read(next)) ?? (await append(next))
      await eventually(`record ${next}`, () => there().catch(() => undefined))
      await following.reach(next)
    }
    await following.stop()
    expect(following.records).toEqual(['c:1', 'c:2', 'c:3'])
  })

  withServers(
    'goes on, lease and all, when its only server dies and starts again',
    async () => {
      const [log, other] = [await harness.open(), await harness.open()]
      const [writing, following] = [new Writing(log), new Following(other)]
      const revision = (await log.lease.write('before', 0)) ?? 0
      const heard: string[] = []
      await other.lease.watch((lease) => heard.push(lease.text))
      await writing.more(50)
      const [server] = cluster.servers
      await server?.kill()
      server?.start()
      await writing.more(50)
      await writing.stop()
      await following.reach((await log.bounds()).last)
      await following.stop()
      expect(following.records).toEqual([...writing.acknowledged.values()])
      expect((await log.lease.read())?.text).toBe('before')
      await log.lease.write('after', revision)
      await eventually('the lease', () => heard.includes('after') || undefined)
    },
    60_000,
  )
})

describe('options of logs in JetStream', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['nothing', undefined, /must be/],
    ['no stream', { servers: 'a' }, /options.stream/],
    ['a stream with a dot', { servers: 'a', stream: 'a.b' }, /letters, digits, - or _/],
    ['no servers', { stream: 'a' }, /options.servers/],
    ['a list without servers', { stream: 'a', servers: [] }, /options.servers/],
    ['two replicas', { stream: 'a', servers: 'a', replicas: 2 }, /1, 3 or 5/],
    ['a connection that is none', { stream: 'a', connection: {} }, /options.connection/],
    ['an unknown option', { stream: 'a', servers: 'a', stram: 1 }, /stram/],
    ['a short timeout', { stream: 'a', servers: 'a', timeoutMs: 10 }, /timeoutMs/],
    ['options that are none', { stream: 'a', servers: 'a', options: 'x' }, /options.options/],
    [
      'servers and a connection',
      { stream: 'a', servers: 'a', connection: { request() {}, isClosed() {} } },
      /cannot be used with/,
    ],
  ]
  it.each(wrong)('refuses %s', (_, options, message) => {
    expect(() => jetstream(options as never)).toThrow(message)
  })
})

describe('a log on a server with little room', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startCluster(1, { maxBytes: 8e6 })
  }, 60_000)
  afterAll(() => cluster?.stop())

  withServers('refuses a record that does not fit, and takes one after a trim', async () => {
    const harness = jetStreamHarness(cluster)
    try {
      const log = await harness.open()
      const bytes = new Uint8Array(500_000)
      let last = 0
      const error = await (async () => {
        for (;;) last = await log.append(bytes, { id: `f:${last}`, expected: last })
      })().catch((reason) => reason)
      expect(error).toBeInstanceOf(AppendError)
      expect([error.failure, last > 5]).toEqual(['refused', true])
      await log.trim(last)
      expect(await log.append(bytes, { id: 'after', expected: last })).toBe(last + 1)
    } finally {
      await harness.close()
    }
  })
})
