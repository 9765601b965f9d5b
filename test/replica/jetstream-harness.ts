/** A log in JetStream for the cases that every log must pass. */

import { DiscardPolicy, jetstreamManager } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import { jetstream } from '../../lib/replica/jetstream'
import type { JetStreamOptions } from '../../lib/replica/jetstream-options'
import type { OpenLog } from '../../lib/replica/log'
import type { TestCluster } from '../support/nats/cluster'
import type { Harness } from './log-cases'

let streams = 0

/** A fresh name of a stream. */
export const freshStream = () => `t${process.pid}-${++streams}`

export interface JetStreamHarness extends Harness {
  stream: string
  open(options?: Partial<JetStreamOptions>): Promise<OpenLog>
  /** Closes all logs that were opened. */
  close(): Promise<void>
}

/** A log of its own on these servers. */
export function jetStreamHarness(
  cluster: TestCluster,
  defaults: Partial<JetStreamOptions> = {},
): JetStreamHarness {
  const stream = freshStream()
  const logs: OpenLog[] = []
  const replicas = cluster.servers.length as 1 | 3
  const manage = <T>(work: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>) =>
    cluster.administer(async (connection) =>
      work(await jetstreamManager(connection, { checkAPI: false })),
    )
  const harness: JetStreamHarness = {
    stream,
    async open(options = {}) {
      const log = await jetstream({
        servers: cluster.urls,
        stream,
        replicas,
        timeoutMs: 2000,
        ...defaults,
        ...options,
      }).open(new AbortController().signal)
      logs.push(log)
      return log
    },
    async openLoose() {
      await manage((manager) =>
        manager.streams.add({
          name: stream,
          subjects: [`${stream}.log`],
          num_replicas: replicas,
          discard: DiscardPolicy.New,
        }),
      )
      return harness.open()
    },
    insert: (bytes) =>
      cluster.administer(async (connection) => {
        await connection.request(`${stream}.log`, bytes, { headers: headers(), timeout: 5000 })
      }),
    remove: (sequence) =>
      manage(async (manager) => {
        await manager.streams.deleteMessage(stream, sequence)
      }),
    recreate: () =>
      manage(async (manager) => {
        const { config } = await manager.streams.info(stream)
        await manager.streams.delete(stream)
        await manager.streams.add(config)
      }),
    close: async () => void (await Promise.all(logs.map((log) => log.close()))),
  }
  return harness
}
