/**
 * The log's clock, as far as it can be known here: staleness is told by it, never by the clocks of the
 * writer and of a follower, which may differ by an hour.
 */
import type { LogBounds } from './log'

export class LogClock {
  /** The log's clock less ours, at least. */
  #offset: number | undefined

  /** Takes an answer to a question that was asked at `askedAt` (`performance.now()`). */
  learn({ timeMs }: LogBounds, askedAt: number): void {
    // It was answered after it was asked: the clock is at most so far, and staleness at least true.
    this.#offset = timeMs - askedAt
  }

  /** The log's clock now, or later than that by the time of one question at most. */
  now(): number | undefined {
    return this.#offset === undefined ? undefined : performance.now() + this.#offset
  }

  /** For how long something has been in the log; Infinity where that is not known. */
  ageOf(timeMs: number): number {
    const now = this.now()
    if (now === undefined || timeMs === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY
    return Math.max(0, now - timeMs)
  }
}
