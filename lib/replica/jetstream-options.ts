/** The options of logs in JetStream. Their types need no package of NATS. */
import {
  invalidType,
  invalidValue,
  optionalInteger,
  optionalString,
  readOptions,
} from '../base/arguments'

/** What is used of an open `NatsConnection` of `@nats-io/transport-node`: any of version 3 fits. */
export interface NatsConnectionLike {
  /** Sends a message, and waits for its answer. */
  request(subject: string, payload?: never, options?: never): Promise<unknown>
  /** Whether it was closed. */
  isClosed(): boolean
}

/** Options of `jetstream`. */
export interface JetStreamOptions {
  /**
   * Where the servers are, for example `nats://a:4222`; one of them is enough to find the others, but name all.
   * Not with `connection`.
   */
  servers?: string | readonly string[] | undefined
  /**
   * The name of the stream: letters, digits, `-` and `_`, at most 200. One database has one. It is made where it is
   * not there, with the one subject `<stream>.log`, and the bucket `<stream>-lease` beside it.
   */
  stream: string
  /**
   * On how many servers each record is: 1, 3 (default) or 5. With 3, one server can be lost; with 1, none. A stream
   * that has fewer is refused.
   */
  replicas?: 1 | 3 | 5 | undefined
  /**
   * An open connection of `@nats-io/transport-node` instead of `servers`. It stays the caller's, who closes it once
   * no replica uses it; it should have `maxReconnectAttempts: -1`.
   */
  connection?: NatsConnectionLike | undefined
  /**
   * What else the connection needs: any of `NodeConnectionOptions` of `@nats-io/transport-node`, as `user` and
   * `pass`, `token`, `authenticator`, `tls`. Not with `connection`.
   */
  options?: object | undefined
  /**
   * How long an answer may take in ms, and how long a server may be silent: 500 to 60,000, default 5,000. Opening may
   * take four times as long, for servers that start elect a leader first.
   */
  timeoutMs?: number | undefined
}

/** How to connect. */
export interface ConnectOptions {
  servers: string[]
  connection: NatsConnectionLike | undefined
  options: object
  timeoutMs: number
}

/** The options as they are used. */
export interface ReadJetStreamOptions extends ConnectOptions {
  stream: string
  replicas: number
}

const NAMES = ['servers', 'stream', 'replicas', 'connection', 'options', 'timeoutMs']
const REPLICAS: readonly unknown[] = [1, 3, 5]
const STREAM = /^[-\w]{1,200}$/
/** The options, checked, with their defaults. */
export function readJetStreamOptions(options: JetStreamOptions): ReadJetStreamOptions {
  const read = readOptions('options', options, NAMES)
  const stream = optionalString('options.stream', read['stream'], '')
  if (!STREAM.test(stream)) {
    const must = 'must be 1 to 200 letters, digits, - or _'
    throw invalidValue('options.stream', read['stream'], must)
  }
  const replicas = read['replicas'] ?? 3
  if (!REPLICAS.includes(replicas)) {
    throw invalidValue('options.replicas', replicas, 'must be 1, 3 or 5')
  }
  const limits = { min: 500, max: 60_000, default: 5000 }
  const timeoutMs = optionalInteger('options.timeoutMs', read['timeoutMs'], limits)
  const connection = readConnection(read['connection'])
  const servers = readServers(read['servers'], connection)
  const rest = readRest(read['options'], connection)
  return { stream, replicas: replicas as number, servers, connection, options: rest, timeoutMs }
}

function readConnection(value: unknown): NatsConnectionLike | undefined {
  if (value === undefined) return undefined
  const { request, isClosed } = (value ?? {}) as Partial<NatsConnectionLike>
  if (typeof request === 'function' && typeof isClosed === 'function') {
    return value as NatsConnectionLike
  }
  throw invalidType('options.connection', 'a NatsConnection of @nats-io/transport-node', value)
}

function readServers(value: unknown, connection: NatsConnectionLike | undefined): string[] {
  if (connection !== undefined) {
    if (value === undefined) return []
    throw invalidValue('options.servers', value, 'cannot be used with options.connection')
  }
  const servers: unknown[] = Array.isArray(value) ? [...value] : [value]
  const fit = (server: unknown) => typeof server === 'string' && server !== ''
  if (servers.length > 0 && servers.every(fit)) return servers as string[]
  throw invalidType('options.servers', 'the address of a server, or several', value)
}

function readRest(value: unknown, connection: NatsConnectionLike | undefined): object {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null) {
    throw invalidType('options.options', 'an object', value)
  }
  if (connection === undefined) return value
  throw invalidValue('options.options', value, 'cannot be used with options.connection')
}
