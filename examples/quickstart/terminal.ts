/** What the example prints: how long a step took, and how far a long one is. */
import { SingleBar } from 'cli-progress'

/** A number as people write it. */
export const number = (value: number): string => Math.round(value).toLocaleString('en-US')

/** Bytes in MB. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** Runs a step and says how long it took; `what` is said of its result. */
export async function step<T>(
  name: string,
  run: () => T | Promise<T>,
  what: (result: T, seconds: number) => string,
): Promise<T> {
  const start = performance.now()
  const result = await run()
  const ms = performance.now() - start
  console.log(`${name.padEnd(10)} ${duration(ms).padStart(9)}  ${what(result, ms / 1000)}`)
  return result
}

/** A bar on a terminal, a line at each quarter elsewhere. */
export class Progress {
  readonly #total: number
  readonly #bar: SingleBar | undefined
  #quarters = 0

  constructor(total: number) {
    this.#total = total
    if (process.stdout.isTTY) {
      this.#bar = new SingleBar({ format: '{bar} {percentage}% | {value} rows', hideCursor: true })
      this.#bar.start(total, 0)
    }
  }

  /** So many rows are done. */
  update(done: number): void {
    this.#bar?.update(done)
    const quarters = Math.floor((4 * done) / this.#total)
    if (this.#bar === undefined && quarters > this.#quarters) {
      console.log(`  ${quarters * 25}% (${number(done)} rows)`)
    }
    this.#quarters = quarters
  }

  /** Leaves the terminal as it was. */
  stop(): void {
    this.#bar?.stop()
  }
}

function duration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${(ms * 1000).toFixed(0)} µs`
}
