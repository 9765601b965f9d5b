/** Continuous backups: whole ones now and then, and in between what is committed, soon after. */
import { readOptions } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { retainedChanges } from '../changes/retain'
import type { Connection } from '../connection/connection'
import type { Database } from '../database'
import { partsOf } from '../open-database'
import { makeBackup } from './backup'
import { infoOf } from './catalog'
import { checkConditions } from './conditions'
import { type Connected, connect } from './connect'
import { abortedBy, CHANGES_ARE_GONE, codeOf, ENDS_A_STREAM, hasEnded, tellOf } from './errors'
import { MOST_MS, Nap } from './nap'
import { checkTargetArgument, readCopying } from './options'
import { Places } from './places'
import { prune } from './prune'
import { noteRunning } from './running'
import { placeNow } from './sender'
import { readStreamRequest, type StreamRequest } from './stream-options'
import type { BackupTarget } from './target'
import { lifecycleOf, placeOf } from './tokens'
import type {
  BackupInfo,
  BackupResult,
  BackupStatus,
  BackupStream,
  StartBackupsOptions,
} from './types'
import { Waiters } from './waiters'

const [FIRST_RETRY_MS, LAST_RETRY_MS] = [200, 30_000]

/**
 * Keeps a target up to date with a database: a whole backup first, where what is in the target cannot be continued, and
 * then what is committed, every second in which there is something. Resolves once that goes on; the first whole
 * backup may still be under way (`flushed` waits for it). A new call for the same database and target takes
 * over from one before, in this process or another, and goes on where that has ended.
 *
 * Open the database with `changesRetainMb`: then what is committed while the target cannot be reached, or while the
 * process is away, is kept for it. Without, each such time costs a whole backup.
 *
 * Fails with `ERR_NOT_SUPPORTED` on a reader, a database in memory, and a target without conditional writes unless `exclusive`
 * is said; with `ERR_BACKUP_MISMATCH`, `ERR_BACKUP_FENCED`, `ERR_BACKUP_TARGET` as `backup` does.
 *
 * @example
 * ```ts
 * const stream = await startBackups(db, directory('/mnt/backup/shop'), { everyMs: 1000 })
 * await users.put('ada', { name: 'Ada' })
 * await stream.flushed() // it is in the target
 * await stream.stop()
 * ```
 */
export async function startBackups(
  // biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
  db: Database<any>,
  target: BackupTarget,
  options?: StartBackupsOptions,
): Promise<BackupStream> {
  const { connection } = partsOf(db)
  const checked = checkTargetArgument(target)
  const { exclusive, ...request } = readStreamRequest(options)
  connection.assertOpen('startBackups')
  if (!checked.conditional && !exclusive) {
    throw new RocksDBError(
      `${checked.name} has no conditional writes, so two databases that write there would not be told from each other: ` +
        'say exclusive: true if nobody else does',
      { code: 'ERR_NOT_SUPPORTED' },
    )
  }
  const stream = new Stream(connection, checked, request)
  await stream.start()
  return stream
}

class Stream implements BackupStream {
  readonly #connection: Connection
  readonly #request: StreamRequest
  readonly #abort = new AbortController()
  readonly #places: Places
  readonly #waiters = new Waiters()
  readonly #unhook: () => void
  #connected: Connected | undefined
  #connecting: Promise<Connected> | undefined
  #running: Promise<void> = Promise.resolve()
  #making: Promise<BackupResult> | undefined
  /** Until a whole backup that failed is tried again. */
  #remake: NodeJS.Timeout | undefined
  #remakeMs = FIRST_RETRY_MS
  #state: BackupStatus['state'] = 'starting'
  #error: Error | undefined
  #ending = false
  #hurry = false
  readonly #nap = new Nap()
  #sentAt = 0
  #lastSnapshot: BackupInfo | undefined
  #oldest: number | undefined
  #endedAt: number | undefined
  #pausedAt: number | undefined
  /** Of senders that have ended, and of whole backups. */
  readonly #counts = { bytesCopied: 0, bytesShared: 0, segments: 0, snapshots: 0, failures: 0 }

  constructor(
    connection: Connection,
    readonly target: BackupTarget,
    request: StreamRequest,
  ) {
    this.#connection = connection
    this.#request = { ...request, copying: { ...request.copying, signal: this.#abort.signal } }
    this.#places = new Places(connection, target, request.maxWalBytes)
    this.#unhook = connection.onClose(() => this.#end('stopped', hasEnded()))
  }

  get #signal(): AbortSignal {
    return this.#abort.signal
  }

  async start(): Promise<void> {
    try {
      // Readers have no places, and fail with that.
      await retainedChanges(this.#connection)
      await checkConditions(this.target, this.#signal)
      await this.#ready()
    } catch (error) {
      this.#end('stopped', error)
      throw error
    }
    this.#running = this.#run()
    noteRunning(this.#connection, this)
  }

  status(): BackupStatus {
    const sender = this.#connected?.sender
    const based = this.#connected?.based === true
    // What waits while it is paused is not known.
    const waiting = sender?.waitingSince ?? this.#pausedAt
    const last = this.#lastSnapshot
    const lagMs = waiting === undefined ? 0 : Math.max(0, Date.now() - waiting)
    return {
      state: this.#state,
      token: based ? sender?.token : undefined,
      lagMs,
      lagBytes: (sender?.bytesWaiting ?? 0) + this.#places.lagBytes,
      lastSnapshot: last,
      oldestRestorable: this.#oldest,
      newestRestorable: based ? (waiting ?? this.#endedAt ?? Date.now()) : last?.untilMs,
      ...this.#counts,
      bytesCopied: this.#counts.bytesCopied + (sender?.bytesSent ?? 0),
      segments: this.#counts.segments + (sender?.segments ?? 0),
      error: this.#error,
    }
  }

  async flushed(token?: string, options: { signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = readOptions('options', options, ['signal'])
    const given = readCopying({ signal }).signal
    const place = token === undefined ? undefined : placeOf(token)
    if (token !== undefined && place === undefined) {
      throw new RocksDBError('flushed takes a token of changes', { code: 'ERR_INVALID_ARGUMENT' })
    }
    this.#assertGoing()
    const { sequence, lifecycle } = place ?? (await placeNow(this.#connection))
    this.#assertGoing()
    const flushed = this.#waiters.until(sequence, lifecycle, given)
    this.#hurry = true
    this.#stir()
    await flushed
  }

  async snapshot(): Promise<BackupResult> {
    this.#assertGoing()
    // One that is under way may not have what was written before this call.
    await this.#making?.catch(() => {})
    this.#assertGoing()
    return this.#make()
  }

  pause(): void {
    if (this.#ending) return
    this.#state = 'paused'
    this.#pausedAt ??= Date.now()
    this.#stir()
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'running'
    this.#pausedAt = undefined
    this.#stir()
  }

  async stop(): Promise<void> {
    if (!this.#ending) {
      this.#ending = true
      this.#stir()
    }
    await this.#running
    await this.#making?.catch(() => {})
    // What had ended it before was told then.
    const error = this.#signal.aborted ? undefined : this.#error
    this.#end('stopped', hasEnded())
    if (error !== undefined) throw error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #assertGoing(): void {
    if (!this.#ending && !this.#signal.aborted) return
    throw this.#error ?? hasEnded()
  }

  /** What it is connected with, or will be. */
  #ready(): Promise<Connected> {
    if (this.#connected !== undefined) return Promise.resolve(this.#connected)
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #connect(): Promise<Connected> {
    const connected = await connect(this.#connection, this.target, this.#signal)
    if (this.#signal.aborted) {
      connected.sender.end()
      throw abortedBy(this.#signal)
    }
    this.#connected = connected
    this.#lastSnapshot = connected.newest && infoOf(connected.newest)
    this.#oldest = connected.oldest
    if (this.#state !== 'paused') this.#state = 'running'
    if (!connected.based) this.#makeSoon()
    return connected
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS
    while (!this.#signal.aborted) {
      try {
        await this.#step(await this.#ready())
        if (this.#ending && this.#isDone()) return
        retryMs = FIRST_RETRY_MS
      } catch (error) {
        if (this.#signal.aborted) return
        this.#failed(error)
        if (this.#signal.aborted || this.#ending) return
        if (CHANGES_ARE_GONE.includes(codeOf(error))) this.#drop()
        else {
          await this.#nap.rest(retryMs * (0.5 + Math.random()))
          retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)
        }
      }
    }
  }

  /** Waits until there is something, and sends it. */
  async #step({ sender }: Connected): Promise<void> {
    if (this.#state === 'paused' && !this.#ending) return this.#nap.rest(MOST_MS)
    if (!this.#ending && !this.#hurry) await sender.wait()
    const due = this.#sentAt + this.#request.everyMs - performance.now()
    const now = this.#hurry || this.#ending || sender.waitingSince === undefined
    if (due > 0 && !now) await this.#nap.rest(due)
    if (this.#state === 'paused' && !this.#ending) return
    this.#hurry = false
    let sent = false
    while (await sender.send(this.#signal)) sent = true
    if (sent) {
      this.#sentAt = performance.now()
      await this.#places.move(sender.token, this.#ending)
    }
    this.#wentWell()
    this.#settle()
    if (sent && this.#isSnapshotDue()) this.#makeSoon()
  }

  #isDone(): boolean {
    return this.#connected?.sender.waitingSince === undefined
  }

  #isSnapshotDue(): boolean {
    const { snapshotEveryMs } = this.#request
    if (snapshotEveryMs === 0 || this.#making !== undefined || this.#remake) return false
    return Date.now() - (this.#lastSnapshot?.timeMs ?? 0) >= snapshotEveryMs
  }

  /** Makes a whole backup, or waits for the one under way. */
  #make(): Promise<BackupResult> {
    this.#making ??= this.#makeOne().finally(() => {
      this.#making = undefined
    })
    return this.#making
  }

  /** Makes a whole backup in the background, however often that fails. */
  #makeSoon(): void {
    this.#remake = undefined
    this.#make().then(
      () => {
        this.#remakeMs = FIRST_RETRY_MS
        // It may have been begun before what it was needed for.
        if (this.#connected?.based === false && !this.#ending) this.#makeSoon()
      },
      (error) => {
        this.#failed(error)
        if (this.#ending || this.#remake !== undefined) return
        this.#remake = setTimeout(() => this.#makeSoon(), this.#remakeMs * (0.5 + Math.random()))
        this.#remakeMs = Math.min(2 * this.#remakeMs, LAST_RETRY_MS)
      },
    )
  }

  async #makeOne(): Promise<BackupResult> {
    const connected = await this.#ready()
    const { chain, sender } = connected
    const inStream = { segment: chain.next, generation: sender.generation, chain }
    const made = await makeBackup(this.#connection, this.target, this.#request.copying, {
      inStream,
    })
    connected.based = true
    this.#counts.snapshots++
    this.#counts.bytesCopied += made.bytesCopied
    this.#counts.bytesShared += made.bytesShared
    this.#lastSnapshot = infoOf(made)
    this.#oldest ??= made.timeMs
    this.#hurry = true
    this.#stir()
    await this.#prune()
    return made
  }

  async #prune(): Promise<void> {
    try {
      this.#oldest = (await prune(this.target, this.#request, this.#signal)) ?? this.#oldest
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Tells those whose writes are in the target. */
  #settle(): void {
    const { sender, based } = this.#connected as Connected
    if (!based) return
    this.#waiters.reached(sender.sequence, lifecycleOf(sender.token))
    if (this.#waiters.size > 0 && sender.waitingSince !== undefined) this.#hurry = true
  }

  #wentWell(): void {
    if (this.#connected?.based !== true) return
    this.#error = undefined
    if (this.#state === 'failing') this.#state = 'running'
  }

  #failed(error: unknown): void {
    if (this.#signal.aborted) return
    this.#counts.failures++
    this.#error = error as Error
    if (ENDS_A_STREAM.includes(codeOf(error))) {
      this.#end(codeOf(error) === 'ERR_BACKUP_FENCED' ? 'fenced' : 'stopped', error)
    } else if (this.#state !== 'paused') this.#state = 'failing'
    tellOf(error as Error, this.#request.onError)
  }

  #drop(): void {
    this.#connected?.sender.end()
    if (this.#connected !== undefined) {
      this.#counts.bytesCopied += this.#connected.sender.bytesSent
      this.#counts.segments += this.#connected.sender.segments
    }
    this.#connected = undefined
    this.#stir()
  }

  /** Has the loop look again. */
  #stir(): void {
    this.#nap.end()
    this.#connected?.sender.wake()
  }

  #end(state: BackupStatus['state'], error: unknown): void {
    if (this.#signal.aborted) return
    this.#ending = true
    this.#state = state
    if (codeOf(error) !== 'ERR_CLOSED') this.#error ??= error as Error
    this.#endedAt = Date.now()
    clearTimeout(this.#remake)
    this.#unhook()
    this.#abort.abort(error)
    this.#stir()
    this.#connected?.sender.end()
    this.#waiters.fail(error)
  }
}
