/** Ends a command in order where a signal asks for it. */
import { constants } from 'node:os'
import type { Surroundings } from './command'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs the work of a command, and aborts it at the first signal. Returns its exit status, or that of a program that
 * the signal has ended: 130 after Ctrl-C. A second signal ends the process at once. `left` says what such an end leaves.
 */
export async function interruptible(
  { stderr }: Surroundings,
  work: (signal: AbortSignal) => Promise<number>,
  left = 'nothing in half is left that counts',
): Promise<number> {
  const controller = new AbortController()
  let by: (typeof SIGNALS)[number] | undefined
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      by ??= name
      controller.abort()
      stop()
    }
    process.once(name, listener)
    return [name, listener] as const
  })
  const stop = () => {
    for (const [name, listener] of listeners) process.off(name, listener)
  }
  try {
    return await work(controller.signal)
  } catch (error) {
    if (by === undefined) throw error
    stderr.write(`rocksdb-live: ended by ${by}; ${left}\n`)
    return 128 + constants.signals[by]
  } finally {
    stop()
  }
}
