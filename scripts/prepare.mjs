// npm's prepare script, which runs in a clone (`npm ci`) and never where the package was installed from a registry:
// compiles lib/, brings the native build up to date and packs its sources. The package has no script that runs at its installation.

import path from 'node:path'
import { buildNative } from './build-native.mjs'
import { fetchSources } from './fetch-sources.mjs'
import { packSources } from './support/packed-sources.mjs'
import { findModule, root, run, runAsProgram } from './support/project.mjs'

/** npm runs this before packing as well; packages contain prebuilt binaries, not local builds. */
const packing = () => ['pack', 'publish'].includes(process.env.npm_command)

/** npm packs what it installs from git without prepack: the sources, packed in a second, have to be there before. */
async function packQuickly() {
  const { pins, folders } = await fetchSources()
  const names = Object.keys(pins)
  const own = (name) => folders[name] === path.join(root, 'deps', name)
  if (names.every(own)) await packSources(names, { quality: 5 })
}

await runAsProgram(import.meta.url, async () => {
  if (!packing()) {
    await buildNative()
    await packQuickly()
  }
  // Without development dependencies there is no compiler.
  if (!findModule('typescript/package.json')) return 0
  return run(process.execPath, [path.join(root, 'scripts/build-ts.mjs')])
})
