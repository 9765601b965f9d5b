/** Those who wait until their writes are in the target. */
import { abortedBy } from './errors'

interface Waiter {
  sequence: bigint
  /** How many families had come or gone: that has no number of its own. */
  lifecycle: number
  resolve(): void
  reject(error: unknown): void
}

export class Waiters {
  readonly #all = new Set<Waiter>()

  get size(): number {
    return this.#all.size
  }

  /** Resolves once `reached` has been told this place, or a later one. */
  until(sequence: bigint, lifecycle: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(abortedBy(signal))
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#all.delete(waiter)
        signal.removeEventListener('abort', onAbort)
      }
      const onAbort = () => waiter.reject(abortedBy(signal))
      const waiter: Waiter = {
        sequence,
        lifecycle,
        resolve: () => {
          end()
          resolve()
        },
        reject: (error) => {
          end()
          reject(error)
        },
      }
      this.#all.add(waiter)
      signal.addEventListener('abort', onAbort)
    })
  }

  reached(sequence: bigint, lifecycle: number): void {
    for (const waiter of [...this.#all]) {
      if (waiter.sequence <= sequence && waiter.lifecycle <= lifecycle) waiter.resolve()
    }
  }

  fail(error: unknown): void {
    for (const waiter of [...this.#all]) waiter.reject(error)
  }
}
