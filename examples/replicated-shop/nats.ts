/** Three NATS servers on loopback, which keep the log together. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from './ports'
import { endOf, endWithUs } from './processes'

const BUILT = join(__dirname, '..', '..', 'build-cmake', 'nats-server')
const SERVERS = 3
const START_MS = 60_000

/** The program: `NATS_SERVER`, the one that the tests have built, or that in PATH; undefined where there is none. */
export function natsServer(): string | undefined {
  const named = process.env['NATS_SERVER']
  if (named) return named
  const versions = existsSync(BUILT) ? readdirSync(BUILT) : []
  const built = versions.map((version) => join(BUILT, version, 'nats-server')).filter(existsSync)
  if (built.length > 0) return built.at(-1)
  return spawnSync('nats-server', ['--version']).error === undefined ? 'nats-server' : undefined
}

/** Where to get it. */
export const NATS_WANTED = `The shop needs nats-server, which was not found. Either of these is enough:

    node test/support/nats/build.mjs        # builds it, with Go
    apt-get install nats-server             # an older one, of your system
    NATS_SERVER=/path/to/nats-server npm run shop`

/** Only these can wait until a record is on the disk before they acknowledge it. */
function syncsAlways(program: string): boolean {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  const [, major, minor] = /v(\d+)\.(\d+)\./.exec(stdout) ?? []
  return Number(major) > 2 || Number(minor) >= 10
}

export class NatsCluster {
  readonly urls: string[] = []
  readonly #children: ChildProcess[] = []
  readonly #monitors: string[] = []

  /** Starts them, with their files in the directory. Resolves once JetStream runs on all. */
  static async start(directory: string): Promise<NatsCluster> {
    const program = natsServer()
    if (program === undefined) throw new Error(NATS_WANTED)
    const cluster = new NatsCluster()
    const ports = await freePorts(3 * SERVERS)
    const sync = syncsAlways(program) ? ', sync_interval: always' : ''
    const routes = ports.slice(SERVERS, 2 * SERVERS).map((port) => `nats://127.0.0.1:${port}`)
    for (let at = 0; at < SERVERS; at++) {
      const [client, route, monitor] = [ports[at], ports[SERVERS + at], ports[2 * SERVERS + at]]
      cluster.#start(program, join(directory, `nats-${at + 1}`), [
        `server_name: nats-${at + 1}`,
        `listen: 127.0.0.1:${client}`,
        `http: 127.0.0.1:${monitor}`,
        `jetstream { store_dir: ${JSON.stringify(join(directory, `nats-${at + 1}`))}${sync} }`,
        `cluster { name: shop, listen: 127.0.0.1:${route}, routes: [${routes.join(', ')}] }`,
      ])
      cluster.urls.push(`nats://127.0.0.1:${client}`)
      cluster.#monitors.push(`http://127.0.0.1:${monitor}/healthz`)
    }
    try {
      await cluster.#ready()
    } catch (error) {
      await cluster.stop()
      throw error
    }
    return cluster
  }

  #start(program: string, folder: string, config: string[]): void {
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}.conf`, `${config.join('\n')}\n`)
    const output = openSync(`${folder}.log`, 'a')
    // Ctrl-C is for the nodes, which need the log until they are closed.
    const options = {
      stdio: ['ignore', output, output] as ['ignore', number, number],
      detached: true,
    }
    const child = spawn(program, ['-c', `${folder}.conf`], options)
    closeSync(output)
    endWithUs(child)
    this.#children.push(child)
  }

  async #ready(): Promise<void> {
    const until = performance.now() + START_MS
    for (const url of this.#monitors) {
      for (;;) {
        const answer = await fetch(url).catch(() => undefined)
        if (answer?.ok === true) break
        const ended = this.#children.some(({ exitCode }) => exitCode !== null)
        if (ended || performance.now() > until)
          throw new Error('nats-server does not start: see its log')
        await sleep(50)
      }
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => endOf(child, 'SIGTERM')))
  }
}
