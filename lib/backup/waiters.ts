/** Those who wait until their writes are in the target. */
import { abortedBy } from './errors'

interface Waiter {
  sequence: bigint
  resolve(): void
  reject(error: unknown): void
}

export class Waiters {
  readonly #all = new Set<Waiter>()

  get size(): number {
    return this.#all.size
  }

  /** Resolves once `reached` has been told this number, or a later one. */
  until(sequence: bigint, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(abortedBy(signal))
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#all.delete(waiter)
        signal.removeEventListener('abort', onAbort)
      }
      const onAbort = () => waiter.reject(abortedBy(signal))
      const waiter: Waiter = {
        sequence,
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

  reached(sequence: bigint): void {
    for (const waiter of [...this.#all]) if (waiter.sequence <= sequence) waiter.resolve()
  }

  fail(error: unknown): void {
    for (const waiter of [...this.#all]) waiter.reject(error)
  }
}
