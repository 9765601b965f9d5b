/** Trying again: how long to wait between tries, so that many who failed together do not come back together. */
import { setTimeout as sleep } from 'node:timers/promises'

/** The longest possible first wait. Each one after it may be twice as long. */
const FIRST_MS = 100
const LONGEST_MS = 20_000

/**
 * How long to wait after this many failures (1 or more), in ms: anything from nothing to twice as much as after
 * the failure before ("full jitter").
 */
export function backoffMs(failures: number): number {
  return Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1))
}

/** Waits; rejects with the signal's reason as soon as it is aborted. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal && { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
