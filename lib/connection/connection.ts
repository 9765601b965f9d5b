/** One opening of a database: the native session, and what its families, batches and cursors share. */
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
  /** The real, absolute path of the directory; of a database in memory `memory:` and its name. */
  readonly path: string
  readonly recovery: NativeRecovery
  /** What is in force; another one after a change while open. */
  tuning: ResolvedTuning
  /** Bits of `WriteFlag` of a write that does not say. */
  readonly writeFlags: number
  /** Bits of `ReadFlag` of every scan. */
  readonly scanFlags: number
  closed = false
  /** What was asked for so far, by `Counted`. */
  readonly counts = newCounts()
  /** How long opening took. */
  readonly openSeconds: number
  readonly events: EventSource
  #closing: Promise<void> | undefined
  readonly #closeHooks = new Set<() => void>()
  #readsQueued = false
  readonly #submit: () => void

  constructor(session: NativeSession, tuning: ResolvedTuning, path: string, openSeconds: number) {
    // What native makes is a dictionary to V8, searched at every call; a prototype is not.
    this.session = Object.create(session)
    this.path = path
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

  /** For calls that native never sees. */
  assertOpen(operation: string, place: Place = this): void {
    if (!this.closed) return
    const error = new RocksDBError('the database is closed', { code: 'ERR_CLOSED' })
    throw explain(error, operation, place)
  }

  /** Makes a synchronous native call, with errors that say what failed. */
  run<T>(operation: string, start: (session: NativeSession) => T, place: Place = this): T {
    try {
      return start(this.session)
    } catch (error) {
      throw explain(error, operation, place)
    }
  }

  /** Makes an asynchronous native call that is delivered by `deliver`. */
  call<T = void>(
    operation: string,
    start: (session: NativeSession, id: number) => void,
    place: Place = this,
  ): Promise<T> {
    return call(operation, place, (id) => start(this.session, id)) as Promise<T>
  }

  /** Waits for a read that native has queued; all of this turn's go to a thread as one job. */
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

  /** Commits an encoded batch; throws where that fails at once. */
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

  /** `commit`, where undefined says that it is done already. */
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

  /** Has something done when closing begins; returns what takes that back. */
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
