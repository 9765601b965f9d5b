/** Runs the programs of this folder, each in a process of its own. They print lines of JSON. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export { randomOf } from '../../examples/support/random'

/** A line from a program: a word and its arguments. */
export type Said = [word: string, ...rest: unknown[]]

/** How a program ended. */
export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  said: Said[]
  stderr: string
}

/** How to start a program. */
export interface StartOptions {
  /** Arguments of node itself. */
  node?: readonly string[]
  env?: Record<string, string>
  /** A command that runs node, with its arguments. */
  under?: readonly string[]
}

const running = new Set<ChildProcess>()

/** A program that was started. */
export class Program {
  readonly said: Said[] = []
  readonly ended: Promise<Ended>
  readonly #process: ChildProcess
  #listener: ((said: Said) => void) | undefined

  constructor(name: string, args: readonly unknown[], options: StartOptions = {}) {
    const file = join(__dirname, 'programs', `${name}.cjs`)
    const node = [process.execPath, ...(options.node ?? []), file, JSON.stringify(args)]
    const [command, ...rest] = [...(options.under ?? []), ...node] as [string, ...string[]]
    const child = spawn(command, rest, {
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#process = child
    running.add(child)
    this.ended = this.#end()
    this.ended.catch(() => {})
  }

  /** Waits until the program says this word; fails if it ends before. */
  async waitFor(word: string): Promise<Said> {
    const found = this.said.find(([first]) => first === word)
    if (found !== undefined) return found
    const said = new Promise<Said>((resolve) => {
      this.#listener = (line) => {
        if (line[0] === word) resolve(line)
      }
    })
    const ended = this.ended.then(({ code, signal, stderr }) => {
      throw new Error(`ended with ${signal ?? code} before it said ${word}\n${stderr}`)
    })
    return Promise.race([said, ended])
  }

  /** Calls back with every line from now on. */
  listen(listener: (said: Said) => void): void {
    this.#listener = listener
  }

  /** Lets the program go on where it waits for its standard input. */
  goOn(): void {
    this.#process.stdin?.end()
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Writes a line to its standard input. */
  send(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  async #end(): Promise<Ended> {
    const child = this.#process
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    lines.on('line', (line) => {
      const said = parse(line)
      if (said === undefined) return
      this.said.push(said)
      this.#listener?.(said)
    })
    const [[code, signal]] = await Promise.all([once(child, 'close'), once(lines, 'close')])
    running.delete(child)
    return { code, signal, said: this.said, stderr }
  }
}

/** Parses a line; undefined if a signal has cut it. */
function parse(line: string): Said | undefined {
  try {
    return JSON.parse(line) as Said
  } catch {
    return undefined
  }
}

/** Runs a program to its end. */
export function run(
  name: string,
  args: readonly unknown[] = [],
  options?: StartOptions,
): Promise<Ended> {
  return new Program(name, args, options).ended
}

/** Runs a program that must succeed; returns what it said. */
export async function runWell(
  name: string,
  args: readonly unknown[] = [],
  options?: StartOptions,
): Promise<Said[]> {
  const { code, signal, said, stderr } = await run(name, args, options)
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  return said
}

/** The arguments of a word the last time it was said. */
export function last(said: readonly Said[], word: string): unknown {
  return said.findLast(([first]) => first === word)?.[1]
}

/** A directory for each test of this file; ends programs that are still running afterwards. */
export function useDirectory(): (...names: string[]) => string {
  let directory = ''
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'rocksdb-live-')))
  })
  afterEach(async () => {
    await Promise.all(
      [...running].map((child) => {
        const closed = once(child, 'close')
        child.kill('SIGKILL')
        return closed
      }),
    )
    rmSync(directory, { recursive: true, force: true })
  })
  return (...names) => join(directory, ...names)
}

/** A seed for this run, printed if the test fails; taken from SEED if that is set. */
export function seedOfRun(): number {
  return Number(process.env['SEED'] ?? Date.now() % 1_000_000_007)
}
