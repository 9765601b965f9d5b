/** A node's life: it follows, becomes the writer, is fenced, begins again from a snapshot. */
import { existsSync } from 'node:fs'
import { RocksDBError } from '../base/errors'
import { historyFrom, historyFromStart, logIdOf } from './anchor'
import {
  checkClosed,
  fetchBeside,
  findSnapshot,
  hasDatabase,
  hasPlainDatabase,
  noSnapshot,
  openNode,
  replaceBy,
  setAside,
} from './directory'
import { asError, closed, mismatch } from './errors'
import { followUntilFree, lookOnce } from './follower'
import { DivergedError, History } from './history'
import { explained, noReplica, unlessGap } from './judge'
import { type LogBounds, LogGapError } from './log'
import { Pauses } from './pauses'
import { NOWHERE } from './place'
import { Snapshots } from './snapshots'
import { type Founding, newLogId, stand } from './stand'
import type { NodeState } from './state'
import { Writing } from './writer'

/** For so many leases opening waits for a snapshot that another node is making. */
const PATIENCE_LEASES = 3

export class ReplicaNode {
  readonly state: NodeState
  writing: Writing | undefined
  snapshots: Snapshots | undefined
  /** Whether it is about to become the writer. */
  standing = false
  /** Whether what the history has read may not be what is applied: it must not be followed. */
  #unsure = false
  #founding: Founding | undefined
  #running: Promise<void> | undefined
  readonly #pauses = new Pauses()

  constructor(state: NodeState) {
    this.state = state
  }

  /** Opens the database, and finds out where it stands. */
  async open(): Promise<void> {
    const { state } = this
    const { path, request, log } = state
    const bounds = await log.bounds(true)
    if (!hasDatabase(path)) await this.#fetchFirst(bounds)
    const plain = await hasPlainDatabase(path)
    // Looked at before anything is written to it.
    if (plain && !request.newLog) throw noReplica(path)
    if (request.newLog && plain) this.#checkNewLog(bounds, true)
    state.setDatabase(await openNode(path, request))
    try {
      await this.#begin(bounds)
      // Servers that have just begun answer late.
      await this.#patiently(() => state.lease.start(() => state.onLease()))
      await this.#patiently(() => lookOnce(state))
    } catch (error) {
      state.lease.stop()
      await state.db.close()
      throw error
    }
  }

  /** Runs until `close`. */
  start(): void {
    this.#running = this.#live()
  }

  /** Ends it. A writer has everything in the log first, if that is possible in the time of a lease. */
  async close(): Promise<void> {
    const { state } = this
    const { leaseMs } = state.request
    const gone = `the replica in ${state.path} is closed`
    const { writing } = this
    const drained = (await writing?.drain(gone, leaseMs).catch(() => false)) === true
    state.ended.abort()
    this.writing?.stop(closed(state.path))
    await this.#running
    state.lease.stop()
    if (drained) await state.lease.giveUp().catch(() => {})
    state.place()
    state.setRole('closed')
    state.waiting.fail(closed(state.path))
    try {
      await state.db.close()
    } finally {
      // Its connection would keep the process alive.
      await state.log.close().catch(() => {})
    }
  }

  /** Tries again while the log does not answer, for the time of a lease. */
  async #patiently(ask: () => Promise<unknown>): Promise<void> {
    const until = performance.now() + this.state.request.leaseMs
    for (;;) {
      try {
        await ask()
        return
      } catch (error) {
        if (performance.now() > until || this.state.ended.signal.aborted) throw error
        await this.#pause()
      }
    }
  }

  /** A new node begins with a snapshot, where there is one. */
  async #fetchFirst(bounds: LogBounds): Promise<void> {
    const { path, request, log } = this.state
    const { snapshots } = request
    if (snapshots === undefined || request.newLog) return
    const logId = await logIdOf(log, bounds)
    if (logId === undefined) return
    const { signal } = this.state.ended
    const found = await findSnapshot(snapshots, logId, bounds, 0, signal)
    if (found === undefined) return
    await replaceBy(path, await fetchBeside(path, snapshots, found, signal))
    this.state.counts.bootstraps++
    this.state.snapshot = { id: found.id, sequence: found.place.sequence }
  }

  /** What the directory has, beside what the log has. */
  async #begin(bounds: LogBounds): Promise<void> {
    const { state } = this
    const { request, log, path, connection } = state
    const place = connection.session.replicaPosition()
    const found = await logIdOf(log, bounds)
    if (request.newLog && (place === undefined || found !== place.logId)) return this.#found(bounds)
    if (place === undefined) {
      // Made by a node that ended before it had read anything.
      return this.#fromStart(bounds)
    }
    if (found === undefined) {
      throw mismatch(
        `${path} has read log ${place.logId} up to record ${place.sequence}, and ${log.name} has none: if the log was lost, newLog begins another one with what this directory has`,
      )
    }
    if (found !== place.logId) {
      throw mismatch(`${path} follows log ${place.logId}, and ${log.name} is log ${found}`)
    }
    await this.#from(bounds)
  }

  /** Begins a new log. */
  #found(bounds: LogBounds): void {
    const { state } = this
    const hasRows = !state.connection.recovery.created
    this.#checkNewLog(bounds, hasRows)
    this.#founding = { logId: newLogId(), base: hasRows ? 'snapshot' : undefined }
    state.foundsOnly = hasRows
    state.setHistory(new History('', { ...NOWHERE, sequence: bounds.last }, 0))
  }

  #checkNewLog(bounds: LogBounds, hasRows: boolean): void {
    const { request, log, path } = this.state
    if (bounds.first <= bounds.last) {
      throw mismatch(
        `newLog needs an empty log, and ${log.name} has records: delete the stream first`,
      )
    }
    if (hasRows && request.snapshots === undefined) {
      throw mismatch(
        `a log that begins with the rows of ${path} needs snapshots, for others to begin with`,
      )
    }
  }

  async #fromStart(bounds: LogBounds): Promise<void> {
    const { state } = this
    const { leaseMs } = state.request
    const until = performance.now() + PATIENCE_LEASES * leaseMs
    for (let now = bounds; ; now = await state.log.bounds(true)) {
      try {
        return state.setHistory(await historyFromStart(state.log, now))
      } catch (error) {
        if (!(error instanceof LogGapError)) throw error
        if (await this.#bootstrap('gap', error, now).catch(unlessGap)) return
        const over = performance.now() > until || state.ended.signal.aborted
        if (over) throw noSnapshot(state.request.snapshots, error)
        await this.#pause()
      }
    }
  }

  /** Goes on from the place of the database; if that is not possible, from a snapshot. */
  async #from(bounds: LogBounds): Promise<void> {
    const { state } = this
    const place = state.connection.session.replicaPosition()
    try {
      if (place === undefined) return await this.#fromStart(bounds)
      state.setHistory(await historyFrom(state.log, place.logId, place, bounds))
    } catch (error) {
      if (!(error instanceof LogGapError)) throw error
      if (!(await this.#bootstrap('gap', error, bounds))) throw error
    }
  }

  /** Follows and writes in turn, for as long as it lives. */
  async #live(): Promise<void> {
    const { state } = this
    const { signal } = state.ended
    while (!signal.aborted) {
      try {
        if (this.#unsure) await this.#again()
        await followUntilFree(state, () => {
          this.standing = true
        })
        if (signal.aborted) return
        const epoch = await stand(state, this.#founding)
        if (epoch === undefined) await this.#pause()
        else if (!signal.aborted) await this.#write(epoch)
        else await state.lease.giveUp()
        this.#pauses.reset()
      } catch (error) {
        this.#unsure = true
        if (signal.aborted) return
        await this.#meet(asError(error))
      } finally {
        this.standing = false
        state.waiting.look()
      }
    }
  }

  async #write(epoch: number): Promise<void> {
    const { state } = this
    const { request } = state
    this.#founding = undefined
    state.foundsOnly = false
    // It reads none of what it writes.
    this.#unsure = true
    const writing = new Writing(state, epoch)
    const ended = new AbortController()
    this.writing = writing
    writing.start(epoch)
    state.counts.takeOvers++
    const families = this.#makeFamilies()
    if (request.snapshots !== undefined) {
      this.snapshots = new Snapshots(state, request.snapshots, epoch, ended.signal)
      // A target that does not answer is not waited for.
      void this.snapshots.run()
    }
    state.recovered()
    const end = await writing.done
    ended.abort()
    this.writing = undefined
    this.snapshots = undefined
    if (end.why === 'fenced') state.counts.fenced++
    if (end.why === 'failed') state.failed(end.error)
    if (state.ended.signal.aborted) state.role = 'follower'
    else state.setRole('follower')
    await state.refuseWrites()
    await families
  }

  /** The families that it was opened with, as records of the log. */
  async #makeFamilies(): Promise<void> {
    const { state } = this
    const { db, request } = state
    try {
      const there = new Set(db.columnFamilies())
      for (const [name, options] of Object.entries(request.families)) {
        if (!there.has(name)) await db.createColumnFamily(name, options)
      }
      state.setRole('writer')
    } catch (error) {
      if (this.writing === undefined) return
      state.failed(error)
      this.writing?.stop(asError(error))
    }
  }

  /** Reads its place again: what it has written is in the log, or is not. */
  async #again(): Promise<void> {
    const { state } = this
    // After a failure it may not be open.
    if (state.db.closed) await this.#open('gap')
    await this.#from(await state.log.bounds(true))
    this.#unsure = false
  }

  /** Something went wrong: begins again from a snapshot where that helps, and goes on trying otherwise. */
  async #meet(error: Error): Promise<void> {
    const { state } = this
    try {
      if (state.role === 'writer') state.setRole('follower')
      if (error instanceof LogGapError || error instanceof DivergedError) {
        const reason = error instanceof DivergedError ? 'diverged' : 'gap'
        if (await this.#bootstrap(reason, error, await state.log.bounds(true))) return
        throw noSnapshot(state.request.snapshots, error)
      }
      this.#report(error)
      await this.#pause()
    } catch (again) {
      this.#report(again)
      await this.#pause()
    }
  }

  #report(error: unknown): void {
    const { state } = this
    if (state.ended.signal.aborted) return
    if (error instanceof RocksDBError) state.failed(error)
    else state.logFailed(explained(error, state.log.name))
  }

  /** Replaces the database by a snapshot. Resolves to false where there is none. */
  async #bootstrap(
    reason: 'gap' | 'diverged',
    error: LogGapError | DivergedError,
    bounds: LogBounds,
  ): Promise<boolean> {
    const { state } = this
    const { path, request, log } = state
    const logId = (await logIdOf(log, bounds)) ?? ''
    const { snapshots } = request
    const missing = error instanceof LogGapError ? error.wanted : 0
    const found =
      snapshots && (await findSnapshot(snapshots, logId, bounds, missing, state.ended.signal))
    const fromStart = reason === 'diverged' && found === undefined && (await this.#hasStart(bounds))
    if (found === undefined && !fromStart) return false
    state.setRole('bootstrapping')
    try {
      // Until it is whole, there is the old one to read.
      const beside =
        snapshots && found && (await fetchBeside(path, snapshots, found, state.ended.signal))
      await this.#replace(beside, error, reason)
      if (found !== undefined) state.snapshot = { id: found.id, sequence: found.place.sequence }
      state.counts.bootstraps++
      await this.#resume(await log.bounds(true))
      this.#unsure = false
      return true
    } finally {
      state.setRole('follower')
    }
  }

  /** The database of another directory, or of none, takes the place of the one that is open. */
  async #replace(
    beside: string | undefined,
    error: LogGapError | DivergedError,
    reason: 'gap' | 'diverged',
  ): Promise<void> {
    const { state } = this
    const { path } = state
    this.#unsure = true
    state.place()
    await state.db.close()
    try {
      await checkClosed(path)
      if (error instanceof DivergedError) await this.#setAside(error)
      if (beside !== undefined) await replaceBy(path, beside)
    } finally {
      await this.#open(reason)
    }
  }

  async #open(reason: 'gap' | 'diverged'): Promise<void> {
    const { state } = this
    state.setDatabase(await openNode(state.path, state.request))
    state.tell('database', { reason })
  }

  async #resume(bounds: LogBounds): Promise<void> {
    const { state } = this
    const place = state.connection.session.replicaPosition()
    const { log } = state
    state.applied = 0
    state.appliedTimeMs = Number.NEGATIVE_INFINITY
    if (place === undefined) state.setHistory(await historyFromStart(log, bounds))
    else state.setHistory(await historyFrom(log, place.logId, place, bounds))
  }

  async #hasStart(bounds: LogBounds): Promise<boolean> {
    return historyFromStart(this.state.log, bounds).then(
      () => true,
      () => false,
    )
  }

  async #setAside({ place, logged }: DivergedError): Promise<void> {
    const { state } = this
    if (!existsSync(state.path)) return
    const path = await setAside(state.path, place.epoch, place.ordinal)
    state.counts.setAside++
    state.tell('setAside', { path, epoch: place.epoch, logged, acknowledged: place.ordinal })
  }

  #pause(): Promise<void> {
    return this.#pauses.rest(this.state.ended.signal)
  }
}
