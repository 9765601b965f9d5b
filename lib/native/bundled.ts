/** Finds the binary when a bundler has moved this code out of the package's folder. */
import { existsSync, readFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * The folder of the running file; a bundle of ES modules does not know its own, and uses that of
 * the main file.
 */
const here = typeof __dirname === 'string' ? __dirname : dirname(process.argv[1] ?? '')

/** The package's folder. In a bundle it is some other folder, or does not exist. */
export const packageFolder = join(here, '..', '..')

/** Whether this code runs from a bundle: two folders up there is another package, or none. */
export function isBundled(): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
    return manifest.name !== 'rocksdb-live'
  } catch {
    return true
  }
}

/**
 * Which C library's binary to use; the environment can say so, as for node-gyp-build. `''` if there
 * is only one.
 */
function libcTag(): string {
  if (platform() !== 'linux') return ''
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } }
  return process.env['LIBC'] || (report?.header?.glibcVersionRuntime ? 'glibc' : 'musl')
}

/** Folders that may contain a bundle's binary, in search order. */
export function bundleFolders(): string[] {
  const asked = process.env['ROCKSDB_LIVE_PREBUILD']
  const bases = asked
    ? [asked]
    : [here, dirname(process.argv[1] ?? ''), dirname(process.execPath), packageFolder]
  const folders = [...new Set(bases)].flatMap((base) => [
    join(base, 'prebuilds', `${platform()}-${arch()}`),
    // ncc puts the binary of a local build here.
    join(base, 'build', 'Release'),
  ])
  return folders
}

/**
 * The binary of a bundle, or undefined. Considers only files with this package's name: a bundler
 * puts the binaries of all packages into one folder, and two folders up may be the user's own
 * project.
 */
export function findBundled(): string | undefined {
  const names = [`rocksdb-live.${libcTag()}.node`, 'rocksdb-live.node', 'rocksdb_live.node']
  const files = bundleFolders().flatMap((folder) => names.map((name) => join(folder, name)))
  return files.find((file) => existsSync(file))
}

/** What to do, for an error message: one line each. */
export const HOW_TO_BUNDLE = [
  "It runs from a bundle, outside of the package's folder, and the bundler has left the binary behind. Either",
  "  keep the package out of the bundle and ship node_modules: esbuild --external:rocksdb-live; webpack, Rollup external: ['rocksdb-live']; Vite ssr.external; Next serverExternalPackages; or",
  '  copy node_modules/rocksdb-live/prebuilds beside the bundle; or',
  '  set ROCKSDB_LIVE_PREBUILD to a folder that has prebuilds/.',
  'docs/bundling.md has a recipe for each bundler.',
]
