/** Logs of replicas in NATS JetStream. */
import { setTimeout as sleep } from 'node:timers/promises'
import { RocksDBError } from '../base/errors'
import { type Client, connectClient } from './jetstream-client'
import { isForbidden, logFailed } from './jetstream-errors'
import { openLease } from './jetstream-lease'
import { OpenJetStreamLog } from './jetstream-log'
import {
  type ConnectOptions,
  type JetStreamOptions,
  readJetStreamOptions,
} from './jetstream-options'
import { ensureStream, type StreamNames } from './jetstream-stream'
import type { OpenLog, ReplicaLog } from './log'

/** Opening may take so many times `timeoutMs`. */
const OPENING = 4
const RETRY_MS = 250

/**
 * A log in NATS JetStream, for `openReplica`. Needs the packages `@nats-io/transport-node`, `@nats-io/jetstream` and
 * `@nats-io/kv`, and a server from 2.10 on; 2.12 or newer with `sync_interval: always` is recommended. Without that
 * setting servers acknowledge records before they are on a disk: docs/replication.md says what can be lost then.
 *
 * Opening it fails with `ERR_REPLICA_LOG` where no server answers in time, or where a stream of that name has settings
 * that lose records: a limit, another storage than files, too few replicas. The message names each.
 *
 * @throws TypeError or RangeError for an option that cannot be used
 *
 * @example
 * ```ts
 * const log = jetstream({ servers: ['nats://a:4222', 'nats://b:4222', 'nats://c:4222'], stream: 'shop' })
 * const node = await openReplica('data/shop', { log })
 * ```
 */
export function jetstream(options: JetStreamOptions): ReplicaLog {
  const { stream, replicas, ...connect } = readJetStreamOptions(options)
  const places = connect.servers.map(withoutSecrets).join(', ')
  const log = `the JetStream stream ${stream}${places === '' ? '' : ` at ${places}`}`
  const names = {
    log,
    stream,
    subject: `${stream}.log`,
    bucket: `${stream}-lease`,
    replicas,
  }
  return new JetStreamLog(names, connect)
}

class JetStreamLog implements ReplicaLog {
  readonly name: string
  readonly #names: StreamNames
  readonly #options: ConnectOptions

  constructor(names: StreamNames, options: ConnectOptions) {
    this.name = names.log
    this.#names = names
    this.#options = options
  }

  async open(signal: AbortSignal): Promise<OpenLog> {
    const deadline = performance.now() + OPENING * this.#options.timeoutMs
    const client = await this.#untilDone('be reached', deadline, signal, () =>
      connectClient(this.#options),
    )
    try {
      return await this.#untilDone('be opened', deadline, signal, () => this.#over(client))
    } catch (error) {
      if (client.own) await client.connection.close()
      throw error
    }
  }

  async #over(client: Client): Promise<OpenLog> {
    const info = await ensureStream(client, this.#names)
    const lease = await openLease(client, this.#names)
    return new OpenJetStreamLog(client, this.#names, this.#options.timeoutMs, info, lease)
  }

  /** Tries until it is done; servers that start refuse first what they do later. */
  async #untilDone<T>(
    what: string,
    deadline: number,
    signal: AbortSignal,
    run: () => Promise<T>,
  ): Promise<T> {
    for (;;) {
      signal.throwIfAborted()
      try {
        return await run()
      } catch (error) {
        if (error instanceof RocksDBError) throw error
        const over = performance.now() + RETRY_MS > deadline
        if (over || isForbidden(error)) throw logFailed(this.name, what, error)
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}

/** The address without a user and a password. */
function withoutSecrets(server: string): string {
  return server.slice(server.lastIndexOf('@') + 1)
}
