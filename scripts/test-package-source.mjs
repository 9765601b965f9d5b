// Compiles the package from its own tarball, as on a platform without a binary: packs, installs with
// scripts blocked and without a prebuilt binary, runs `npx rocksdb-live build` offline, and uses the
// result. Minutes without ccache, so it is a command of its own; CI runs it.

import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { packOnePlatform } from './pack.mjs'
import { root, run, runAsProgram } from './support/project.mjs'

const readJson = async (file) => JSON.parse(await readFile(file, 'utf8'))

/** Without a network if the system allows that: as root on Linux. */
const alone =
  spawnSync('unshare', ['--net', 'true'], { stdio: 'ignore' }).status === 0
    ? ['unshare', '--net']
    : []

function npm(cwd, ...args) {
  const [program, ...rest] = [...alone, 'npm', ...args]
  const env = { ...process.env, npm_config_offline: 'true', npm_config_nodedir: '' }
  // The environment of a user: without the variables of this repository's npm.
  for (const name of Object.keys(env))
    if (/^npm_(lifecycle|package)_|^npm_command$/.test(name)) delete env[name]
  const status = run(program, rest, { cwd, env, shell: process.platform === 'win32' })
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}`)
}

/** Installs the tarball with its dependencies, from folders in this repository's node_modules. */
async function install(project, tarball) {
  const { dependencies } = await readJson(path.join(root, 'package.json'))
  const folders = Object.keys(dependencies).map((name) => [
    name,
    `file:${path.join(root, 'node_modules', name)}`,
  ])
  const manifest = {
    private: true,
    dependencies: { 'rocksdb-live': `file:${tarball}`, ...Object.fromEntries(folders) },
  }
  await writeFile(path.join(project, 'package.json'), JSON.stringify(manifest))
  npm(project, 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--install-links')
}

const use = `
const { Database, versions } = require('rocksdb-live')
const { join } = require('node:path')
Database.open(join(process.cwd(), 'db')).then(async (db) => {
  await db.default.put(Buffer.from('key'), Buffer.from('value'))
  const found = await db.default.get(Buffer.from('key'))
  await db.close()
  if (String(found) !== 'value') throw new Error('found ' + found)
  console.log('compiled from the tarball: RocksDB ' + versions.rocksdb)
})`

await runAsProgram(import.meta.url, async () => {
  const project = await mkdtemp(path.join(os.tmpdir(), 'rocksdb-live-source-'))
  try {
    const { filename } = await packOnePlatform(project)
    await install(project, path.join(project, filename))
    const installed = path.join(project, 'node_modules/rocksdb-live')
    await rm(path.join(installed, 'prebuilds'), { recursive: true })
    npm(project, 'exec', '--', 'rocksdb-live', 'build')
    await readFile(path.join(installed, 'build/Release/rocksdb_live.node'))
    return run(process.execPath, ['-e', use], { cwd: project })
  } finally {
    await rm(project, { recursive: true, force: true })
  }
})
