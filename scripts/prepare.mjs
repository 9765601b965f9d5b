// npm's prepare script, which runs in a clone (`npm ci`) and never where the package was installed from a registry:
// compiles lib/ and brings the native build up to date. The package has no script that runs at its installation.

import path from 'node:path'
import { buildNative } from './build-native.mjs'
import { findModule, root, run, runAsProgram } from './support/project.mjs'

/** npm runs this before packing as well; packages contain prebuilt binaries, not local builds. */
const packing = () => ['pack', 'publish'].includes(process.env.npm_command)

await runAsProgram(import.meta.url, async () => {
  if (!packing()) await buildNative()
  // Without development dependencies there is no compiler.
  if (!findModule('typescript/package.json')) return 0
  return run(process.execPath, [path.join(root, 'scripts/build-ts.mjs')])
})
