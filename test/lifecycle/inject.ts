/** Faults of the disk in a program that runs. Needs strace. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { hasProgram } from '../support/tools'
import type { Program } from './children'

/** Whether strace is installed and may trace other processes. */
export const canTrace = () => hasProgram('strace', '-qq', '-e', 'trace=none', 'true')

/**
 * Makes strace inject a fault into every fdatasync and fsync of a process; returns a way to end
 * that.
 */
export async function inject(program: Program, fault: string): Promise<() => Promise<void>> {
  const what = ['-e', `inject=fdatasync,fsync:${fault}`, '-e', 'trace=fdatasync,fsync']
  const tracer: ChildProcess = spawn('strace', ['-f', ...what, '-p', String(program.pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines = createInterface({ input: tracer.stderr as NodeJS.ReadableStream })
  const ended = once(tracer, 'exit')
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => line.includes('attached') && resolve())
    ended.then(([code]) => reject(new Error(`strace ended with ${code}`)))
  })
  return async () => {
    tracer.kill('SIGINT')
    await ended
  }
}
