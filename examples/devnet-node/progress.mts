/** How far mining is: a bar on a terminal, a line at each tenth elsewhere. */
import { SingleBar } from 'cli-progress'

/** A number as people write it. */
export const number = (value: number): string => Math.round(value).toLocaleString('en-US')

export class Progress {
  readonly #from: number
  readonly #target: number
  readonly #start = performance.now()
  readonly #bar: SingleBar | undefined
  #tenths = 0

  /** From the height that is there to the one that is to be reached. */
  constructor(from: number, target: number) {
    this.#from = from
    this.#target = target
    if (process.stdout.isTTY) {
      const stream = process.stdout
      const format = 'mining {bar} {percentage}% | block {value} of {total} | {speed} blocks/s'
      this.#bar = new SingleBar({ format, hideCursor: true, stream })
      this.#bar.start(target, from, { speed: '-' })
    }
  }

  /** The chain has got to a height. */
  update(height: number): void {
    const seconds = (performance.now() - this.#start) / 1000
    const speed = number((height - this.#from) / seconds)
    this.#bar?.update(height, { speed })
    const tenths = Math.floor((10 * (height - this.#from)) / (this.#target - this.#from))
    if (this.#bar === undefined && tenths > this.#tenths) {
      console.log(`block ${number(height)} of ${number(this.#target)}, ${speed} blocks/s`)
    }
    this.#tenths = tenths
  }

  /** Leaves the terminal as it was. */
  stop(): void {
    this.#bar?.stop()
  }
}
