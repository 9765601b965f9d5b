/** Tools for tests of import and export: the compiled command, and the packages of other stores. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { ImportReport } from '../../lib/transfer'
import { where } from '../support/tools'

const main = join(__dirname, '..', '..', 'dist', 'cli', 'main.js')
/** The folder in which the packages of other stores are installed. */
export const packages = join(__dirname, '..', 'peers', 'packages')

/** `it`, where those packages are installed. */
export const itWithPackages = where(
  existsSync(join(packages, 'node_modules')),
  'npm ci --ignore-scripts --prefix test/peers/packages installs what this test reads',
)

/** A package of another store. */
export function load<T>(name: string): T {
  return createRequire(join(packages, 'package.json'))(name) as T
}

export interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs the command, in the folder of those packages. */
export function run(words: readonly string[], input?: string | Buffer, cwd = packages): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    encoding: 'utf8',
    cwd: existsSync(cwd) ? cwd : process.cwd(),
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
  })
  return { status, stdout, stderr }
}

/** Runs an import that must succeed. */
export function importWell(words: readonly string[], input?: string | Buffer): ImportReport {
  const { status, stdout, stderr } = run(['import', ...words, '--json'], input)
  expect([status, stderr]).toEqual([0, ''])
  const report = JSON.parse(stdout) as ImportReport
  expect([report.rowsWritten, report.problems]).toEqual([report.rowsRead, []])
  return report
}

/** The lines of an export that must succeed. */
export function exportWell(words: readonly string[]): string {
  const { status, stdout, stderr } = run(['export', ...words, '--quiet'])
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

/** Starts the command. */
export function start(words: readonly string[]): { child: ChildProcess; ended: Promise<Ran> } {
  const child = spawn(process.execPath, [main, ...words], { cwd: packages })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  }
  const ended = once(child, 'close').then(([status]) => ({ status: status as number, ...texts }))
  return { child, ended }
}
