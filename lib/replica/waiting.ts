/** Those who wait until a place is applied, or until something else is so. */
import { aborted, timedOut } from './errors'

/** The promise, or `ERR_ABORTED` as soon as the signal says so: for what may not heed it. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let end = () => {}
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(aborted(signal))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })
  try {
    return await Promise.race([promise, ended])
  } finally {
    signal.removeEventListener('abort', end)
  }
}

interface Waiter {
  /** Whether it is so now; throws where it will never be. */
  isDone: () => boolean
  resolve(): void
  reject(error: unknown): void
}

export interface WaitOptions {
  timeoutMs: number
  signal: AbortSignal | undefined
  /** What is said when the time is over. */
  what: string
}

/** The longest that Node's timers wait. */
const MOST_MS = 2 ** 31 - 1

/** What native applies is looked at so often while somebody waits. */
const LOOK_MS = 5

export class Waiting {
  readonly #all = new Set<Waiter>()
  #looking: NodeJS.Timeout | undefined

  /** Resolves once `isDone` returns true; it is asked at each `look`. */
  until(isDone: () => boolean, { timeoutMs, signal, what }: WaitOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#leave(waiter)
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter = {
        isDone,
        resolve: () => {
          end()
          resolve()
        },
        reject: (error) => {
          end()
          reject(error)
        },
      }
      const onAbort = () => waiter.reject(aborted(signal as AbortSignal))
      const late = () => waiter.reject(timedOut(what))
      const timer = setTimeout(late, Math.min(timeoutMs, MOST_MS))
      this.#join(waiter)
      if (signal?.aborted === true) {
        onAbort()
        return
      }
      signal?.addEventListener('abort', onAbort)
      this.#try(waiter)
    })
  }

  /** Something has changed. */
  look(): void {
    for (const waiter of [...this.#all]) this.#try(waiter)
  }

  fail(error: unknown): void {
    for (const waiter of [...this.#all]) waiter.reject(error)
  }

  #join(waiter: Waiter): void {
    this.#all.add(waiter)
    this.#looking ??= setInterval(() => this.look(), LOOK_MS)
  }

  #leave(waiter: Waiter): void {
    this.#all.delete(waiter)
    if (this.#all.size > 0) return
    clearInterval(this.#looking)
    this.#looking = undefined
  }

  #try(waiter: Waiter): void {
    try {
      if (waiter.isDone()) waiter.resolve()
    } catch (error) {
      waiter.reject(error)
    }
  }
}
