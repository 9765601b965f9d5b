/**
 * One opening of a database: the native session, and the state its families, batches and cursors
 * share.
 */
import { RocksDBError } from '../base/errors'
import { settled } from '../base/turns'
import { EventSource } from '../native/events'
import { call, explain, ids, nextId, type Place, type Reader, TAKEN, wait } from '../native/lane'
import { ReadFlag } from '../native/reads'
import type { NativeRecovery, NativeSession } from '../native/session'
import { WriteFlag } from '../native/writes'
import type { ResolvedTuning } from '../tuning'
import { newCounts } from './counts'

const done: Promise<void> = Promise.resolve()

export class Connection {
  readonly session: NativeSession
  /** The real, absolute path of the directory; `memory:` and the name for a database in memory. */
  readonly path: string
  readonly mode: 'read-write' | 'read-only' | 'secondary'
  readonly recovery: NativeRecovery
  /** The tuning in force; replaced when it changes while open. */
  tuning: ResolvedTuning
  /** Bits of `WriteFlag` for writes without options. */
  readonly writeFlags: number
  /** Bits of `ReadFlag` of every scan. */
  readonly scanFlags: number
  closed = false
  /** Operations so far, by `Counted`. */
  readonly counts = newCounts()
  /** How long opening took, in seconds. */
  readonly openSeconds: number
  readonly events: EventSource
  #closing: Promise<void> | undefined
  readonly #closeHooks = new Set<() => void>()
  #readsQueued = false
  readonly #submit: () => void

  constructor(
    session: NativeSession,
    tuning: ResolvedTuning,
    path: string,
    mode: Connection['mode'],
    openSeconds: number,
  ) {
    // V8 treats native's object as a dictionary, which it searches at every call; as a prototype it
    // is fast.
    this.session = Object.create(session)
    this.path = path
    this.mode = mode
    this.recovery = session.recovery
    this.tuning = tuning
    this.openSeconds = openSeconds
    this.writeFlags = tuning.walEnabled ? 0 : WriteFlag.disableWAL
    this.scanFlags = tuning.refreshScans ? ReadFlag.refresh : 0
    session.setTransactionWindow(tuning.transactionWindowBytes)
    this.events = new EventSource(this)
    this.#submit = () => {
      if (!this.#readsQueued) return
      this.#readsQueued = false
      this.session.submitReads()
    }
  }

  /** For operations that do not call native. */
  assertOpen(operation: string, place: Place = this): void {
    if (!this.closed) return
    const error = new RocksDBError('the database is closed', { code: 'ERR_CLOSED' })
    throw explain(error, operation, place)
  }

  /** Makes a synchronous native call. Its errors say what failed. */
  run<T>(operation: string, start: (session: NativeSession) => T, place: Place = this): T {
    try {
      return start(this.session)
    } catch (error) {
      throw explain(error, operation, place)
    }
  }

  /** Makes an asynchronous native call, whose outcome arrives through `deliver`. */
  call<T = void>(
    operation: string,
    start: (session: NativeSession, id: number) => void,
    place: Place = this,
  ): Promise<T> {
    return call(operation, place, (id) => start(this.session, id)) as Promise<T>
  }

  /**
   * Waits for a read that native has queued. All queued reads of this turn go to a thread as one
   * job.
   */
  waitForRead(
    id: number,
    operation: string,
    place: Place,
    reader: Reader,
    missing: unknown,
  ): Promise<unknown> {
    if (!this.#readsQueued) {
      this.#readsQueued = true
      done.then(this.#submit)
    }
    return wait(id, operation, place, reader, missing)
  }

  /** Commits an encoded batch. Throws if that fails at once. */
  commit(
    batch: Uint8Array,
    byteLength: number,
    flags: number,
    operation: string,
    place: Place,
  ): Promise<void> {
    const queued = this.queue(batch, byteLength, flags, operation, place)
    return queued ?? settled(undefined, byteLength)
  }

  /** Like `commit`, but returns undefined if the commit is already done. */
  queue(
    batch: Uint8Array,
    byteLength: number,
    flags: number,
    operation: string,
    place: Place,
  ): Promise<void> | undefined {
    const id = nextId()
    if (this.session.commit(id, batch, byteLength, flags)) return undefined
    ids.next = TAKEN
    return wait(id, operation, place) as Promise<void>
  }

  /** Calls the hook when closing begins. Returns a function that removes it. */
  onClose(hook: () => void): () => void {
    this.#closeHooks.add(hook)
    return () => void this.#closeHooks.delete(hook)
  }

  #beginClose(): void {
    this.#submit()
    this.closed = true
    for (const hook of this.#closeHooks) hook()
    this.#closeHooks.clear()
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#beginClose()
      this.#closing = this.call('close', (session, id) => session.close(id))
    }
    return this.#closing
  }

  closeSync(): void {
    this.#beginClose()
    this.#closing ??= done
    this.run('close', (session) => session.closeSync())
  }
}
