// Compiles lib/ to dist/: the code without comments, to keep the package small, and the declarations
// with them, for editors.

import { rm } from 'node:fs/promises'
import path from 'node:path'
import { root, runAsProgram, runBin } from './support/project.mjs'

const PROJECT = ['--project', 'tsconfig.json']
const CODE = ['--removeComments', '--declaration', 'false', '--declarationMap', 'false']

await runAsProgram(import.meta.url, async () => {
  await rm(path.join(root, 'dist'), { recursive: true, force: true })
  const compile = (options) => runBin('typescript', [...PROJECT, ...options], { command: 'tsc' })
  return (await compile(CODE)) || compile(['--emitDeclarationOnly'])
})
