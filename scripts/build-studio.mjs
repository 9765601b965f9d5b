// Bundles studio/ into the static files of the page: dist/studio/page. They have no sources of others but
// Preact and uPlot, and nothing in them is fetched from elsewhere.

import { cp, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { root, runAsProgram } from './support/project.mjs'

const from = path.join(root, 'studio')
const to = path.join(root, 'dist', 'studio', 'page')

/** Makes the page's files anew. */
export async function buildStudio() {
  await rm(to, { recursive: true, force: true })
  await mkdir(to, { recursive: true })
  await build({
    absWorkingDir: root,
    entryPoints: { studio: path.join(from, 'main.tsx') },
    outdir: to,
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'eof',
    logLevel: 'warning',
  })
  for (const name of ['index.html', 'icon.svg'])
    await cp(path.join(from, name), path.join(to, name))
}

await runAsProgram(import.meta.url, buildStudio)
