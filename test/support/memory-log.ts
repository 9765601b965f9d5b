/**
 * A log for replicas in memory: what `lib/replica/log.ts` asks for, with switches for what goes wrong.
 *
 * A `MemoryStore` is the log itself, found by its name within the process. A `MemoryLog` is the way
 * of one node to it, which can be cut.
 */
import { once, setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AppendError,
  type AppendOptions,
  type LogBounds,
  type LogLease,
  type LogRecord,
  type OpenLog,
  type ReplicaLog,
} from '../../lib/replica/log'
import { MemoryStore } from './memory-store'

/** What becomes of an append that is said to be unknown. */
export type UnknownEffect =
  /** It never gets to the log. */
  | 'none'
  /** It is in the log, if its expectation holds. */
  | 'applied'
  /** It gets to the log with `deliverLate`. */
  | 'late'

const BATCH_RECORDS = 256
const BATCH_BYTES = 8 * 2 ** 20

export interface MemoryLogOptions {
  /** After how many milliseconds a call fails that gets no answer (default: 20). */
  timeoutMs?: number
}

/** One node's way to a log. */
export class MemoryLog implements ReplicaLog {
  readonly name: string
  readonly store: MemoryStore
  /** Each append is acknowledged so many milliseconds later. */
  ackDelayMs = 0
  /** What `OpenLog.warnings` has, of logs that are opened from now on. */
  warnings: string[] = []
  readonly timeoutMs: number
  readonly signals = new EventTarget()
  #unknown: UnknownEffect[] = []
  #refusals: string[] = []
  #late: (() => void)[] = []
  #held: Promise<void> | undefined
  #cuts = 0
  #reachable = true

  constructor(store: MemoryStore | string, options: MemoryLogOptions = {}) {
    this.store = typeof store === 'string' ? MemoryStore.named(store) : store
    this.name = `memory ${this.store.name}`
    this.timeoutMs = options.timeoutMs ?? 20
    setMaxListeners(0, this.signals, this.store.signals, this.store.lease.signals)
  }

  /** Whether the node reaches the log. */
  get reachable(): boolean {
    return this.#reachable
  }

  /** How often it was cut: a call that began before a cut gets no answer. */
  get cuts(): number {
    return this.#cuts
  }

  /** Cuts the node off: calls fail after `timeoutMs`, appends as unknown, and followers wait. */
  cut(): void {
    this.#reachable = false
    this.#cuts++
    this.signals.dispatchEvent(new Event('cut'))
  }

  /** Lets the node reach the log again. What was asked before stays without an answer. */
  heal(): void {
    this.#reachable = true
    this.signals.dispatchEvent(new Event('heal'))
  }

  /** The next appends fail as unknown, one for each effect. */
  failNext(...effects: UnknownEffect[]): void {
    this.#unknown.push(...effects)
  }

  /** The next append is refused with this message. */
  refuseNext(message = 'no space'): void {
    this.#refusals.push(message)
  }

  /** Holds acknowledgements back, from now on, until the returned function is called. */
  holdAcks(): () => void {
    let release: () => void = () => undefined
    this.#held = new Promise((resolve) => {
      release = resolve
    })
    return () => {
      this.#held = undefined
      release()
    }
  }

  /** Delivers the appends that were to be late, in their order. Their callers never hear of it. */
  deliverLate(): void {
    for (const deliver of this.#late.splice(0)) deliver()
  }

  async open(signal: AbortSignal): Promise<OpenLog> {
    signal.throwIfAborted()
    await this.answer(() => undefined)
    signal.throwIfAborted()
    return new OpenMemoryLog(this)
  }

  /** Runs a call now, and answers it later, if the node is not cut meanwhile. */
  async answer<T>(call: () => T): Promise<T> {
    if (!this.#reachable) return this.#timeOut()
    const cuts = this.#cuts
    const value = call()
    await new Promise((resolve) => setImmediate(resolve))
    return cuts === this.#cuts ? value : this.#timeOut()
  }

  async append(bytes: Uint8Array, options: AppendOptions): Promise<number> {
    if (!this.#reachable) return this.#unknownTimeout()
    const refusal = this.#refusals.shift()
    if (refusal !== undefined) throw new AppendError('refused', refusal)
    const copy = Uint8Array.from(bytes)
    const attempt = () => this.store.append(copy, options)
    const effect = this.#unknown.shift()
    if (effect !== undefined) return this.#unsettled(effect, attempt)
    const cuts = this.#cuts
    const outcome = outcomeOf(attempt)
    await firstOf(
      (end) => this.#acked(end),
      (end) => happened(this.signals, 'cut', end),
    )
    if (cuts !== this.#cuts) return this.#unknownTimeout()
    return outcome()
  }

  async #acked(end: AbortSignal): Promise<void> {
    const held = this.#held
    if (this.ackDelayMs > 0) await sleep(this.ackDelayMs, undefined, { signal: end })
    await held
    await new Promise((resolve) => setImmediate(resolve))
  }

  async #unsettled(effect: UnknownEffect, attempt: () => number): Promise<never> {
    if (effect === 'applied') outcomeOf(attempt)
    if (effect === 'late') this.#late.push(() => void outcomeOf(attempt))
    return this.#unknownTimeout()
  }

  async #timeOut(): Promise<never> {
    await sleep(this.timeoutMs)
    throw new Error('timeout')
  }

  async #unknownTimeout(): Promise<never> {
    await sleep(this.timeoutMs)
    throw new AppendError('unknown', 'no answer', new Error('timeout'))
  }
}

/** Calls it now, and returns what it returned or threw when asked. */
function outcomeOf<T>(call: () => T): () => T {
  try {
    const value = call()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

class OpenMemoryLog implements OpenLog {
  readonly name: string
  readonly warnings: readonly string[]
  readonly lease: LogLease
  readonly #log: MemoryLog
  readonly #closing = new AbortController()

  constructor(log: MemoryLog) {
    this.#log = log
    this.name = log.name
    this.warnings = [...log.warnings]
    this.lease = {
      read: () => this.#ask(() => log.store.lease.read()),
      write: (text, revision) => this.#ask(() => log.store.lease.write(text, revision)),
      watch: (listener) => this.#watch(listener),
    }
  }

  get maxRecordBytes(): number {
    return this.#log.store.maxRecordBytes
  }

  append(bytes: Uint8Array, options: AppendOptions): Promise<number> {
    if (this.#closing.signal.aborted) {
      return Promise.reject(new AppendError('refused', 'the log was closed'))
    }
    return this.#log.append(bytes, options)
  }

  bounds(): Promise<LogBounds> {
    return this.#ask(() => this.#log.store.bounds())
  }

  read(sequence: number): Promise<LogRecord | undefined> {
    return this.#ask(() => this.#log.store.read(sequence))
  }

  trim(before: number): Promise<void> {
    return this.#ask(() => this.#log.store.purge(before))
  }

  async *follow(from: number, signal: AbortSignal): AsyncGenerator<LogRecord[], void, undefined> {
    const { store } = this.#log
    const end = AbortSignal.any([signal, this.#closing.signal])
    let next = from
    while (!end.aborted) {
      if (!this.#log.reachable) {
        await happened(this.#log.signals, 'heal', end)
        continue
      }
      const batch = store.batch(next, BATCH_RECORDS, BATCH_BYTES)
      const waits = batch.next === next
      next = batch.next
      if (batch.records.length > 0) {
        yield batch.records
        await new Promise((resolve) => setImmediate(resolve))
      } else if (waits) {
        await firstOf(
          (over) => happened(store.signals, 'change', AbortSignal.any([end, over])),
          (over) => happened(this.#log.signals, 'cut', over),
        )
      }
    }
    if (!signal.aborted) throw new Error('the log was closed')
  }

  async close(): Promise<void> {
    this.#closing.abort()
  }

  async #ask<T>(call: () => T): Promise<T> {
    if (this.#closing.signal.aborted) throw new Error('the log was closed')
    return this.#log.answer(call)
  }

  async #watch(listener: Parameters<LogLease['watch']>[0]): Promise<() => void> {
    const { lease } = this.#log.store
    await this.#ask(() => undefined)
    let seen = lease.read()?.revision ?? 0
    const look = () => {
      const now = lease.read()
      if (!this.#log.reachable || now === undefined || now.revision <= seen) return
      seen = now.revision
      listener(now)
    }
    const soon = () => void setImmediate(look)
    lease.signals.addEventListener('change', soon)
    this.#log.signals.addEventListener('heal', soon)
    const stop = () => {
      seen = Number.POSITIVE_INFINITY
      lease.signals.removeEventListener('change', soon)
      this.#log.signals.removeEventListener('heal', soon)
    }
    this.#closing.signal.addEventListener('abort', stop)
    return stop
  }
}

/** Resolves when one of them does, and ends the others. */
async function firstOf(...waits: ((end: AbortSignal) => Promise<void>)[]): Promise<void> {
  const over = new AbortController()
  await Promise.race(waits.map((wait) => wait(over.signal).catch(() => undefined)))
  over.abort()
}

/** Resolves with the event, or when `signal` is aborted. */
async function happened(target: EventTarget, event: string, signal: AbortSignal): Promise<void> {
  await once(target as never, event, { signal }).catch(() => undefined)
}
