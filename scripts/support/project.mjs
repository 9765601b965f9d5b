// What the scripts share: where the project is, and how they start other programs.

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

const require = createRequire(path.join(root, 'package.json'))

/** The file of an installed module, or undefined where it is not installed. */
export function findModule(request) {
  try {
    return require.resolve(request)
  } catch {
    return undefined
  }
}

/** Runs a program in the project's folder and returns its exit status; its output is ours. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) throw result.error
  return result.status ?? 1
}

/** What a program prints; throws where it cannot be started or fails. */
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

/** The first of the programs that is there, also under its names with LLVM's versions; undefined for none. */
export function findTool(...names) {
  const versions = ['', '-22', '-21', '-20', '-19', '-18', '-17', '-16']
  return names.flatMap((name) => versions.map((version) => name + version)).find(has)
}

/** The same, and an error where none is there. */
export function tool(...names) {
  const found = findTool(...names)
  if (found !== undefined) return found
  throw new Error(`none of ${names.join(', ')} is installed`)
}

/** The script behind an installed package's command, to be run with this node. */
export function binScript(packageName, command = packageName) {
  const manifest = findModule(`${packageName}/package.json`)
  if (!manifest) throw new Error(`${packageName} is not installed: run npm ci`)
  const { bin } = require(manifest)
  return path.join(path.dirname(manifest), typeof bin === 'string' ? bin : bin[command])
}

/** Runs an installed package's command, with no shell between. */
export function runBin(packageName, args, { command = packageName, ...options } = {}) {
  return run(process.execPath, [binScript(packageName, command), ...args], options)
}

/** Runs `main` when `url` is the file that node was started with; errors end as one plain line. */
export async function runAsProgram(url, main) {
  if (process.argv[1] === undefined || path.resolve(process.argv[1]) !== fileURLToPath(url)) return
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0
  } catch (error) {
    console.error(`${path.basename(process.argv[1])}: ${error.message}`)
    process.exitCode = 1
  }
}
