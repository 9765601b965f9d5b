/** A seeded source of randomness, so that a failing run can be repeated. */
export class Random {
  #state: number

  constructor(readonly seed: number) {
    this.#state = seed >>> 0
  }

  /** Takes the seed from an environment variable if it is set, and prints it. */
  static fromEnvironment(variable: string): Random {
    const given = process.env[variable]
    const seed = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given)
    process.stderr.write(`${variable}=${seed}\n`)
    return new Random(seed)
  }

  /** A fraction from 0 to 1 (exclusive); mulberry32. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** An integer from 0 to `end` (exclusive). */
  below(end: number): number {
    return Math.floor(this.fraction() * end)
  }

  /** True once in `times` calls, on average. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}
