/** Figures shared by concurrent readers, and never older than the request. */

/**
 * Runs one gathering at a time. A reader gets figures whose gathering began after its request, or
 * at most `maxAgeMs` before it. A scrape asks once for each metric, all in one turn, and all of
 * them get the same figures.
 */
export class Latest<T> {
  readonly #gather: () => Promise<T>
  readonly #maxAgeMs: number
  #last: Promise<T> | undefined
  #begunAt = 0
  #running = false
  /** The gathering that begins when `#last` has ended, for all who asked meanwhile. */
  #next: Promise<T> | undefined
  /** What was asked for in this turn, which means that a scrape is in progress. */
  readonly #turn = new Set<unknown>()

  /** `gather` must never reject. */
  constructor(gather: () => Promise<T>, maxAgeMs: number) {
    this.#gather = gather
    this.#maxAgeMs = maxAgeMs
  }

  /** The figures, for one of the metrics that a scrape asks for once. */
  read(what: unknown): Promise<T> {
    if (this.#last === undefined) return this.#begin(what)
    if (this.#turn.size > 0 && !this.#turn.has(what)) {
      this.#turn.add(what)
      return this.#last
    }
    if (performance.now() - this.#begunAt < this.#maxAgeMs) return this.#last
    if (!this.#running) return this.#begin(what)
    // Somebody may have begun another gathering meanwhile, which is recent enough.
    const next = () => (this.#running ? (this.#last as Promise<T>) : this.#begin(undefined))
    this.#next ??= this.#last.then(next)
    return this.#next
  }

  #begin(what: unknown): Promise<T> {
    this.#next = undefined
    this.#begunAt = performance.now()
    this.#running = true
    this.#turn.clear()
    if (what !== undefined) {
      this.#turn.add(what)
      queueMicrotask(() => this.#turn.clear())
    }
    this.#last = this.#gather().finally(() => {
      this.#running = false
    })
    return this.#last
  }
}
