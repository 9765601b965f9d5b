/**
 * Builds the NATS server for the tests of replicas, from its published source at a pinned version, into
 * build-cmake/nats-server/. That takes half a minute, a Go compiler and the Go module proxy.
 *
 *   node test/support/nats/build.mjs
 *
 * Without them it says so, and the tests use the `nats-server` in PATH; with CI set, one of both must be there.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { root, runAsProgram } from '../../../scripts/support/project.mjs'

const pinned = JSON.parse(readFileSync(new URL('./version.json', import.meta.url), 'utf8'))
const folder = path.join(root, 'build-cmake/nats-server', pinned.version)
const program = path.join(folder, 'nats-server')

await runAsProgram(import.meta.url, async () => {
  if (existsSync(program)) return 0
  try {
    if (!hasGo()) throw new Error(`Go ${pinned.go} or newer is not there`)
    await build()
    return 0
  } catch (error) {
    const { error: absent } = spawnSync('nats-server', ['--version'])
    const instead = absent ? 'there is no nats-server in PATH' : 'the one in PATH is used'
    console.error(`nats-server ${pinned.version} was not built: ${error.message}; ${instead}`)
    return absent && process.env.CI ? 1 : 0
  }
})

function hasGo() {
  const { error, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' })
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(stdout ?? '') ?? []
  const [wantedMajor, wantedMinor] = pinned.go.split('.').map(Number)
  if (error || Number(major) !== wantedMajor) return Number(major) > wantedMajor
  return Number(minor) >= wantedMinor
}

async function build() {
  const fresh = `${folder}.${process.pid}`
  await mkdir(fresh, { recursive: true })
  try {
    const what = `${pinned.module}@${pinned.version}`
    const { Sum } = JSON.parse(go(['mod', 'download', '-json', what], {}))
    if (Sum !== pinned.sum) throw new Error(`${what} has the sum ${Sum}, not ${pinned.sum}`)
    go(['install', what], { GOBIN: fresh })
    await rm(folder, { recursive: true, force: true })
    await rename(fresh, folder)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

function go(args, env) {
  const stdio = ['ignore', 'pipe', 'inherit']
  const options = { cwd: os.tmpdir(), env: { ...process.env, ...env }, encoding: 'utf8', stdio }
  const { error, status, stdout } = spawnSync('go', args, options)
  if (error) throw error
  if (status !== 0) throw new Error(`go ${args[0]} ended with ${status}`)
  return stdout
}
