/** How processes that were started here end. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** How long one that is asked to end may take. */
const PATIENCE_MS = 30_000

/** It ends where we end by ourselves. */
export function endWithUs(child: ChildProcess): void {
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
}

/** Ends a process, by force where it takes too long; resolves once it is gone. */
export async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  child.kill(signal)
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  await ended
  clearTimeout(late)
}
