/** What becomes of a log when its servers die, stand still or lose each other. */
import type { OpenLog } from '../../lib/replica/log'
import { startCluster, type TestCluster, type TestServer } from '../support/nats/cluster'
import { withServers } from '../support/nats/program'
import { type JetStreamHarness, jetStreamHarness } from './jetstream-harness'
import { Following, Writing } from './writing'

/** A writer and a follower on a log of their own, each with its own connection. */
interface Scene {
  cluster: TestCluster
  harness: JetStreamHarness
  log: OpenLog
  writing: Writing
  following: Following
  leader: TestServer
  others: TestServer[]
}

/** Runs both while `work` breaks something, then compares all that was said with what is there. */
async function scene(cluster: TestCluster, work: (scene: Scene) => Promise<void>): Promise<void> {
  const harness = jetStreamHarness(cluster, { timeoutMs: 1000 })
  let end: () => void = () => undefined
  try {
    const other = await harness.open()
    const leader = await cluster.leaderOf(harness.stream)
    const others = cluster.servers.filter((each) => each !== leader)
    // The writer is where most happens to it.
    const servers = [leader, ...others].map((server) => server.url)
    const log = await harness.open({ servers, options: { noRandomize: true } })
    const [writing, following] = [new Writing(log), new Following(other)]
    end = () => {
      writing.stop().catch(() => undefined)
      following.stop().catch(() => undefined)
    }
    await writing.more(100)
    await work({ cluster, harness, log, writing, following, leader, others })
    await writing.more(100)
    await writing.stop()
    const { last } = await log.bounds()
    await following.reach(last)
    await following.stop()
    const acknowledged = [...writing.acknowledged.values()]
    expect(acknowledged.length).toBe(last)
    // Not toEqual: a difference of many thousands takes it minutes to show.
    const different = following.records.findIndex((id, at) => id !== acknowledged[at])
    expect([different, following.records.length]).toEqual([-1, last])
  } finally {
    end()
    await harness.close()
  }
}

describe('a log in JetStream on three servers', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startCluster(3)
  }, 60_000)
  afterAll(() => cluster?.stop())
  afterEach(async () => {
    for (const server of cluster.servers) {
      server.resume()
      cluster.between(server, 'open')
      if (server.pid === undefined) server.start()
    }
    await cluster.ready()
  })

  withServers(
    'goes on when the leader of the stream dies with appends in flight',
    async () => {
      await scene(cluster, async ({ leader, writing }) => {
        await leader.kill()
        await writing.more(100)
        leader.start()
      })
    },
    60_000,
  )

  withServers(
    'goes on when the leader stands still, and when it wakes up',
    async () => {
      await scene(cluster, async ({ leader, writing }) => {
        leader.suspend()
        await writing.more(100)
        leader.resume()
      })
    },
    60_000,
  )

  withServers(
    'goes on when the leader is cut off from the others',
    async () => {
      await scene(cluster, async ({ cluster, leader, writing }) => {
        cluster.between(leader, 'silent')
        await writing.more(100)
        cluster.between(leader, 'open')
      })
    },
    60_000,
  )

  withServers(
    'goes on when all servers die and start again',
    async () => {
      await scene(cluster, async ({ cluster }) => {
        await Promise.all(cluster.servers.map((server) => server.kill()))
        for (const server of cluster.servers) server.start()
      })
    },
    60_000,
  )
})
