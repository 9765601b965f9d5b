// Runs the smoke set (test/smoke) from a package put together as npm would install it, with real
// runtimes: those of this machine, Windows' node.exe under Wine, arm64's under qemu.
//
//   node scripts/smoke.mjs [linux-x64|win32-x64|linux-arm64]    this machine's platform by default
//   node scripts/smoke.mjs --sources npm    on the sources of this carrier, with the node that runs this
//
// Where a tool is missing it says so and skips; in CI (CI set) that is a failure.

import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { buildNative, builtAddon, thisPlatform } from './build-native.mjs'
import { root, runAsProgram } from './support/project.mjs'
import { fetchRuntime, hostOf, runtimesOf } from './support/runtimes.mjs'
import { addTotals, totalsLine, totalsOf } from './support/totals.mjs'

// A start under Wine takes seconds, the set under qemu a minute.
const LIMIT_MS = 10 * 60_000

/** Creates a project with the package, one platform's addon, and the smoke set. */
async function makeProject(platform, sources) {
  const project = path.join(
    root,
    'build-cmake/smoke',
    [platform, sources].filter(Boolean).join('-'),
  )
  const modules = path.join(project, 'node_modules')
  const target = path.join(modules, 'rocksdb-live')
  await rm(project, { recursive: true, force: true })
  await mkdir(path.join(target, 'prebuilds', platform), { recursive: true })
  // Otherwise the set would be part of this package, and find the sources by its name.
  await writeFile(path.join(project, 'package.json'), '{ "private": true }\n')
  for (const name of ['dist', 'package.json'])
    await cp(path.join(root, name), path.join(target, name), { recursive: true })
  await cp(
    builtAddon({ platform, sources }),
    path.join(target, 'prebuilds', platform, 'rocksdb-live.node'),
  )
  const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  // prom-client, which the metrics need, is installed by users themselves; it has three
  // dependencies.
  const metrics = ['prom-client', '@opentelemetry/api', 'tdigest', 'bintrees']
  for (const name of [...Object.keys(dependencies), ...metrics]) {
    const from = path.join(root, 'node_modules', name)
    await cp(from, path.join(modules, name), { recursive: true })
  }
  await cp(path.join(root, 'test/smoke'), path.join(project, 'smoke'), { recursive: true })
  return path.join(project, 'smoke', 'main.cjs')
}

/** Starts the set in one mode. Its output goes to a file, since Wine cannot print into a pipe. */
function start({ host, program, main, folder }, mode) {
  const log = path.join(folder, `${mode}.log`)
  const output = openSync(log, 'w')
  const args = [host.pathOf(main), host.pathOf(folder), mode]
  const [command, ...rest] = host.command(program, args)
  const child = spawn(command, rest, {
    cwd: folder,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...host.env, NODE_OPTIONS: '' },
  })
  closeSync(output)
  const ended = new Promise((resolve, reject) => {
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
    child.once('error', reject)
    child.once('exit', (status, signal) => {
      clearTimeout(limit)
      resolve({ status, signal, text: readFileSync(log, 'utf8') })
    })
  })
  return { child, ended }
}

/** The totals in the output; a set that did not finish counts as one more failure. */
function totalsOfTap({ status, signal, text }) {
  const failed = (text.match(/^not ok /gm) ?? []).length
  const passed = (text.match(/^ok /gm) ?? []).length
  if (/^1\.\.\d+$/m.test(text) && (status === 0) === (failed === 0)) return totalsOf(passed, failed)
  console.log(`  ended with ${signal ?? status}`)
  return totalsOf(passed, failed + 1)
}

async function runMode(context, mode) {
  const outcome = await start(context, mode).ended
  const totals = totalsOfTap(outcome)
  if (totals.failed > 0) console.log(outcome.text)
  return totals
}

/** Opens in one process, is refused in a second, kills the first, and recovers in a third. */
async function runHeld(context) {
  const { child, ended } = start(context, 'hold')
  let outcome
  ended.then((value) => (outcome = value))
  while (!outcome && !existsSync(path.join(context.folder, 'hold.ready'))) await pause(20)
  if (outcome) {
    console.log(outcome.text)
    return [totalsOf(0, 1)]
  }
  const locked = await runMode(context, 'locked')
  child.kill('SIGKILL')
  await ended
  return [locked, await runMode(context, 'recovered')]
}

async function runWith(host, program, main) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rocksdb-live-smoke-'))
  try {
    const context = { host, program, main, folder }
    return addTotals(await runMode(context, 'run'), ...(await runHeld(context)))
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** The pinned runtimes of a platform; without any, or for another carrier, the current one. */
async function programsOf(platform, sources) {
  const pins = Object.entries(await runtimesOf(platform))
  if (pins.length === 0 || sources) return [[`node ${process.versions.node}`, process.execPath]]
  return Promise.all(pins.map(async ([name, pin]) => [name, await fetchRuntime(pin)]))
}

function skip(platform, missing) {
  console.warn(`SKIPPED: the smoke set on ${platform}; it needs ${missing}`)
  return process.env.CI ? totalsOf(0, 1) : totalsOf(0, 0, 1)
}

async function runEvery(platform, host, sources) {
  await buildNative({ platform, sources, target: 'rocksdb_live' })
  const main = await makeProject(platform, sources)
  host.prepare()
  const all = []
  for (const [name, program] of await programsOf(platform, sources)) {
    const started = Date.now()
    const totals = await runWith(host, program, main)
    all.push(totals)
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    const what = sources ? `${platform}, sources of ${sources}` : platform
    console.log(`${what}, ${name}: ${totalsLine(totals)} in ${seconds} s`)
  }
  return addTotals(...all)
}

/**
 * Compiles the addon of a platform and runs the set with each of its runtimes; returns the totals.
 * With `sources` it uses that carrier, and one runtime.
 */
export async function runSmoke(platform = thisPlatform, { sources } = {}) {
  const host = hostOf(platform)
  const missing = host.missing()
  if (missing) return skip(platform, missing)
  try {
    return await runEvery(platform, host, sources)
  } catch (error) {
    console.error(`the smoke set on ${platform}: ${error.message}`)
    return totalsOf(0, 1)
  } finally {
    host.end()
  }
}

await runAsProgram(import.meta.url, async (args) => {
  const options = { sources: { type: 'string' } }
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const totals = await runSmoke(positionals[0], values)
  console.log(totalsLine(totals))
  return totals.failed > 0 ? 1 : 0
})
