/**
 * Finds and loads the addon's binary; if that fails, the error says where it looked and what to do.
 */
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { RocksDBError } from '../base/errors'
import { bundleFolders, findBundled, HOW_TO_BUNDLE, isBundled, packageFolder } from './bundled'
import { elfProblem } from './elf'
import { loadTraced } from './traced'

interface NodeGypBuild {
  /** The file that would be loaded. Throws if there is none. */
  resolve(directory: string): string
}

const nodeGypBuild = require('node-gyp-build') as NodeGypBuild

const BUILD_COMMAND = 'npx rocksdb-live build'
const HOW_TO_BUILD = `To compile it from the package's own sources (needs CMake, Ninja or make, and a C++20 compiler such as g++ 12; no network): ${BUILD_COMMAND}`

/**
 * Loads the binary of this platform: a local build (`build/Release`) before a prebuilt one
 * (`prebuilds/<platform>-<arch>`), as node-gyp-build does; in a bundle, the one beside it (see bundled.ts).
 *
 * @returns what the binary exports
 * @throws RocksDBError `ERR_BINARY_MISSING` where there is none for this platform, naming platform,
 *   processor, libc, Node and every place looked at, and what bundlers need; `ERR_BINARY_INVALID` where there
 *   is one that does not load, naming its path, the reason and, as `cause`, the system's error;
 *   `ERR_NOT_SUPPORTED` where the processor lacks instructions that it needs
 */
export function loadBinary(): unknown {
  const bundled = isBundled()
  const file = bundled ? findBundled() : findInstalled()
  if (file === undefined) throw missingBinary(bundled)
  const problem = fileProblem(file)
  if (problem !== undefined) throw invalidBinary(file, problem, undefined)
  try {
    return bundled ? createRequire(file)(file) : loadTraced()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ERR_NOT_SUPPORTED') throw new RocksDBError(message, { code, cause })
    throw invalidBinary(file, message, cause)
  }
}

function findInstalled(): string | undefined {
  try {
    return nodeGypBuild.resolve(packageFolder)
  } catch {
    return undefined
  }
}

function missingBinary(bundled: boolean): RocksDBError {
  const places = bundled ? bundleFolders().map(describe) : placesLookedAt()
  const message = [
    `rocksdb-live has no binary for ${thisPlatform()}. Looked for:`,
    ...places.map((place) => `  ${place}`),
    ...(bundled ? HOW_TO_BUNDLE : [...leftBehind(), HOW_TO_BUILD]),
  ]
  return new RocksDBError(message.join('\n'), { code: 'ERR_BINARY_MISSING' })
}

/**
 * If the whole folder of binaries is missing, a tool copied the package without knowing that it
 * needs them.
 */
const leftBehind = (): string[] =>
  existsSync(join(packageFolder, 'prebuilds'))
    ? []
    : [
        'The whole folder prebuilds is gone: a bundler or an image that copies single files must take it along (docs/bundling.md).',
      ]

function fileProblem(file: string): string | undefined {
  if (platform() !== 'linux') return undefined
  try {
    return elfProblem(file, arch())
  } catch (error) {
    return (error as Error).message
  }
}

function invalidBinary(file: string, reason: string, cause: unknown): RocksDBError {
  const { code } = (cause ?? {}) as { code?: unknown }
  const message = [
    `rocksdb-live cannot load its binary ${file} on ${thisPlatform()}: ${reason}`,
    ...(code === 'ERR_DLOPEN_DISABLED' ? [HOW_TO_ALLOW] : howToReplace(reason)),
  ]
  return new RocksDBError(message.join('\n'), { code: 'ERR_BINARY_INVALID', cause })
}

/** The binary is intact, but Node is not allowed to load it. */
const HOW_TO_ALLOW =
  'Start node with --allow-addons beside --permission, and without --no-addons (docs/permissions.md).'

const howToReplace = (reason: string): string[] => [
  ...hints(reason),
  `Install the package again, or put another binary there. ${HOW_TO_BUILD}`,
]

function hints(reason: string): string[] {
  if (/GLIBC_[\d.]+' not found/.test(reason))
    return ['The system has an older glibc than the binary was made for.']
  // node-gyp-build recognises musl only by Alpine's release file.
  if (/musl|ld-linux/.test(reason))
    return [
      'The binary is for another C library: LIBC=musl or LIBC=glibc in the environment says which to take.',
    ]
  return []
}

/** For example `linux-x64 (glibc 2.36), Node 20.20.2`. */
function thisPlatform(): string {
  const system = `${platform()}-${arch()}`
  const { electron, bun, node } = process.versions
  const runtime = electron ? `, Electron ${electron}` : bun ? `, Bun ${bun}` : ''
  return `${system}${libc()}, Node ${node}${runtime}`
}

function libc(): string {
  if (platform() !== 'linux') return ''
  const report = process.report?.getReport() as
    | { header?: { glibcVersionRuntime?: string } }
    | undefined
  const glibc = report?.header?.glibcVersionRuntime
  return glibc === undefined ? ' (musl)' : ` (glibc ${glibc})`
}

/** Each place where node-gyp-build looks, and what is there. */
function placesLookedAt(): string[] {
  const from = process.env['ROCKSDB_LIVE_PREBUILD'] || packageFolder
  const builds = process.env['PREBUILDS_ONLY'] ? [] : ['build/Release', 'build/Debug']
  const prebuilds = [join(from, 'prebuilds'), join(dirname(process.execPath), 'prebuilds')]
  return [
    ...builds.map((folder) => describe(join(from, folder))),
    ...prebuilds.map((folder) => describe(join(folder, `${platform()}-${arch()}`))),
    `prebuilt for other platforms: ${contents(join(from, 'prebuilds'), /-/)}`,
  ]
}

const describe = (folder: string): string =>
  `${join(folder, '*.node')}: ${contents(folder, /\.node$/)}`

/** The matching names in a folder, for a message. */
function contents(folder: string, wanted: RegExp): string {
  try {
    const names = readdirSync(folder).filter((name) => wanted.test(name))
    return names.length > 0 ? `${names.join(', ')}` : 'none'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'no such folder'
      : (error as Error).message
  }
}
