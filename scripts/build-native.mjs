// Compiles the addon: CMake in build-cmake/<platform>-<arch>/ (incremental), then the addon alone into
// build/Release/, where node-gyp-build looks. node-gyp and prebuildify come here too, through
// binding.gyp. Needs nothing but Node, CMake and a compiler, so that it also runs in the npm package.
//
//   --platform NAME    compile for another platform, with cmake/toolchains/NAME.cmake; it stays in
//                      build-cmake/NAME/Release/
//   --target NAME      build one CMake target (rocksdb, engine, engine_tests, ...)
//   --symbols          keep debug information
//   --sanitizer NAME   address, thread or undefined, in a build folder of its own
//   --sources NAME     compile what this carrier of native/sources.json has, beside the build in use: in
//                      build-cmake/<platform>-<NAME>/, with sources of its own below it

import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { fetchSources, overrideVariable, sourceNames } from './fetch-sources.mjs'
import { cmakeCommands, runCommand } from './support/cmake.mjs'
import { has, root, runAsProgram } from './support/project.mjs'

/** Node's names for this machine's system and processor. */
export const thisPlatform = `${process.platform}-${process.arch}`
const addon = 'rocksdb_live.node'

/** CMake's build folder for the given platform, sanitizer and carrier. */
export function buildFolder({ platform = thisPlatform, sanitizer, sources } = {}) {
  return path.join(root, 'build-cmake', [platform, sanitizer, sources].filter(Boolean).join('-'))
}

/** The addon that CMake has linked for a platform; its symbols are beside it, as `.debug`. */
export const builtAddon = (options) => path.join(buildFolder(options), 'Release', addon)

/** The options that make CMake cross-compile. */
function toolchainOptions(platform) {
  if (platform === undefined || platform === thisPlatform) return {}
  const file = path.join(root, 'cmake', 'toolchains', `${platform}.cmake`)
  if (!existsSync(file)) throw new Error(`there is no toolchain for ${platform}: no ${file}`)
  return { CMAKE_TOOLCHAIN_FILE: file, ROCKSDB_LIVE_TESTS: 'OFF' }
}

/** Runs `work` while no other build uses `folder`: ninja does not protect itself. */
async function withLock(folder, work) {
  await mkdir(folder, { recursive: true })
  const lock = path.join(folder, '.lock')
  for (let waited = 0; ; waited += 1) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (!isRunning(lock)) await rm(lock, { force: true })
      else if (waited === 0) console.log(`waiting for the build that holds ${lock}`)
      await sleep(200)
    }
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

function isRunning(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** The options for CMake: the same, whoever starts it. */
export async function cmakeOptions({ platform, symbols = false, sanitizer = '', sources }) {
  const own = sources && { sources, deps: path.join(buildFolder({ sources }), 'deps') }
  const { folders } = await fetchSources(own)
  return {
    ...Object.fromEntries(sourceNames.map((name) => [overrideVariable(name), folders[name] ?? ''])),
    ...toolchainOptions(platform),
    CMAKE_BUILD_TYPE: 'Release',
    ROCKSDB_LIVE_SYMBOLS: symbols ? 'ON' : 'OFF',
    ROCKSDB_LIVE_SANITIZER: sanitizer,
    ROCKSDB_LIVE_WERROR: process.env.CI ? 'ON' : 'OFF',
    ROCKSDB_LIVE_IO_URING: process.env.ROCKSDB_LIVE_IO_URING ? 'ON' : 'OFF',
  }
}

const howToPrepare = {
  darwin: 'xcode-select --install && brew install cmake ninja',
  win32: 'winget install Kitware.CMake Ninja-build.Ninja LLVM.LLVM, and the Windows SDK',
  linux:
    'apt install cmake ninja-build g++ (Debian), apk add cmake ninja g++ linux-headers (Alpine)',
}

const needs = () =>
  `Compiling it needs CMake 3.22, Ninja or make, and a C++20 compiler (g++ 12 or newer): ${howToPrepare[process.platform] ?? 'install them'}`

/** Configures if the options are new; ninja itself notices everything else. */
async function configure(folder, { configure: command }) {
  const stamp = path.join(folder, '.configured')
  const wanted = JSON.stringify(command.slice(1))
  const have = existsSync(stamp) ? await readFile(stamp, 'utf8') : ''
  if (have === wanted && existsSync(path.join(folder, 'CMakeCache.txt'))) return
  await rm(stamp, { force: true })
  if (!has('cmake')) throw new Error(`there is no cmake on the PATH. ${needs()}`)
  runCommand(command, 'configuring', needs)
  await writeFile(stamp, wanted)
}

/** Renames the addon into build/Release, since a running process may have the old one mapped. */
async function publish(built) {
  if (!existsSync(built)) return console.warn(`no ${addon} yet: only the libraries were built`)
  const release = path.join(root, 'build', 'Release')
  const target = path.join(release, addon)
  if (existsSync(target) && (await readFile(target)).equals(await readFile(built))) return
  await mkdir(release, { recursive: true })
  const fresh = path.join(release, `.${addon}.${process.pid}`)
  await copyFile(built, fresh)
  await rename(fresh, target)
}

/** Compiles; `options` are those of the command line above. */
export async function buildNative({ target, ...options } = {}) {
  const folder = buildFolder(options)
  const foreign = options.platform !== undefined && options.platform !== thisPlatform
  await withLock(folder, async () => {
    const commands = cmakeCommands(folder, await cmakeOptions(options), { target })
    await configure(folder, commands)
    runCommand(commands.build, 'compiling', needs)
    if (!options.sanitizer && !options.sources && !foreign) await publish(builtAddon())
  })
}

await runAsProgram(import.meta.url, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      platform: { type: 'string' },
      target: { type: 'string' },
      symbols: { type: 'boolean' },
      sanitizer: { type: 'string' },
      sources: { type: 'string' },
    },
  })
  await buildNative(values)
  return 0
})
