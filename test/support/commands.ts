/** Runs the command rocksdb-live: as a program (dist), or in this process with a terminal that there is none of. */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { run as runHere } from '../../lib/cli/run'

export const PROGRAM = join(__dirname, '..', '..', 'dist', 'cli', 'main.js')

/** How it ended. */
export interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

interface RunOptions {
  env?: Record<string, string>
  input?: string | Buffer
  cwd?: string
}

/** The program, until its end. */
export function run(args: readonly string[], { env, input, cwd }: RunOptions = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TMPDIR: process.env['TMPDIR'],
      ...env,
    },
    encoding: 'utf8',
    input: input ?? '',
    maxBuffer: 1 << 30,
    ...(cwd === undefined ? {} : { cwd }),
  })
  return { status, stdout, stderr }
}

/** What it prints; fails where it says anything else, or fails. */
export function runWell(...args: readonly string[]): string {
  const { status, stdout, stderr } = run(args)
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' })
  return stdout
}

/** The program with pipes. */
export function start(...args: readonly string[]) {
  return spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** In this process, with output to no terminal. */
export async function runInside(args: readonly string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []]
  const pipe = (texts: string[]) => ({
    write: (text: string | Uint8Array) => texts.push(String(text)) > 0,
  })
  const status = await runHere(args, { stdout: pipe(out), stderr: pipe(err), env: {} })
  return { status, stdout: out.join(''), stderr: err.join('') }
}

/** In this process, with output to a terminal of so many columns. */
export async function onTerminal(
  columns: number,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []]
  const terminal = (texts: string[]) => ({
    isTTY: true,
    columns,
    write: (text: string | Uint8Array) => texts.push(String(text)) > 0,
  })
  const surroundings = { stdout: terminal(out), stderr: terminal(err), env }
  const status = await runHere(args, surroundings)
  return { status, stdout: out.join(''), stderr: err.join('') }
}
