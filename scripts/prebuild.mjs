// Makes the prebuilt addon of a platform, where node-gyp-build finds it, and checks it.
//
//   npm run prebuild                                this machine, by prebuildify through binding.gyp
//   npm run prebuild -- --target win32-x64          cross-compiled, with cmake/toolchains/
//   npm run prebuild -- --max-glibc 2.28            refuses a binary that needs a newer glibc
//
// The addon goes to prebuilds/<platform>-<arch>/, its symbols to build-cmake/symbols/<platform>-<arch>/.

import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildNative, builtAddon, thisPlatform } from './build-native.mjs'
import { checkBinary } from './check-binary.mjs'
import { writeSums } from './checksums.mjs'
import { scriptAskedOfNpm } from './support/npm-hook.mjs'
import { root, runAsProgram, runBin } from './support/project.mjs'

/**
 * The folder of Node's headers. node-gyp requires them although nothing is compiled with them, and
 * would otherwise download them; most installations of Node include them.
 */
function headers() {
  const folder = path.resolve(path.dirname(process.execPath), '..')
  const there = existsSync(path.join(folder, 'include/node/node_api.h'))
  return there && !process.env.npm_config_nodedir ? { npm_config_nodedir: folder } : {}
}

/** prebuildify runs node-gyp, which runs scripts/build-native.mjs. Returns the resulting file. */
async function prebuildHere() {
  const libc = process.platform === 'linux' ? ['--tag-libc'] : []
  const env = { ...process.env, ...headers() }
  const status = runBin('prebuildify', ['--napi', ...libc], { env })
  if (status !== 0) throw new Error(`prebuildify ended with ${status}`)
  // prebuildify has moved the addon out of build/Release: put it back.
  await buildNative()
  const built = await readFile(builtAddon())
  const folder = path.join(root, 'prebuilds', thisPlatform)
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name)
    if (name.endsWith('.node') && built.equals(await readFile(file))) return file
  }
  throw new Error(`prebuildify left another file in ${folder} than was built`)
}

/** Cross-compiles with a toolchain file, and names the result as prebuildify would. */
async function prebuildFor(platform) {
  await buildNative({ platform })
  const libc = platform.startsWith('linux') ? '.glibc' : ''
  const file = path.join(root, 'prebuilds', platform, `rocksdb-live${libc}.node`)
  await mkdir(path.dirname(file), { recursive: true })
  await copyFile(builtAddon({ platform }), file)
  return file
}

async function keepSymbols(platform, file) {
  const symbols = `${builtAddon({ platform })}.debug`
  if (!existsSync(symbols)) return
  const folder = path.join(root, 'build-cmake/symbols', platform)
  await mkdir(folder, { recursive: true })
  await copyFile(symbols, path.join(folder, `${path.basename(file)}.debug`))
}

await runAsProgram(import.meta.url, async (args) => {
  // npm runs this before `npm run build`, too, which does not ask for a prebuilt binary.
  if (scriptAskedOfNpm() === 'build') return 0
  const options = { target: { type: 'string' }, 'max-glibc': { type: 'string' } }
  const { values } = parseArgs({ args, options })
  const platform = values.target ?? thisPlatform
  const here = platform === thisPlatform
  const file = await (here ? prebuildHere() : prebuildFor(platform))
  await keepSymbols(platform, file)
  await writeSums(path.join(root, 'prebuilds'))
  // The binary is unchanged; symbols beside it let the check tell functions apart.
  const { problems, facts } = checkBinary(builtAddon({ platform }), {
    maxGlibc: values['max-glibc'],
  })
  const megabytes = ((await stat(file)).size / 1e6).toFixed(2)
  console.log(`${path.relative(root, file)}: ${facts.join(', ')}, ${megabytes} MB`)
  for (const problem of problems) console.error(`WRONG: ${problem}`)
  return problems.length > 0 ? 1 : 0
})
