/** Real NATS servers for the tests: one, or a cluster of three, with everything that can happen to them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { eventually } from '../tools'
import { natsServer, syncsAlways } from './program'
import { Wire, type WireMode } from './wire'

export interface ClusterOptions {
  /** Bytes that a server keeps at most (default: 8 GB). */
  maxBytes?: number
  /** What each server's configuration has besides: lines of it. */
  config?: string
}

/** How long servers may take to elect a leader, beside other work. */
const LEADERLESS_MS = 30_000

/** What the client says where no server answers for the stream: its causes say it too. */
function isLeaderless(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (/NotEnabled|NoResponders|Timeout/.test(each.constructor.name)) return true
  }
  return false
}

/** One server's process, which can be killed and started again over its files. */
export class TestServer {
  readonly name: string
  readonly port: number
  readonly log: string
  readonly #config: string
  #process: ChildProcess | undefined

  constructor(folder: string, name: string, port: number, config: string) {
    this.name = name
    this.port = port
    this.log = path.join(folder, `${name}.log`)
    this.#config = path.join(folder, `${name}.conf`)
    writeFileSync(this.#config, config)
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  start(): void {
    const output = openSync(this.log, 'a')
    const stdio: ['ignore', number, number] = ['ignore', output, output]
    const child = spawn(natsServer as string, ['-c', this.#config], { stdio })
    closeSync(output)
    // Nothing outlives the tests, whatever ends them.
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.removeListener('exit', end))
    this.#process = child
  }

  /** Ends it at once, as a crash does. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    this.#process = undefined
    const ended = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await ended
  }

  /** Lets it stand still: its connections stay, and nobody answers. */
  suspend(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }
}

/** One client's ways to the servers, which can be cut for it alone. */
export class ClientPath {
  readonly servers: string[]
  readonly #proxies: Wire[]

  constructor(proxies: Wire[], ports: number[]) {
    this.#proxies = proxies
    this.servers = ports.map((port) => `nats://127.0.0.1:${port}`)
  }

  /** What becomes of its connections, to all servers or to one. */
  set(mode: WireMode, server?: number): void {
    for (const [at, proxy] of this.#proxies.entries()) {
      if (server === undefined || server === at) proxy.mode = mode
    }
  }

  delay(ms: number): void {
    for (const proxy of this.#proxies) proxy.delayMs = ms
  }
}

export class TestCluster {
  readonly servers: TestServer[]
  readonly #folder: string
  /** `between[from][to]`: what server `from` connects to server `to` through. */
  readonly #between: (Wire | undefined)[][]
  readonly #proxies: Wire[] = []

  constructor(folder: string, servers: TestServer[], between: (Wire | undefined)[][]) {
    this.#folder = folder
    this.servers = servers
    this.#between = between
  }

  get urls(): string[] {
    return this.servers.map((server) => server.url)
  }

  server(name: string): TestServer {
    const server = this.servers.find((each) => each.name === name)
    if (server === undefined) throw new Error(`there is no server ${name}`)
    return server
  }

  /** Ways for one client. */
  async path(): Promise<ClientPath> {
    const proxies = this.servers.map((server) => new Wire(server.port))
    this.#proxies.push(...proxies)
    return new ClientPath(proxies, await Promise.all(proxies.map((proxy) => proxy.listen())))
  }

  /** What becomes of the connections between one server and all others. */
  between(server: TestServer, mode: WireMode): void {
    const at = this.servers.indexOf(server)
    for (const [from, row] of this.#between.entries()) {
      for (const [to, proxy] of row.entries()) {
        if ((from === at || to === at) && proxy !== undefined) proxy.mode = mode
      }
    }
  }

  /**
   * Runs `work` with a connection to the servers that answer. While a stream's leader is elected
   * nobody answers for it: then `work` runs again, so it must be one that may.
   */
  async administer<T>(work: (connection: NatsConnection) => Promise<T>): Promise<T> {
    const connection = await connect({ servers: this.urls, timeout: 2000 })
    try {
      for (const until = performance.now() + LEADERLESS_MS; ; ) {
        try {
          return await work(connection)
        } catch (error) {
          if (!isLeaderless(error) || performance.now() > until) throw error
          await sleep(50)
        }
      }
    } finally {
      await connection.close()
    }
  }

  /** The server that leads the stream. */
  async leaderOf(stream: string): Promise<TestServer> {
    return this.administer(async (connection) => {
      const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 1000 })
      return eventually(`a leader of ${stream}`, async () => {
        const info = await manager.streams.info(stream).catch(() => undefined)
        if (info?.cluster === undefined) return undefined
        return info.cluster.leader === undefined ? undefined : this.server(info.cluster.leader)
      })
    })
  }

  /** Waits until all servers that run have JetStream. */
  async ready(): Promise<void> {
    for (const server of this.servers.filter((each) => each.pid !== undefined)) {
      await eventually(
        `${server.name} answers`,
        () => answers(server),
        () => tailOf(server.log),
      )
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()))
    const rows = this.#between.flat().filter((proxy) => proxy !== undefined)
    await Promise.all([...rows, ...this.#proxies].map((proxy) => proxy.close()))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Starts servers; resolves once they answer. With `sync_interval: always` where the server has that. */
export async function startCluster(
  count: 1 | 3,
  options: ClusterOptions = {},
): Promise<TestCluster> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'rocksdb-live-nats-'))
  const ports = await freePorts(2 * count)
  const between: (Wire | undefined)[][] = []
  const servers: TestServer[] = []
  for (let at = 0; at < count; at++) {
    const routes: string[] = []
    between.push([])
    for (let to = 0; to < count; to++) {
      const proxy = to === at ? undefined : new Wire(ports[count + to] as number)
      between[at]?.push(proxy)
      if (proxy) routes.push(`nats://127.0.0.1:${await proxy.listen()}`)
    }
    const name = `n${at + 1}`
    const [port, route] = [ports[at] as number, ports[count + at] as number]
    const ways = count === 1 ? undefined : { route, routes }
    const config = configOf(folder, name, port, ways, options.maxBytes ?? 8e9)
    servers.push(new TestServer(folder, name, port, `${config}${options.config ?? ''}\n`))
  }
  const cluster = new TestCluster(folder, servers, between)
  try {
    for (const server of servers) server.start()
    await cluster.ready()
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

function configOf(
  folder: string,
  name: string,
  port: number,
  cluster: { route: number; routes: string[] } | undefined,
  maxBytes: number,
): string {
  const sync = syncsAlways ? 'sync_interval: always' : ''
  return `
server_name: ${name}
listen: 127.0.0.1:${port}
jetstream { store_dir: "${path.join(folder, name)}", max_file_store: ${maxBytes}, max_memory_store: 1GB, ${sync} }
${
  cluster === undefined
    ? ''
    : `cluster {
  name: test
  listen: 127.0.0.1:${cluster.route}
  # Others come only by the ways that can be cut.
  no_advertise: true
  cluster_advertise: 127.0.0.1:1
  routes: [${cluster.routes.join(', ')}]
}`
}
`
}

async function answers(server: TestServer): Promise<true | undefined> {
  try {
    const connection = await connect({ servers: server.url, timeout: 2000, reconnect: false })
    try {
      const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 1000 })
      await manager.getAccountInfo()
      return true
    } finally {
      await connection.close()
    }
  } catch {
    return undefined
  }
}

/** Ports that nobody listens to at this moment. */
async function freePorts(count: number): Promise<number[]> {
  const listeners = await Promise.all(
    Array.from({ length: count }, async () => {
      const listener = createServer().listen(0, '127.0.0.1')
      await once(listener, 'listening')
      return listener
    }),
  )
  const ports = listeners.map((listener) => (listener.address() as { port: number }).port)
  await Promise.all(listeners.map((listener) => new Promise((done) => listener.close(done))))
  return ports
}

function tailOf(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n')
}
