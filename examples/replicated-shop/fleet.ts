/** Everything that the shop is made of, on this machine: three NATS servers and three nodes, each a process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { NatsCluster } from './nats'
import { freePorts } from './ports'
import { endOf, endWithUs } from './processes'
import type { Peer } from './service'

export interface FleetOptions {
  /** For the rows of all nodes, the log, and the snapshots. */
  directory: string
  /** Of the nodes; any free ones by default. */
  ports?: number[]
  /** After how long without a sign of the writer another node takes over. 2000 by default. */
  leaseMs?: number
  /** Hears what the nodes say. */
  onLine?: (line: string) => void
}

const NODES = 3
const PROGRAM = join(__dirname, 'node.js')

export class Fleet {
  readonly peers: readonly Peer[]
  readonly #options: FleetOptions
  readonly #nats: NatsCluster
  readonly #children: (ChildProcess | undefined)[] = []

  private constructor(options: FleetOptions, nats: NatsCluster, ports: readonly number[]) {
    this.#options = options
    this.#nats = nats
    this.peers = ports.map((port, index) => ({
      name: `shop-${index + 1}`,
      url: `http://127.0.0.1:${port}`,
    }))
  }

  /** Resolves once all nodes serve. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const { directory, ports = await freePorts(NODES) } = options
    mkdirSync(directory, { recursive: true })
    const fleet = new Fleet(options, await NatsCluster.start(directory), ports)
    try {
      await Promise.all(fleet.peers.map((_, index) => fleet.startNode(index)))
    } catch (error) {
      await fleet.stop()
      throw error
    }
    return fleet
  }

  /** Resolves once it serves; it has applied all of the log by then. */
  async startNode(index: number): Promise<void> {
    const { directory, leaseMs = 2000, onLine = () => {} } = this.#options
    const { name = '', url = '' } = this.peers[index] ?? {}
    const args = {
      name,
      'data-dir': join(directory, name),
      snapshots: join(directory, 'snapshots'),
      nats: this.#nats.urls.join(','),
      port: new URL(url).port,
      peers: JSON.stringify(this.peers),
      'lease-ms': String(leaseMs),
    }
    const flags = Object.entries(args).map(([flag, value]) => `--${flag}=${value}`)
    const child = spawn(process.execPath, [PROGRAM, ...flags], {
      // It ends when its input does, so it does not outlive us, whatever ends us.
      stdio: ['pipe', 'pipe', 'inherit'],
      // It is ended in order, after whoever asks it.
      detached: true,
    })
    endWithUs(child)
    this.#children[index] = child
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line === `ready ${name}`) resolve()
        else onLine(line)
      })
      child.once('exit', (code, signal) =>
        reject(new Error(`${name} ended with ${signal ?? code}`)),
      )
    })
  }

  /** Ends a node at once, as a crash does. */
  async kill(index: number): Promise<void> {
    const child = this.#children[index]
    this.#children[index] = undefined
    if (child !== undefined) await endOf(child, 'SIGKILL')
  }

  /** Ends all nodes in order, and the log after them. */
  async stop(): Promise<void> {
    const children = this.#children.splice(0).filter((child) => child !== undefined)
    await Promise.all(children.map((child) => endOf(child, 'SIGTERM')))
    await this.#nats.stop()
  }
}
