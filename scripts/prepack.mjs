// npm's prepack script: updates everything in the package that is not in git.

import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeSums } from './checksums.mjs'
import { fetchSources } from './fetch-sources.mjs'
import { sbom } from './sbom.mjs'
import { packSources } from './support/packed-sources.mjs'
import { root, runAsProgram } from './support/project.mjs'

await runAsProgram(import.meta.url, async () => {
  if (!existsSync(path.join(root, 'dist/index.js'))) throw new Error('no dist/: npm run build:ts')
  // The pinned sources, even if this machine compiles others.
  for (const name of Object.keys(process.env))
    if (name.endsWith('_SOURCE_DIR')) delete process.env[name]
  // A published package has the first carrier's sources; a test packs what it has compiled.
  const { pins } = await fetchSources({ sources: process.env.ROCKSDB_LIVE_SOURCES || 'crates' })
  await packSources(Object.keys(pins))
  await writeFile(path.join(root, 'sbom.cdx.json'), sbom(pins))
  await writeSums(path.join(root, 'prebuilds'))
  return 0
})
