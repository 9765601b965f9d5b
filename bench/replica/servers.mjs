// Three NATS servers on this machine, with JetStream on three of them and fsync before each acknowledgement.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'

const support = new URL('../../test/support/nats/', import.meta.url)
const { version } = JSON.parse(readFileSync(new URL('version.json', support), 'utf8'))
const built = fileURLToPath(
  new URL(`../../build-cmake/nats-server/${version}/nats-server`, import.meta.url),
)

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves to `{ version, urls, stop }` once they answer. */
export async function startServers(folder) {
  const program = existsSync(built) ? built : 'nats-server'
  const { error, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  if (error) {
    throw new Error('nats-server is not there: node test/support/nats/build.mjs builds it with Go')
  }
  const ports = []
  for (let i = 0; i < 6; i++) ports.push(await freePort())
  const routes = ports.slice(3).map((port) => `nats://127.0.0.1:${port}`)
  const children = [0, 1, 2].map((i) => {
    const home = join(folder, `server-${i}`)
    mkdirSync(home, { recursive: true })
    const config = join(home, 'server.conf')
    writeFileSync(
      config,
      `server_name: n${i}
listen: 127.0.0.1:${ports[i]}
jetstream { store_dir: "${home}", max_file_store: 64GB, sync_interval: always }
cluster { name: bench, listen: 127.0.0.1:${ports[i + 3]}, routes: [${routes.join(', ')}] }
`,
    )
    return spawn(program, ['-c', config], { stdio: 'ignore' })
  })
  const urls = ports.slice(0, 3).map((port) => `nats://127.0.0.1:${port}`)
  const stop = () => {
    for (const child of children) child.kill('SIGKILL')
  }
  process.once('exit', stop)
  await answers(urls)
  return { version: stdout.trim(), urls, stop }
}

async function answers(urls) {
  for (let tries = 0; ; tries++) {
    try {
      const connection = await connect({ servers: urls, timeout: 1000 })
      const manager = await jetstreamManager(connection, { timeout: 1000 })
      await manager.getAccountInfo()
      await connection.close()
      return
    } catch (error) {
      if (tries > 100) throw error
      await sleep(200)
    }
  }
}
