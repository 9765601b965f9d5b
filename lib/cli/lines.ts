/** Writes to standard output no faster than whoever reads it takes it. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Output } from './command'

/** An output that may end before the command does: `| head` has seen enough. */
export class Lines {
  readonly #output: Output
  #ended = false
  #wake: (() => void) | undefined
  readonly #onEnd = () => {
    this.#ended = true
    this.#wake?.()
  }
  readonly #onDrain = () => this.#wake?.()

  constructor(output: Output) {
    this.#output = output
    output.on?.('error', this.#onEnd)
    output.on?.('close', this.#onEnd)
    output.on?.('drain', this.#onDrain)
  }

  /** Whether nobody reads any more. */
  get ended(): boolean {
    return this.#ended
  }

  /** Resolves once more may be written, to whether anybody still reads. */
  async write(text: string | Uint8Array): Promise<boolean> {
    if (this.#ended) return false
    if (this.#output.write(text) === false && this.#output.on !== undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    // A pipe that was closed is told in a later turn.
    await turn()
    return !this.#ended
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    this.#output.off?.('error', this.#onEnd)
    this.#output.off?.('close', this.#onEnd)
    this.#output.off?.('drain', this.#onDrain)
  }
}
