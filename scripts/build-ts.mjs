// Compiles lib/ to dist/. With --if-possible (npm's prepare) it leaves a package alone that comes
// without the compiler or without sources, since that one brings its dist/ along.

import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { findModule, root, runAsProgram, runBin } from './support/project.mjs'

await runAsProgram(import.meta.url, async (args) => {
  const possible =
    existsSync(path.join(root, 'lib/index.ts')) && findModule('typescript/package.json')
  if (!possible && args.includes('--if-possible')) return 0
  await rm(path.join(root, 'dist'), { recursive: true, force: true })
  return runBin('typescript', ['--project', 'tsconfig.json'], { command: 'tsc' })
})
