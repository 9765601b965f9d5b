// Writes docs/api/: the API reference, from the docstrings in the declarations that users get. Reads
// dist/: run `npm run build:ts` first. `npm run docs` calls it through generate-docs.mjs, and so does
// the test that finds a stale page.

import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { register } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { root } from './support/project.mjs'

export const apiFolder = path.join(root, 'docs/api')

/** TypeDoc needs a compiler with an API, which this project's compiler no longer has. */
const COMPILER = 'typescript-5.4'
const resolver = `
  export const resolve = (specifier, context, next) =>
    next(specifier === 'typescript' ? '${COMPILER}' : specifier, context)`

/** Kinds that must have a docstring. */
const DOCUMENTED = ['Class', 'Interface', 'Function', 'Method', 'Accessor', 'TypeAlias', 'Variable']

async function write(out) {
  register(`data:text/javascript,${encodeURIComponent(resolver)}`, import.meta.url)
  const { Application } = await import('typedoc')
  const { MarkdownPageEvent } = await import('typedoc-plugin-markdown')
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: path.join(root, 'scripts/support/api.tsconfig.json'),
    entryPoints: [
      path.join(root, 'dist/index.d.ts'),
      path.join(root, 'dist/backup/index.d.ts'),
      path.join(root, 'dist/metrics/index.d.ts'),
      path.join(root, 'dist/replica/index.d.ts'),
      path.join(root, 'dist/level/index.d.ts'),
      path.join(root, 'dist/keyv/index.d.ts'),
      path.join(root, 'dist/session/index.d.ts'),
      path.join(root, 'dist/studio/index.d.ts'),
      path.join(root, 'dist/otel/index.d.ts'),
    ],
    out,
    name: 'API',
    readme: 'none',
    router: 'member',
    sort: ['source-order'],
    groupOrder: ['Classes', 'Functions', 'Interfaces', 'Type Aliases', 'Variables'],
    disableSources: true,
    includeVersion: false,
    excludePrivate: true,
    excludeExternals: true,
    validation: { notExported: false, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: DOCUMENTED,
    // Parts of conditional types.
    intentionallyNotDocumented: [
      'rocksdb-live.Decoded.__type.decode',
      'rocksdb-live.Encodable.__type.encode',
    ],
    logLevel: 'Warn',
    treatWarningsAsErrors: true,
    hidePageHeader: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    expandObjects: true,
    useCodeBlocks: true,
    entryFileName: 'README',
  })
  // A class that users cannot name.
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    page.contents = page.contents
      .replaceAll(/^#+ Inherited from\n\n`OpenDatabase[^\n]*\n+/gm, '')
      .replaceAll(/^## Extends\n\n- `OpenDatabase`\n\n/gm, '')
  })
  const project = await app.convert()
  if (project === undefined) throw new Error('TypeDoc could not read dist/')
  app.validate(project)
  await app.generateOutputs(project)
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc has complaints')
}

/** The text of every file in a folder, by its path there; empty if the folder does not exist. */
async function textsIn(directory) {
  const names = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = names.filter((entry) => entry.isFile())
  const texts = files.map(async ({ parentPath, name }) => {
    const file = path.join(parentPath, name)
    return [path.relative(directory, file), await readFile(file, 'utf8')]
  })
  return new Map(await Promise.all(texts))
}

/**
 * Regenerates the reference; with `check` it only compares. Returns the names of the stale pages.
 */
export async function generateApi({ check }) {
  const made = await mkdtemp(path.join(os.tmpdir(), 'rocksdb-live-api-'))
  try {
    await write(made)
    const [is, should] = await Promise.all([textsIn(apiFolder), textsIn(made)])
    const names = new Set([...is.keys(), ...should.keys()])
    const stale = [...names].filter((name) => is.get(name) !== should.get(name))
    if (stale.length > 0 && !check) {
      await rm(apiFolder, { recursive: true, force: true })
      await cp(made, apiFolder, { recursive: true })
    }
    return stale
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}
