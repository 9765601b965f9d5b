// Shared by the scripts: the project's folder, and how to start other programs.

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

const require = createRequire(path.join(root, 'package.json'))

/** The file of an installed module; undefined if it is not installed. */
export function findModule(request) {
  try {
    return require.resolve(request)
  } catch {
    return undefined
  }
}

/** Runs a program in the project's folder and returns its exit status; it shares our output. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) throw result.error
  return result.status ?? 1
}

/** The output of a program; throws if the program cannot be started or fails. */
export function read(program, args, options = {}) {
  const result = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    ...options,
  })
  if (result.error) throw result.error
  if (result.status !== 0)
    throw new Error(`${program} ended with ${result.status}: ${result.stderr}`)
  return result.stdout
}

/** Whether a program can be started at all. */
export const has = (program) => !spawnSync(program, ['--version'], { stdio: 'ignore' }).error

/**
 * The first of the programs that exists, also with LLVM's version in its name; undefined if none
 * does.
 */
export function findTool(...names) {
  const versions = ['', '-22', '-21', '-20', '-19', '-18', '-17', '-16']
  return names.flatMap((name) => versions.map((version) => name + version)).find(has)
}

/** Like `findTool`, but throws if there is none. */
export function tool(...names) {
  const found = findTool(...names)
  if (found !== undefined) return found
  throw new Error(`none of ${names.join(', ')} is installed`)
}

/** The script behind an installed package's command, to be run with the current node. */
export function binScript(packageName, command = packageName) {
  const manifest = findModule(`${packageName}/package.json`)
  if (!manifest) throw new Error(`${packageName} is not installed: run npm ci`)
  const { bin } = require(manifest)
  return path.join(path.dirname(manifest), typeof bin === 'string' ? bin : bin[command])
}

/** Runs an installed package's command without a shell. */
export function runBin(packageName, args, { command = packageName, ...options } = {}) {
  return run(process.execPath, [binScript(packageName, command), ...args], options)
}

/** Runs `main` if `url` is the file that node was started with; errors become one plain line. */
export async function runAsProgram(url, main) {
  if (process.argv[1] === undefined || path.resolve(process.argv[1]) !== fileURLToPath(url)) return
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0
  } catch (error) {
    console.error(`${path.basename(process.argv[1])}: ${error.message}`)
    process.exitCode = 1
  }
}
