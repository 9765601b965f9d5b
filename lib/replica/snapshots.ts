/** The snapshots that a writer makes, and the log that they make superfluous. */
import { setTimeout as sleep } from 'node:timers/promises'
import { makeBackup } from '../backup/backup'
import { backups } from '../backup/catalog'
import { readCopying } from '../backup/options'
import type { BackupTarget } from '../backup/target'
import { RocksDBError } from '../base/errors'
import { snapshotsIn, snapshotsOf } from './directory'
import { damagedSnapshot } from './errors'
import type { NodeState } from './state'

const POLL_MS = 5
/** RocksDB's batch without records: its header. */
const EMPTY_BATCH_BYTES = 12
/** How often it is looked whether one is due. */
const MOST_LOOK_MS = 60_000

export interface MadeSnapshot {
  id: string
  sequence: number
}

export class Snapshots {
  readonly #state: NodeState
  readonly #target: BackupTarget
  readonly #epoch: number
  readonly #signal: AbortSignal
  #making: Promise<MadeSnapshot> | undefined
  #madeAt: number | undefined
  #bytesThen = 0
  #firstThen = 0

  /** Until `signal` is aborted. */
  constructor(state: NodeState, target: BackupTarget, epoch: number, signal: AbortSignal) {
    this.#state = state
    this.#target = target
    this.#epoch = epoch
    this.#signal = signal
  }

  /** Makes one whenever it is due. */
  async run(): Promise<void> {
    const { snapshotEveryMs } = this.#state.request
    const restMs = Math.min(MOST_LOOK_MS, Math.max(100, snapshotEveryMs / 10))
    while (!this.#signal.aborted) {
      try {
        if (await this.#isDue()) await this.make()
      } catch (error) {
        if (!this.#signal.aborted) this.#state.failed(error)
      }
      await sleep(restMs, undefined, { signal: this.#signal }).catch(() => {})
    }
  }

  /** Makes one now; those who ask meanwhile share it. */
  make(): Promise<MadeSnapshot> {
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined
    })
    return this.#making
  }

  async #isDue(): Promise<boolean> {
    const { log, request, history } = this.#state
    const bounds = await log.bounds()
    if (this.#madeAt === undefined) {
      const all = await snapshotsIn(this.#target, history.logId, this.#signal)
      const newest = all.findLast(({ place }) => place.sequence >= bounds.first)
      this.#bytesThen = bounds.bytes
      this.#firstThen = bounds.first
      if (newest === undefined) return true
      this.#madeAt = newest.timeMs
    }
    // Somebody has removed records: who follows needs a snapshot that is behind them.
    if (bounds.first > this.#firstThen) return true
    return bounds.bytes - this.#bytesThen > request.snapshotLogBytes || this.#isOld(this.#madeAt)
  }

  #isOld(since: number): boolean {
    return Date.now() - since > this.#state.request.snapshotEveryMs
  }

  async #make(): Promise<MadeSnapshot> {
    const { connection, history, log } = this.#state
    await this.#moveOn()
    const place = connection.session.replicaPosition()
    if (place === undefined) throw new Error('nothing is applied yet')
    const { epoch, sequence, ordinal } = place
    const made = await makeBackup(connection, this.#target, readCopying({ signal: this.#signal }), {
      replica: {
        database: snapshotsOf(history.logId),
        epoch: `${history.logId}-${this.#epoch}`,
        place: { epoch, sequence, ordinal },
        logged: () => this.#logged(),
      },
    })
    const { problems } = await backups(this.#target).verify(made.id, { signal: this.#signal })
    if (problems.length > 0) throw damagedSnapshot(this.#target.name, made.id, problems)
    await this.#tidy()
    const bounds = await log.bounds()
    this.#madeAt = Date.now()
    this.#bytesThen = bounds.bytes
    this.#firstThen = bounds.first
    const snapshot = { id: made.id, sequence }
    this.#state.snapshot = snapshot
    this.#state.counts.snapshots++
    this.#state.tell('snapshot', snapshot)
    return snapshot
  }

  /** A commit of nothing, so that the place is behind the beats of a writer that had nothing to write. */
  async #moveOn(): Promise<void> {
    const { connection, committed } = this.#state
    const { sequence = 0 } = connection.session.replicaPosition() ?? {}
    if (sequence >= committed) return
    const nothing = Buffer.alloc(EMPTY_BATCH_BYTES)
    await connection.commit(nothing, nothing.length, 0, 'replica', connection)
  }

  /** What was acknowledged before the log had it is in the snapshot, and must not be lost after. */
  async #logged(): Promise<void> {
    const { session } = this.#state.connection
    if (!this.#state.request.local) return
    const applied = session.replicaPosition()?.ordinal ?? 0
    const { request } = this.#state
    const until = performance.now() + request.leaseMs
    while (this.#state.loggedOrdinal < applied) {
      if (this.#signal.aborted || performance.now() > until) {
        throw new RocksDBError('the log does not have what the snapshot has', {
          code: 'ERR_REPLICA_LOG',
          retryable: true,
        })
      }
      await sleep(POLL_MS)
    }
  }

  /** Removes old snapshots, and records that the last but one has. */
  async #tidy(): Promise<void> {
    const { log, request, history } = this.#state
    await backups(this.#target).keep({ last: request.keepSnapshots, signal: this.#signal })
    const all = await snapshotsIn(this.#target, history.logId, this.#signal)
    const before = all.at(-2)
    // The record at its place stays: by it a node knows that the log is the one it has read.
    if (before === undefined) return
    await log.trim(before.place.sequence)
    this.#state.factsWanted = true
  }
}
