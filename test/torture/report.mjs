/** What a section has done: counts, and everything that must not happen, with the command that repeats it. */

/** mulberry32, as in test/support/random.ts. */
export function randomOf(seed) {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** The run of a section. */
export class Run {
  counts = {}
  bad = []
  skipped
  #began = performance.now()

  /**
   * @param {{ section: string, seed: number, seconds: number, times: number, scratch: string, only?: string,
   *   tell: (line: string) => void }} asked
   */
  constructor(asked) {
    Object.assign(this, asked)
    this.random = randomOf(asked.seed)
  }

  /** Whether there is time for more, of this many that are wanted. */
  goesOn(done = 0) {
    return done < this.times && performance.now() - this.#began < this.seconds * 1000
  }

  count(what, by = 1) {
    this.counts[what] = (this.counts[what] ?? 0) + by
  }

  /** Something that must not happen. */
  fail(what, details) {
    this.bad.push(`${what}: ${details}`)
    this.tell(`BAD ${what}: ${details}`)
  }

  /** What could not be run here. */
  skip(why) {
    this.skipped = why
  }

  get report() {
    const { section, seed, counts, bad, skipped } = this
    const seconds = Math.round((performance.now() - this.#began) / 100) / 10
    return { section, seed, seconds, ...counts, bad, ...(skipped ? { skipped } : {}) }
  }
}
