/** How many copies go on at once, how fast, and who is told. */
import { setTimeout as sleep } from 'node:timers/promises'
import { abortedBy, checkSignal } from './errors'
import type { BackupProgress, CopyOptions } from './types'

const PROGRESS_MS = 250

/** Runs `each` for all items, so many at a time. The first failure ends the rest. */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  signal: AbortSignal,
  each: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const abort = new AbortController()
  const all = AbortSignal.any([abort.signal, signal])
  let next = 0
  const failures: unknown[] = []
  const run = async () => {
    while (next < items.length && failures.length === 0) {
      const item = items[next++] as T
      try {
        checkSignal(all)
        await each(item, all)
      } catch (error) {
        failures.push(error)
        abort.abort()
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, run))
  if (failures.length > 0) throw failures[0]
}

/** The speed and the progress of one copy. */
export class Pace {
  readonly #bytesPerMs: number
  readonly #onProgress: ((progress: BackupProgress) => void) | undefined
  readonly #signal: AbortSignal | undefined
  readonly #progress: BackupProgress = { files: 0, filesDone: 0, bytes: 0, bytesDone: 0 }
  #told = 0
  /** When the bytes that were taken so far are paid for. */
  #until = 0

  constructor({ rateLimitMbPerSec, onProgress, signal }: CopyOptions) {
    this.#bytesPerMs = (rateLimitMbPerSec ?? Number.POSITIVE_INFINITY) * 1000
    this.#onProgress = onProgress
    this.#signal = signal
  }

  expect(files: number, bytes: number): void {
    this.#progress.files += files
    this.#progress.bytes += bytes
    this.#tell(false)
  }

  /** Bytes are about to be copied: waits as the limit asks for. */
  async take(bytes: number): Promise<void> {
    if (this.#bytesPerMs !== Number.POSITIVE_INFINITY) {
      const now = performance.now()
      this.#until = Math.max(this.#until, now) + bytes / this.#bytesPerMs
      if (this.#until > now + 1) await this.#wait(this.#until - now)
    }
    this.#progress.bytesDone += bytes
    this.#tell(false)
  }

  /** These bytes need no copying, or are to be copied once more. */
  skip(bytes: number): void {
    this.#progress.bytesDone += bytes
    this.#tell(false)
  }

  fileDone(): void {
    this.#progress.filesDone++
    this.#tell(this.#progress.filesDone === this.#progress.files)
  }

  async #wait(milliseconds: number): Promise<void> {
    try {
      await sleep(milliseconds, undefined, this.#signal ? { signal: this.#signal } : {})
    } catch (error) {
      throw this.#signal?.aborted === true ? abortedBy(this.#signal) : error
    }
  }

  #tell(always: boolean): void {
    const now = performance.now()
    if (this.#onProgress === undefined || (!always && now - this.#told < PROGRESS_MS)) return
    this.#told = now
    this.#onProgress({ ...this.#progress })
  }
}
