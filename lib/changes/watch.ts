/** `ColumnFamily.watch`: what a range holds, and what changes in it. */
import { RocksDBError } from '../base/errors'
import { buffer } from '../codecs/bytes'
import type { FamilyHandle } from '../connection/handle'
import { TransactionView } from '../connection/view'
import { ChangeType } from '../native/changes'
import { explain } from '../native/lane'
import { get } from '../reads/reads'
import { AsyncRows } from '../reads/rows'
import { asStored, type Stored } from '../reads/stored'
import type { ChangeStream, ResetReason } from '../types/changes'
import { type AnyEvent, Backlog, deleted, eventOf, type Pending, put } from './backlog'
import { type WatchRequest, watchRequest } from './options'
import { Feed, type PageReader, Position } from './pages'
import type { Source } from './pull'
import { Stream } from './stream'

const OPERATION = 'watch'
const PAGE_BYTES = 256 * 1024

/** The same family, which takes keys as their bytes. */
function withByteKeys(family: FamilyHandle): FamilyHandle {
  const { key } = family
  const read = (bytes: Buffer, start: number, end: number) => key.read(bytes, start, end)
  return { ...family, key: { ...buffer, copies: key.copies, read } }
}

/** A row that was there. */
function rowOf({ envelope }: FamilyHandle, [key, value]: [unknown, unknown]): AnyEvent {
  if (envelope === undefined) return { type: 'put', key, value }
  const { expiresAt, payload } = value as Stored
  return { type: 'put', key, value: envelope.read(payload, 0, payload.length), expiresAt }
}

class Watched implements Source<AnyEvent> {
  readonly #family: FamilyHandle
  readonly #request: WatchRequest
  readonly #backlog: Backlog
  #feed: Feed | undefined
  /** The rows that were there, until all are given. */
  #rows: AsyncRows<[unknown, unknown]> | undefined
  /** What is given before the backlog: a row, `ready`, or what became of a merge. */
  #next: AnyEvent | undefined
  /** The place behind all that was given. */
  #given: Position | undefined
  /** The place behind all that was read. */
  #seen: Position | undefined
  #reset: ResetReason | undefined
  #failure: { error: unknown } | undefined
  /** Whether it has come to the end of what is there, since when it can fall behind. */
  #caughtUp = false

  constructor(family: FamilyHandle, request: WatchRequest) {
    this.#family = withByteKeys(family)
    this.#request = request
    this.#backlog = new Backlog(family, request.range)
  }

  take(): AnyEvent | undefined {
    if (this.#reset !== undefined) return this.#startOver(this.#reset)
    const next = this.#next
    this.#next = undefined
    if (next !== undefined) return next
    const { head } = this.#backlog
    if (head === undefined) {
      if (this.#failure !== undefined) throw this.#failure.error
      return undefined
    }
    if (head.type === ChangeType.merge) return undefined
    this.#given = head.position
    this.#backlog.shift()
    return eventOf(this.#family, head)
  }

  fill(): Promise<void> {
    if (this.#feed === undefined) return this.#open()
    if (this.#rows !== undefined) return this.#nextRow(this.#feed, this.#rows)
    const { head } = this.#backlog
    if (head?.type === ChangeType.merge) return this.#readMerged(this.#feed, head)
    return this.#readOn(this.#feed, false)
  }

  pause(): void {
    this.#feed?.pause()
  }

  beat(): AnyEvent | undefined {
    if (this.#rows !== undefined || this.#next !== undefined) return undefined
    const position = this.#backlog.head === undefined ? this.#seen : this.#given
    return position && withToken('progress', position)
  }

  close(): void {
    const rows = this.#rows
    this.#rows = undefined
    rows?.return().catch(() => {})
    this.#feed?.end()
    this.#backlog.clear()
  }

  async #open(): Promise<void> {
    const { initial, range, durable } = this.#request
    const feed = new Feed(this.#family.connection, OPERATION, this.#family)
    this.#feed = feed
    const { token, sequence, snapshot } = await feed.open('now', initial, durable)
    if (feed.ended) return
    const begun = new Position(sequence, () => token)
    this.#given = begun
    this.#seen = begun
    if (!this.#isLive()) throw gone()
    if (!initial) return
    const { lower: gte, upper: lt } = range
    const bounds = { gte, lt, snapshot: new TransactionView(snapshot) }
    const { envelope } = this.#family
    const family = envelope === undefined ? this.#family : asStored(this.#family, envelope)
    this.#rows = new AsyncRows(family, 'entries', bounds)
  }

  #isLive(): boolean {
    const { connection, id } = this.#family
    return connection.run(OPERATION, (session) =>
      session.families().some(([, other]) => other === id),
    )
  }

  async #nextRow(feed: Feed, rows: AsyncRows<[unknown, unknown]>): Promise<void> {
    const { done, value: row } = await rows.next()
    if (feed.ended) return
    if (done !== true) {
      this.#next = rowOf(this.#family, row)
      return
    }
    this.#rows = undefined
    feed.releaseSnapshot()
    this.#next = withToken('ready', this.#seen as Position)
    await this.#readOn(feed, true)
  }

  async #readMerged(feed: Feed, head: Pending): Promise<void> {
    const value = await get(this.#family, head.key, undefined)
    if (feed.ended || this.#backlog.head !== head) return
    this.#given = head.position
    this.#backlog.shift()
    const key = this.#family.key.read(head.key, 0, head.key.length)
    const { position } = head
    this.#next = value === undefined ? deleted(key, position) : put(key, value, position)
  }

  /**
   * Reads what is committed. Of one that is behind it reads on until it is known how far, or that it is too
   * far. Rows that were there take long to give, so what was written meanwhile does not count.
   */
  async #readOn(feed: Feed, now: boolean): Promise<void> {
    const most = this.#request.maxBufferedBytes
    const size = Math.min(most, PAGE_BYTES)
    try {
      let page = await (now ? feed.readNow(size) : feed.read(size))
      if (page === undefined) this.#caughtUp = true
      while (page !== undefined && !feed.ended) {
        const before = this.#backlog.bytes
        this.#sort(page)
        if (this.#failure !== undefined) return
        const { bytes } = this.#backlog
        if (before > 0 && bytes > before && bytes > most) {
          this.#fallBehind('behind')
          return
        }
        const behind = page.bytes.length >= size
        if (!behind) this.#caughtUp = true
        if (!behind || !this.#caughtUp || bytes === 0) return
        page = await feed.readNow(size)
      }
    } catch (error) {
      if (feed.ended) return
      if ((error as { code?: unknown }).code !== 'ERR_CHANGES_GAP') throw error
      this.#fallBehind('gap')
    }
  }

  #sort(page: PageReader): void {
    const { connection } = this.#family
    while (page.nextCommit()) {
      const position = page.position(connection, OPERATION, this.#family)
      while (page.nextOperation()) {
        if (!this.#backlog.add(page, position)) this.#failure = { error: gone() }
      }
      this.#seen = position
    }
  }

  /** Drops what waits; `take` gives the reset. */
  #fallBehind(reason: ResetReason): void {
    this.#reset = reason
    this.#failure = undefined
    this.#backlog.clear()
    this.#feed?.end()
  }

  #startOver(reason: ResetReason): AnyEvent {
    this.#reset = undefined
    this.#caughtUp = false
    this.#next = undefined
    this.#feed = undefined
    this.#given = undefined
    this.#seen = undefined
    return { type: 'reset', reason }
  }
}

function withToken(type: 'ready' | 'progress', position: Position): AnyEvent {
  return {
    type,
    get token() {
      return position.token
    },
  }
}

function gone(): RocksDBError {
  return new RocksDBError('the column family was dropped', { code: 'ERR_DROPPED' })
}

/** Implements `ColumnFamily.watch`. */
export function watch(family: FamilyHandle, options: unknown): ChangeStream<AnyEvent> {
  const { connection } = family
  try {
    connection.assertOpen(OPERATION, family)
    const request = watchRequest(family, options)
    // The caller's options may have closed it.
    connection.assertOpen(OPERATION, family)
    const { signal, heartbeatMs } = request
    const source = new Watched(family, request)
    return new Stream(
      { connection, operation: OPERATION, place: family, signal, heartbeatMs },
      source,
    )
  } catch (error) {
    throw explain(error, OPERATION, family)
  }
}
