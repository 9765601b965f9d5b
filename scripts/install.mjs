// npm's install script. In the package: nothing where a binary loads, else compiles one from the sources
// that the package brings along; with --build-from-source it compiles in any case. In the repository:
// brings the build up to date. With --ignore-scripts the package works from its prebuilt binary.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { buildNative } from './build-native.mjs'
import { root, runAsProgram } from './support/project.mjs'

const isRepository = () => existsSync(path.join(root, 'lib/index.ts'))

/** `--build-from-source`, alone or with the package's name, as npm hands it on. */
const asked = () => ['', 'true', 'rocksdb-live'].includes(process.env.npm_config_build_from_source)

/** Loads the binary in a process of its own: a broken one must not end the installation. */
function binaryLoads() {
  const load = `require('node-gyp-build')(${JSON.stringify(root)})`
  return spawnSync(process.execPath, ['-e', load], { cwd: root, stdio: 'ignore' }).status === 0
}

await runAsProgram(import.meta.url, async () => {
  if (!isRepository() && !asked() && binaryLoads()) return 0
  await buildNative()
  return 0
})
