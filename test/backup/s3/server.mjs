// A real S3 server for the tests: Versity's gateway over a directory, built from its published source at a pinned
// version into build-cmake/s3-server/. It was chosen since its conditions are atomic: from 1.8.0 on it looks at If-Match
// and If-None-Match under a lock that it holds until the object is there (versity/versitygw#2288). Before, and in many
// other servers, they are checked first and kept by luck: server.proof.ts shows that this one keeps them.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { root } from '../../../scripts/support/project.mjs'

const MODULE = 'github.com/versity/versitygw'
const VERSION = 'v1.8.0'
/** The sum of the module's files, as go knows it. */
const SUM = 'h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc='
/** What its go.mod asks for. */
const GO = 'go 1.25 or newer (https://go.dev, or the package golang of your system)'

const folder = path.join(root, 'build-cmake/s3-server', VERSION)
const program = path.join(folder, 'versitygw')

/** What is missing to build the server; undefined if it is there, or can be built. */
export function missing() {
  if (existsSync(program)) return undefined
  const { error, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' })
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(stdout ?? '') ?? []
  if (!error && (Number(major) > 1 || Number(minor) >= 25)) return undefined
  return GO
}

/** Builds the server where it is not there; returns its path. */
export async function build() {
  if (existsSync(program)) return program
  const fresh = `${folder}.${process.pid}`
  await mkdir(fresh, { recursive: true })
  try {
    const { Sum } = JSON.parse(go(['mod', 'download', '-json', `${MODULE}@${VERSION}`], {}))
    if (Sum !== SUM) throw new Error(`${MODULE} ${VERSION} has the sum ${Sum}, not ${SUM}`)
    go(['install', `${MODULE}/cmd/versitygw@${VERSION}`], { GOBIN: fresh })
    await rm(folder, { recursive: true, force: true })
    await rename(fresh, folder)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  return program
}

function go(args, env) {
  const stdio = ['ignore', 'pipe', 'inherit']
  const options = { cwd: os.tmpdir(), env: { ...process.env, ...env }, encoding: 'utf8', stdio }
  const { error, status, stdout } = spawnSync('go', args, options)
  if (error) throw error
  if (status !== 0) throw new Error(`go ${args[0]} ended with ${status}`)
  return stdout
}
