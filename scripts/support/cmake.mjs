// Starts CMake: through cmake-js in a clone, where npm ci has installed it; directly in the npm
// package, which has no tools. Both use the same definitions, generator and folders.

import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { has, root, run } from './project.mjs'

// Only in our own node_modules: a version that the user's project has installed must not be run.
const cmakeJs = path.join(root, 'node_modules/cmake-js/bin/cmake-js')

// Definitions of cmake-js for addons that rely on its flags. CMakeLists.txt and the toolchains set
// these themselves; a definition on the command line would override them.
const notOurs = [
  'CMAKE_CXX_FLAGS',
  'CMAKE_SHARED_LINKER_FLAGS',
  'CMAKE_LIBRARY_OUTPUT_DIRECTORY',
  'CMAKE_RUNTIME_OUTPUT_DIRECTORY',
  'CMAKE_MSVC_RUNTIME_LIBRARY',
  'CMAKE_OSX_ARCHITECTURES',
]

/** Whether cmake-js is there to start CMake. */
export const hasCmakeJs = () => existsSync(cmakeJs)

// Without a generator, CMake uses the system's default (make or Visual Studio) or CMAKE_GENERATOR.
const usesNinja = () => has('ninja') && !process.env.CMAKE_GENERATOR

/**
 * The command lines, [program, ...arguments], that configure `folder` with the given definitions,
 * and that compile a target in it, or everything. `show` is the one that prints what cmake-js would
 * configure with.
 */
export function cmakeCommands(folder, definitions, { target, direct = !hasCmakeJs() } = {}) {
  const defined = Object.entries(definitions).map(([name, value]) => `-D${name}=${value}`)
  const parallel = ['--parallel', String(os.availableParallelism())]
  const generator = usesNinja() ? ['-G', 'Ninja'] : []
  if (direct) {
    const only = target ? ['--target', target] : []
    return {
      configure: [
        'cmake',
        '-S',
        root,
        '-B',
        folder,
        '--log-level=NOTICE',
        ...generator,
        ...defined,
      ],
      build: ['cmake', '--build', folder, '--config', 'Release', ...parallel, ...only],
    }
  }
  const start = (command) => [process.execPath, cmakeJs, command, '--log-level', 'error']
  const where = ['--directory', root, '--out', folder, '--config', 'Release']
  // The last definition on CMake's command line wins.
  const undefine = notOurs.flatMap((name) => ['-U', name])
  const configured = [...where, ...generator, '--', '--log-level=NOTICE', ...undefine, ...defined]
  const only = target ? ['--target', target] : []
  return {
    configure: [...start('configure'), ...configured],
    show: [...start('print-configure'), ...configured],
    // Not `compile`: if that fails, it removes the folder and configures without our definitions.
    build: [...start('build'), ...where, ...parallel, ...only],
  }
}

/** Runs one of the command lines above; `needs` says what to install if it fails. */
export function runCommand([program, ...args], stage, needs) {
  const status = run(program, args)
  if (status !== 0) throw new Error(`${stage} with CMake ended with ${status}. ${needs()}`)
}
