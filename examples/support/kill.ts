/** Programs that are killed in the middle of their work. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Runs a program, in this folder if it is given, until it has said so many lines, and kills it. Gives what it said. */
export async function killAfter(
  lines: number,
  program: string,
  args: string[],
  cwd?: string,
): Promise<string[]> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (said.push(line) === lines) child.kill('SIGKILL')
  }
  const [code, signal] = (await ended) as [number | null, string | null]
  if (signal !== 'SIGKILL') throw new Error(`${program} ended with ${signal ?? code} by itself`)
  return said
}
