/** The packages of NATS, which are optional, and connections made with them. */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { Kvm } from '@nats-io/kv'
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node'
import { RocksDBError } from '../base/errors'
import type { ConnectOptions } from './jetstream-options'

/** What is used of the packages. */
export interface Packages {
  connect: (options: NodeConnectionOptions) => Promise<NatsConnection>
  createInbox: (prefix?: string) => string
  jetstream: typeof import('@nats-io/jetstream').jetstream
  jetstreamManager: typeof import('@nats-io/jetstream').jetstreamManager
  Kvm: typeof import('@nats-io/kv').Kvm
}

/** The packages of NATS. */
export async function loadPackages(): Promise<Packages> {
  try {
    const { connect, createInbox } = await import('@nats-io/transport-node')
    const { jetstream, jetstreamManager } = await import('@nats-io/jetstream')
    const { Kvm } = await import('@nats-io/kv')
    return { connect, createInbox, jetstream, jetstreamManager, Kvm }
  } catch (cause) {
    throw new RocksDBError(
      'replicas over JetStream need packages that are not there: npm install ' +
        '@nats-io/transport-node @nats-io/jetstream @nats-io/kv',
      { code: 'ERR_NOT_SUPPORTED', cause },
    )
  }
}

/** A connection, and what is asked over it. */
export interface Client {
  packages: Packages
  connection: NatsConnection
  /** Whether it is closed with the log. */
  own: boolean
  publisher: JetStreamClient
  manager: JetStreamManager
  keys: Kvm
}

/** A link that is not answered is given up after two to three of these. */
const PING_MS = 5000
const RECONNECT_MS = 250

/** Connects, or takes the connection that is there. */
export async function connectClient(options: ConnectOptions): Promise<Client> {
  const packages = await loadPackages()
  const own = options.connection === undefined
  const connection = own
    ? await packages.connect(connectionOptions(options))
    : (options.connection as unknown as NatsConnection)
  return { packages, connection, own, ...(await overConnection(packages, connection, options)) }
}

async function overConnection(
  packages: Packages,
  connection: NatsConnection,
  { timeoutMs }: ConnectOptions,
): Promise<Pick<Client, 'publisher' | 'manager' | 'keys'>> {
  const settings = { timeout: timeoutMs, checkAPI: false }
  const publisher = packages.jetstream(connection, settings)
  const manager = await packages.jetstreamManager(connection, settings)
  return { publisher, manager, keys: new packages.Kvm(publisher) }
}

function connectionOptions({ servers, options, timeoutMs }: ConnectOptions): NodeConnectionOptions {
  return {
    name: 'rocksdb-live',
    pingInterval: PING_MS,
    reconnectTimeWait: RECONNECT_MS,
    timeout: timeoutMs,
    noAsyncTraces: true,
    ...options,
    servers,
    // A replica never stops trying: who owns it decides when to end.
    reconnect: true,
    maxReconnectAttempts: -1,
  }
}
