/** A writer and a follower as simple as can be, to see what a log does to them. */
import assert from 'node:assert/strict'
import { AppendError, type LogRecord, type OpenLog } from '../../lib/replica/log'
import { eventually } from '../support/tools'

const IN_FLIGHT = 16
/** Longer than any fault of the tests lasts. */
const PATIENCE_MS = 50_000

/** Waits for a number to be reached, and says what was reached if that takes too long. */
class Progress {
  readonly #waiting = new Set<() => void>()

  moved(): void {
    for (const look of this.#waiting) look()
  }

  async until(what: string, holds: () => boolean, last: () => string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!holds()) return
        this.#waiting.delete(look)
        clearTimeout(timer)
        resolve()
      }
      const late = () => reject(new Error(`${what} did not come in time: ${last()}`))
      const timer = setTimeout(late, PATIENCE_MS)
      this.#waiting.add(look)
      look()
    })
  }
}

/**
 * Appends records one behind another, many at a time, and settles what is unknown by reading, until it is stopped.
 * What it was told to be there is in `acknowledged`, by sequence.
 */
export class Writing {
  readonly acknowledged = new Map<number, string>()
  readonly failures: string[] = []
  readonly #progress = new Progress()
  readonly done: Promise<void>
  readonly #log: OpenLog
  readonly #name: string
  #next = 0
  #stopped = false

  constructor(log: OpenLog, name = 'w') {
    this.#log = log
    this.#name = name
    this.done = this.#run()
    this.done.catch(() => undefined)
  }

  /** Resolves once so many more records are acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.acknowledged.size + count
    const waited = this.#progress.until(
      `record ${wanted}`,
      () => this.acknowledged.size >= wanted,
      () => `${this.acknowledged.size}, ${this.failures.slice(-3).join('; ')}`,
    )
    await Promise.race([this.done, waited])
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.done
  }

  async #run(): Promise<void> {
    let { last } = await this.#log.bounds()
    while (!this.#stopped) {
      const ids = Array.from({ length: IN_FLIGHT }, () => `${this.#name}:${this.#next++}`)
      const begin = last
      const sent = ids.map((id, i) => this.#append(id, begin + i))
      const outcomes = await Promise.allSettled(sent)
      // As it must be: an acknowledgement counts only if all before it are known to be there.
      for (const [i, id] of ids.entries()) {
        const outcome = outcomes[i] as PromiseSettledResult<number>
        const sequence =
          outcome.status === 'fulfilled' ? outcome.value : await this.#settle(id, last)
        assert.equal(sequence, last + 1)
        this.acknowledged.set(sequence, id)
        this.#progress.moved()
        last = sequence
      }
    }
  }

  async #append(id: string, expected: number): Promise<number> {
    try {
      return await this.#log.append(Buffer.from(id), { id, expected })
    } catch (error) {
      assert(error instanceof AppendError, String(error))
      this.failures.push(`${error.failure}: ${error.message}`)
      throw error
    }
  }

  /** Reads what stands there until it is the record, and appends it again while nothing does. */
  async #settle(id: string, last: number): Promise<number> {
    return eventually(
      `${id} at ${last + 1}`,
      async () => {
        const there = await this.#log.read(last + 1).catch(() => null)
        if (there === null) return undefined
        if (there !== undefined) {
          assert.equal(there.id, id)
          return there.sequence
        }
        return this.#append(id, last).catch(() => undefined)
      },
      () => this.failures.slice(-3).join('; '),
    )
  }
}

/** Follows a log from its beginning, and keeps what came. */
export class Following {
  readonly records: string[] = []
  readonly #progress = new Progress()
  readonly done: Promise<void>
  readonly #end = new AbortController()

  constructor(log: OpenLog) {
    this.done = this.#run(log)
    this.done.catch(() => undefined)
  }

  /** Resolves once it has come so far. */
  async reach(sequence: number): Promise<void> {
    const waited = this.#progress.until(
      `record ${sequence}`,
      () => this.records.length >= sequence,
      () => String(this.records.length),
    )
    await Promise.race([this.done, waited])
    if (this.records.length < sequence) throw new Error(`it ended with ${this.records.length}`)
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.done
  }

  async #run(log: OpenLog): Promise<void> {
    for await (const batch of log.follow(1, this.#end.signal)) {
      for (const record of batch) this.#take(record)
      this.#progress.moved()
    }
  }

  #take(record: LogRecord): void {
    assert.equal(record.sequence, this.records.length + 1)
    assert.equal(Buffer.from(record.bytes).toString(), record.id)
    this.records.push(record.id)
  }
}
