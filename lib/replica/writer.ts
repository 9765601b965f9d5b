/** A node that writes: has the native queue's groups put into the log, until it may not any more. */
import { setTimeout as sleep } from 'node:timers/promises'
import { PROPOSAL_BYTES } from '../native/replica'
import { asError } from './errors'
import { FencedError, Publisher } from './publisher'
import { encodeFacts } from './record'
import { factsOf, leaseText } from './stand'
import type { NodeState } from './state'

/** Bytes of proposals that are taken from the native queue at a time. */
const PAGE_BYTES = 4 << 20
const POLL_MS = 2

/** Why a node writes no more. */
export type WriterEnd =
  /** It was asked to, and everything is in the log. */
  | { why: 'steppedDown' }
  /** Somebody else is the writer. */
  | { why: 'fenced'; error: FencedError }
  /** The log was not heard of for the time of a lease, or does what it must not; or applying failed. */
  | { why: 'failed'; error: Error }

/** What runs while a node writes. */
export class Writing {
  readonly #state: NodeState
  readonly #publisher: Publisher
  readonly #ended = new AbortController()
  #end: WriterEnd | undefined
  /** Resolves when it has ended for whatever reason. */
  readonly done: Promise<WriterEnd>
  #resolve: (end: WriterEnd) => void = () => {}

  constructor(state: NodeState, epoch: number) {
    this.#state = state
    const { log, history, request } = state
    state.confirmedAt = performance.now()
    state.loggedOrdinal = 0
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#publisher = new Publisher({
      log,
      logId: history.logId,
      epoch,
      local: request.local,
      onLogged: (ordinal, sequence) => this.#onLogged(ordinal, sequence),
      onConfirmed: (sequence, sentAt) => this.#onConfirmed(sequence, sentAt),
      onTrouble: (error) => state.logFailed(error),
      onEnd: (error) => this.#fail(error),
    })
  }

  /** Takes writes, until `done`. */
  start(epoch: number): void {
    const { connection, request } = this.#state
    const { local, maxLagMs, leaseMs } = request
    try {
      connection.run('replica', (session) =>
        session.replicaWrite(epoch, 0, local, maxLagMs, leaseMs),
      )
    } catch (error) {
      this.#fail(asError(error))
      return
    }
    this.#run(() => this.#pump())
    this.#run(() => this.#beat())
    this.#run(() => this.#renew())
    if (!local) this.#run(() => this.#guard())
  }

  /** Takes no more writes, and has everything in the log. Resolves to false where that takes longer. */
  async drain(text: string, mostMs: number): Promise<boolean> {
    const { session } = this.#state.connection
    const until = performance.now() + mostMs
    session.replicaDrain(text)
    for (;;) {
      if (this.#end !== undefined) return false
      const { queued, taken } = session.replicaState()
      if (queued === 0 && taken === 0 && this.#publisher.pending === 0) break
      if (performance.now() > until) return false
      await sleep(POLL_MS)
    }
    this.#stop({ why: 'steppedDown' })
    return true
  }

  /** Ends it, with what is under way unknown. */
  stop(error: Error): void {
    this.#stop({ why: 'failed', error })
  }

  #run(work: () => Promise<void>): void {
    work().catch((error) => this.#fail(asError(error)))
  }

  #fail(error: Error): void {
    if (error instanceof FencedError) this.#stop({ why: 'fenced', error })
    else this.#stop({ why: 'failed', error })
  }

  #stop(end: WriterEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#ended.abort()
    this.#publisher.end()
    this.#state.pending = 0
    this.#resolve(end)
  }

  /** Hands the groups of the native queue to the publisher. */
  async #pump(): Promise<void> {
    const { connection } = this.#state
    while (this.#end === undefined) {
      const askedAt = performance.now()
      const page = await connection.call<Uint8Array>('replica', (session, id) =>
        session.replicaNext(id, PAGE_BYTES),
      )
      const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength)
      for (let at = 0; at < bytes.length; ) {
        const body = at + PROPOSAL_BYTES
        const end = body + bytes.readUInt32LE(at + 8)
        this.#publisher.publish(
          Number(bytes.readBigUInt64LE(at)),
          bytes.subarray(body, end),
          askedAt,
        )
        at = end
      }
      this.#state.pending = this.#publisher.pending
      // Nothing comes any more, or the call was ended: both are found out by the loop's condition.
      if (bytes.length === 0) await this.#rest(POLL_MS)
    }
  }

  #onLogged(ordinal: number, sequence: number): void {
    this.#state.loggedOrdinal = ordinal
    try {
      this.#state.connection.session.replicaLogged(ordinal, sequence)
    } catch (error) {
      this.#fail(asError(error))
    }
  }

  #onConfirmed(sequence: number, sentAt: number): void {
    const state = this.#state
    state.counts.recordsAppended++
    state.confirmedAt = Math.max(state.confirmedAt, sentAt)
    state.committed = Math.max(state.committed, sequence)
    state.applied = Math.max(state.applied, sequence)
    state.pending = this.#publisher.pending
    if (state.error !== undefined) state.recovered()
    state.waiting.look()
  }

  async #beat(): Promise<void> {
    const { heartbeatMs } = this.#state.request
    while (this.#end === undefined) {
      this.#beatIfIdle()
      await this.#rest(heartbeatMs)
    }
  }

  /** A beat says that everything is in the log: with something under way, that is not so. */
  #beatIfIdle(): void {
    const now = performance.now()
    if (this.#state.factsWanted) {
      this.#state.factsWanted = false
      // It says nothing of what was acknowledged.
      this.#publisher.beat(0, encodeFacts(factsOf(this.#state)))
      return
    }
    const { queued } = this.#state.connection.session.replicaState()
    if (queued === 0 && this.#publisher.pending === 0) this.#publisher.beat(now)
  }

  async #renew(): Promise<void> {
    const { lease, request } = this.#state
    while (this.#end === undefined) {
      try {
        // Somebody else who takes it is going to append its epoch: the log says who is the writer.
        await lease.take(leaseText(this.#state))
      } catch (error) {
        this.#state.logFailed(error)
      }
      await this.#rest(request.leaseMs / 3)
    }
  }

  /** Others may have taken over: what cannot be put into the log must not be waited for. */
  async #guard(): Promise<void> {
    const { leaseMs } = this.#state.request
    while (this.#end === undefined) {
      const quietMs = performance.now() - this.#state.confirmedAt
      if (quietMs > leaseMs) {
        const text = `nothing could be put into the log for ${Math.round(quietMs)} ms`
        throw new Error(text, { cause: this.#state.error })
      }
      await this.#rest(Math.max(POLL_MS, leaseMs / 10))
    }
  }

  async #rest(milliseconds: number): Promise<void> {
    const { signal } = this.#ended
    await sleep(milliseconds, undefined, { signal }).catch(() => {})
  }
}
