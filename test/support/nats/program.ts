/** Which `nats-server` the tests run: the one that was built for them, else the one in PATH. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { where } from '../tools'

const pinned = JSON.parse(readFileSync(path.join(__dirname, 'version.json'), 'utf8')) as {
  version: string
}
const built = path.resolve(
  __dirname,
  '../../../build-cmake/nats-server',
  pinned.version,
  'nats-server',
)

/** The server's program; undefined where there is none. */
export const natsServer: string | undefined = existsSync(built)
  ? built
  : spawnSync('nats-server', ['--version']).error === undefined
    ? 'nats-server'
    : undefined

function versionOf(program: string): [number, number] {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  const [, major, minor] = /v(\d+)\.(\d+)\./.exec(stdout) ?? []
  return [Number(major), Number(minor)]
}

/** Its version, as [major, minor]. */
export const natsVersion: [number, number] =
  natsServer === undefined ? [0, 0] : versionOf(natsServer)

/**
 * Whether it can be told to acknowledge only what is on a disk (from 2.10 on). Debian's cannot: with it the tests
 * show the death of servers, but nothing of power losses.
 */
export const syncsAlways = natsVersion[0] > 2 || natsVersion[1] >= 10

/** `it` where there is a server; a visible skip where there is none. */
export const withServers = where(
  natsServer !== undefined,
  'replicas over JetStream need nats-server: node test/support/nats/build.mjs builds it with Go, or install the ' +
    'package nats-server of your system',
)

if (natsServer !== undefined && !syncsAlways) {
  console.warn(
    `nats-server ${natsVersion.join('.')} has no sync_interval: what is acknowledged may not be on a disk`,
  )
}
