/** Pauses after failures: each longer than the one before, until it has gone well. */
import { setTimeout as sleep } from 'node:timers/promises'

const LEAST_MS = 50
const MOST_MS = 5000
/** After so long without a failure the next one is the first. */
const CALM_MS = 60_000

export class Pauses {
  #failures = 0
  #pausedAt = 0

  /** It went well. */
  reset(): void {
    this.#failures = 0
  }

  async rest(signal: AbortSignal): Promise<void> {
    const now = performance.now()
    if (now - this.#pausedAt > CALM_MS) this.#failures = 0
    this.#pausedAt = now
    const ms = Math.min(MOST_MS, LEAST_MS * 2 ** Math.min(10, this.#failures++))
    await sleep(ms, undefined, { signal }).catch(() => {})
  }
}
