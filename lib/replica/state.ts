/** What a node is at this moment, which all of its parts look at and change. */
import { Listeners } from '../base/listeners'
import type { Connection } from '../connection/connection'
import type { Database } from '../database'
import type { NativeReplicaPosition } from '../native/replica'
import { partsOf } from '../open-database'
import { LogClock } from './clock'
import { asError, codeOf, logFailed } from './errors'
import type { History } from './history'
import { LeaseWatch } from './lease'
import type { OpenLog } from './log'
import type { ReplicaRequest } from './options'
import type { ReplicaCounts, ReplicaEvents, ReplicaRole, ReplicaWriter } from './types'
import { Waiting } from './waiting'

// biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
export type AnyDatabase = Database<any>

/** How often one failure is told of. */
const TELL_MS = 1000

export class NodeState {
  readonly clock = new LogClock()
  readonly waiting = new Waiting()
  readonly events = new Listeners()
  readonly lease: LeaseWatch
  readonly counts: ReplicaCounts = {
    recordsApplied: 0,
    recordsAppended: 0,
    takeOvers: 0,
    fenced: 0,
    bootstraps: 0,
    setAside: 0,
    snapshots: 0,
    foreign: 0,
    logFailures: 0,
  }
  #db: AnyDatabase | undefined
  #place: NativeReplicaPosition | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  #history: History | undefined
  role: ReplicaRole = 'follower'
  /** The newest record that is applied here. */
  applied = 0
  /** When it came, by the log's clock. */
  appliedTimeMs = Number.NEGATIVE_INFINITY
  /** The newest record that is known to be in the log. */
  committed = 0
  /** Of a writer: when the newest record was sent that is in the log, by `performance.now()`. */
  confirmedAt = Number.NEGATIVE_INFINITY
  writer: ReplicaWriter | undefined
  /** Of a writer: the newest of its proposals that is in the log. */
  loggedOrdinal = 0
  /** Of a writer: records that are not known to be in the log. */
  pending = 0
  snapshot: { id: string; sequence: number } | undefined
  error: Error | undefined
  /** The newest epoch that this node has begun: its name may be another node's, too. */
  ownEpoch = 0
  /** Whether its rows are of no log yet: it may only begin one, and follow none. */
  foundsOnly = false
  /** Whether the writer should say again who it is: the record that said so was trimmed. */
  factsWanted = false
  /** Hears when the lease has changed. */
  onLease: () => void = () => {}
  /** Ends everything. */
  readonly ended = new AbortController()

  constructor(
    readonly path: string,
    readonly request: ReplicaRequest,
    readonly log: OpenLog,
  ) {
    this.lease = new LeaseWatch(log.lease, request.leaseMs)
  }

  get db(): AnyDatabase {
    return this.#db as AnyDatabase
  }

  /** Whether this node was the newest writer that is known. */
  get wroteNewest(): boolean {
    return this.ownEpoch !== 0 && this.#history?.epoch === this.ownEpoch
  }

  get connection(): Connection {
    return partsOf(this.db).connection
  }

  get history(): History {
    return this.#history as History
  }

  /** Another database is open now. */
  setDatabase(db: AnyDatabase): void {
    this.#db = db
  }

  /** Goes on from what is applied. */
  setHistory(history: History): void {
    this.#history = history
    this.noteApplied()
    if (history.logId !== '') this.connection.session.replicaLog(history.logId)
  }

  /** All that the history has read is applied. */
  noteApplied(): void {
    const { sequence, timeMs, foreign } = this.history
    this.noteWriter()
    this.applied = sequence
    this.appliedTimeMs = timeMs
    this.committed = Math.max(this.committed, sequence)
    this.counts.foreign = Math.max(this.counts.foreign, foreign)
    this.waiting.look()
  }

  /** The history has read who writes. */
  noteWriter(): void {
    const { writer } = this.history
    const { node, url } = this.writer ?? {}
    if (writer === undefined || (writer.node === node && writer.url === url)) return
    this.writer = writer
    if (this.role !== 'follower' || this.wroteNewest) return
    this.refuseWrites().catch(() => {})
    this.tell('role', this.#roleEvent())
  }

  /** Takes no writes, and says who does. Resolves once what is known to be in the log is applied. */
  refuseWrites(): Promise<void> {
    const { writer } = this
    const at = writer?.url === undefined ? '' : ` at ${writer.url}`
    const who =
      writer === undefined || this.wroteNewest
        ? 'nobody is known to write'
        : `${writer.node}${at} writes`
    const text = `the replica in ${this.path} follows; ${who}`
    return this.connection.call('replica', (session, id) => session.replicaFollow(id, text))
  }

  /** The place that the database has come to; of one that is closed, where it was. */
  place(): NativeReplicaPosition | undefined {
    if (!this.db.closed) this.#place = this.connection.session.replicaPosition()
    return this.#place
  }

  setRole(role: ReplicaRole): void {
    if (this.role === role) return
    this.role = role
    this.tell('role', this.#roleEvent())
    this.waiting.look()
  }

  #roleEvent(): ReplicaEvents['role'] {
    return { role: this.role, epoch: this.#history?.epoch ?? 0, writer: this.writer }
  }

  /** At most so much may have been written that is not applied here, in milliseconds. */
  stalenessMs(): number {
    if (this.role === 'writer') return Math.max(0, performance.now() - this.confirmedAt)
    if (this.role !== 'follower') return Number.POSITIVE_INFINITY
    return this.clock.ageOf(this.appliedTimeMs)
  }

  tell<E extends keyof ReplicaEvents>(event: E, fields: ReplicaEvents[E]): void {
    try {
      this.events.emit(event, fields)
    } catch (error) {
      // As with other listeners: nobody here can handle it.
      queueMicrotask(() => {
        throw error
      })
    }
  }

  /** Something went wrong, and is tried again. */
  failed(error: unknown): void {
    const before = this.error
    this.error = asError(error)
    const now = performance.now()
    // The same one comes many times a second while something is down.
    if (before?.message === this.error.message && now - this.#toldAt < TELL_MS) return
    this.#toldAt = now
    this.tell('failure', { error: this.error })
  }

  logFailed(error: unknown): void {
    this.counts.logFailures++
    this.failed(codeOf(error) === undefined ? logFailed(this.log.name, 'asking', error) : error)
  }

  /** What went wrong goes well again. */
  recovered(): void {
    this.error = undefined
  }
}
