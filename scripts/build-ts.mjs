// Compiles lib/ to dist/.

import { rm } from 'node:fs/promises'
import path from 'node:path'
import { root, runAsProgram, runBin } from './support/project.mjs'

await runAsProgram(import.meta.url, async () => {
  await rm(path.join(root, 'dist'), { recursive: true, force: true })
  return runBin('typescript', ['--project', 'tsconfig.json'], { command: 'tsc' })
})
