/** Tools that a test needs and a machine may lack. */
import { spawnSync } from 'node:child_process'

/** Whether a program is installed: it runs with these arguments and succeeds. */
export function hasProgram(program: string, ...args: string[]): boolean {
  return spawnSync(program, args).status === 0
}

/** The gate (.ci/run) runs as root on Linux and installs every tool. */
const complete = process.env['CI'] && process.platform === 'linux' && process.getuid?.() === 0

/** `it`, or a visible skip if this machine lacks something; in the gate nothing is skipped. */
export function where(possible: boolean, without: string): typeof it {
  if (possible || complete) return it
  console.warn(`SKIPPED: ${without}`)
  return it.skip as typeof it
}

/** Waits until a condition returns a value; fails after a minute with what it saw last. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  last: () => unknown = () => '',
): Promise<T> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`${what}: not within a minute. ${last()}`)
    await new Promise(setImmediate)
  }
}
