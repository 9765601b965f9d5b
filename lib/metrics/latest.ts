/** Figures that are shared by those who ask together, and are never older than the question. */

/**
 * Runs one gathering at a time. Whoever asks gets figures whose gathering began after the question, or up
 * to `maxAgeMs` before it. A scrape asks once for each metric, in one turn, and all of these get the same.
 */
export class Latest<T> {
  readonly #gather: () => Promise<T>
  readonly #maxAgeMs: number
  #last: Promise<T> | undefined
  #begunAt = 0
  #running = false
  /** What begins when `#last` has ended: for all who asked in between. */
  #next: Promise<T> | undefined
  /** What was asked for in this turn, and so is a scrape that goes on. */
  readonly #turn = new Set<unknown>()

  /** `gather` never rejects. */
  constructor(gather: () => Promise<T>, maxAgeMs: number) {
    this.#gather = gather
    this.#maxAgeMs = maxAgeMs
  }

  /** The figures, for one of the things that a scrape asks for once. */
  read(what: unknown): Promise<T> {
    if (this.#last === undefined) return this.#begin(what)
    if (this.#turn.size > 0 && !this.#turn.has(what)) {
      this.#turn.add(what)
      return this.#last
    }
    if (performance.now() - this.#begunAt < this.#maxAgeMs) return this.#last
    if (!this.#running) return this.#begin(what)
    // Somebody may have begun another in between, which is as young.
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
