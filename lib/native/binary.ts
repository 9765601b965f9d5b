/** Finds and loads the addon's binary; where that fails, says what was looked for and what to do. */
import { readdirSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { RocksDBError } from '../base/errors'
import { elfProblem } from './elf'

interface NodeGypBuild {
  (directory: string): unknown
  /** The file that would be loaded. Throws where there is none. */
  resolve(directory: string): string
}

const nodeGypBuild = require('node-gyp-build') as NodeGypBuild

const BUILD_COMMAND = 'npm rebuild rocksdb-live --build-from-source'
const HOW_TO_BUILD = `To compile it from the package's own sources (needs CMake, Ninja or make, and a C++20 compiler such as g++ 12; no network): ${BUILD_COMMAND}`

/**
 * Loads the binary of this platform: a local build (`build/Release`) before a prebuilt one
 * (`prebuilds/<platform>-<arch>`), as node-gyp-build does.
 *
 * @param directory the package's folder
 * @returns what the binary exports
 * @throws RocksDBError `ERR_BINARY_MISSING` where there is none for this platform, naming platform,
 *   processor, libc, Node and every place looked at; `ERR_BINARY_INVALID` where there is one that does
 *   not load, naming its path, the reason and, as `cause`, the system's error; `ERR_NOT_SUPPORTED`
 *   where the processor lacks instructions that it needs
 */
export function loadBinary(directory: string): unknown {
  const file = findBinary(directory)
  const problem = fileProblem(file)
  if (problem !== undefined) throw invalidBinary(file, problem, undefined)
  try {
    return nodeGypBuild(directory)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ERR_NOT_SUPPORTED') throw new RocksDBError(message, { code, cause })
    throw invalidBinary(file, message, cause)
  }
}

function findBinary(directory: string): string {
  try {
    return nodeGypBuild.resolve(directory)
  } catch (cause) {
    const message = [
      `rocksdb-live has no binary for ${thisPlatform()}. Looked for:`,
      ...placesLookedAt(directory).map((place) => `  ${place}`),
      HOW_TO_BUILD,
    ]
    throw new RocksDBError(message.join('\n'), { code: 'ERR_BINARY_MISSING', cause })
  }
}

function fileProblem(file: string): string | undefined {
  if (platform() !== 'linux') return undefined
  try {
    return elfProblem(file, arch())
  } catch (error) {
    return (error as Error).message
  }
}

function invalidBinary(file: string, reason: string, cause: unknown): RocksDBError {
  const message = [
    `rocksdb-live cannot load its binary ${file} on ${thisPlatform()}: ${reason}`,
    ...hints(reason),
    `Install the package again, or put another binary there. ${HOW_TO_BUILD}`,
  ]
  return new RocksDBError(message.join('\n'), { code: 'ERR_BINARY_INVALID', cause })
}

function hints(reason: string): string[] {
  if (/GLIBC_[\d.]+' not found/.test(reason))
    return ['The system has an older glibc than the binary was made for.']
  // node-gyp-build knows musl by Alpine's release file alone.
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

/** Each place node-gyp-build looks at, and what is there. */
function placesLookedAt(directory: string): string[] {
  const from = process.env['ROCKSDB_LIVE_PREBUILD'] || directory
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

/** The names in a folder that match, for a message. */
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
