/** A wait that can be ended. */
import { setTimeout as sleep } from 'node:timers/promises'

/** The longest that a timer waits. */
export const MOST_MS = 2 ** 31 - 1

export class Nap {
  #wake: (() => void) | undefined

  /** Resolves after this time, or when `end` is called. One at a time. */
  async rest(milliseconds: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    const ended = new AbortController()
    const slept = sleep(Math.min(milliseconds, MOST_MS), undefined, { signal: ended.signal })
    await Promise.race([woken, slept.catch(() => {})])
    ended.abort()
    this.#wake = undefined
  }

  end(): void {
    this.#wake?.()
  }
}
