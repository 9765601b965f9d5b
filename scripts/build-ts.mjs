// Compiles lib/ to dist/: the code without comments, to keep the package small, and the declarations
// with them, for editors. Then the page of the studio, from studio/.

import { rm } from 'node:fs/promises'
import path from 'node:path'
import { buildStudio } from './build-studio.mjs'
import { root, runAsProgram, runBin } from './support/project.mjs'

const PROJECT = ['--project', 'tsconfig.json']
const CODE = ['--removeComments', '--declaration', 'false', '--declarationMap', 'false']

await runAsProgram(import.meta.url, async () => {
  await rm(path.join(root, 'dist'), { recursive: true, force: true })
  const compile = (options) => runBin('typescript', [...PROJECT, ...options], { command: 'tsc' })
  const status = (await compile(CODE)) || (await compile(['--emitDeclarationOnly']))
  if (status === 0) await buildStudio()
  return status
})
