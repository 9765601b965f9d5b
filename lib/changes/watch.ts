/** `ColumnFamily.watch`: what a range holds, and what changes in it. */
import { RocksDBError } from '../base/errors'
import { buffer } from '../codecs/bytes'
import type { FamilyHandle } from '../connection/handle'
import { TransactionView } from '../connection/view'
import { ChangeType } from '../native/changes'
import { explain } from '../native/lane'
import { get } from '../reads/reads'
import { AsyncRows } from '../reads/rows'
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
  const { connection, id, name, key, value } = family
  const read = (bytes: Buffer, start: number, end: number) => key.read(bytes, start, end)
  return { connection, id, name, value, key: { ...buffer, copies: key.copies, read } }
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
  /** Whether something was taken since the last page came. */
  #taken = true
  #wake: (() => void) | undefined
  #drained: (() => void) | undefined

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
    this.#shift(head)
    return eventOf(this.#family, head)
  }

  fill(): Promise<void> {
    if (this.#feed === undefined) return this.#open()
    if (this.#rows !== undefined) return this.#nextRow(this.#feed, this.#rows)
    const { head } = this.#backlog
    if (head?.type === ChangeType.merge) return this.#readMerged(this.#feed, head)
    if (head !== undefined || this.#reset !== undefined || this.#failure !== undefined) {
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      this.#wake = resolve
    })
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
    this.#awake()
  }

  async #open(): Promise<void> {
    const { initial, range } = this.#request
    const feed = new Feed(this.#family.connection, OPERATION, this.#family)
    this.#feed = feed
    const { token, snapshot, families } = await feed.open('now', initial)
    if (feed.ended) return
    const begun = new Position(0n, () => token)
    this.#given = begun
    this.#seen = begun
    if (families.some(({ id, dropped }) => id === this.#family.id && dropped)) throw gone()
    if (!initial) {
      this.#follow(feed)
      return
    }
    const { lower: gte, upper: lt } = range
    const bounds = { gte, lt, snapshot: new TransactionView(snapshot) }
    this.#rows = new AsyncRows(this.#family, 'entries', bounds)
  }

  async #nextRow(feed: Feed, rows: AsyncRows<[unknown, unknown]>): Promise<void> {
    const { done, value: row } = await rows.next()
    if (feed.ended) return
    if (done !== true) {
      this.#next = { type: 'put', key: row[0], value: row[1] }
      return
    }
    this.#rows = undefined
    feed.releaseSnapshot()
    this.#next = withToken('ready', this.#seen as Position)
    this.#follow(feed)
  }

  async #readMerged(feed: Feed, head: Pending): Promise<void> {
    const value = await get(this.#family, head.key, undefined)
    if (feed.ended || this.#backlog.head !== head) return
    this.#shift(head)
    const key = this.#family.key.read(head.key, 0, head.key.length)
    const { position } = head
    this.#next = value === undefined ? deleted(key, position) : put(key, value, position)
  }

  #shift(head: Pending): void {
    this.#given = head.position
    this.#taken = true
    this.#backlog.shift()
    if (this.#backlog.bytes > this.#request.maxBufferedBytes / 2) return
    this.#drained?.()
    this.#drained = undefined
  }

  /** Reads what is committed, whether or not somebody takes it. */
  async #follow(feed: Feed): Promise<void> {
    const most = this.#request.maxBufferedBytes
    try {
      while (!feed.ended && this.#reset === undefined && this.#failure === undefined) {
        // Whoever takes some is waited for.
        if (this.#backlog.bytes >= most && this.#taken) await this.#drain()
        else this.#sort(feed, await feed.read(Math.min(most, PAGE_BYTES)))
      }
    } catch (error) {
      if (feed.ended) return
      if ((error as { code?: unknown }).code === 'ERR_CHANGES_GAP') this.#fallBehind('gap')
      else this.#failure = { error }
    }
    this.#awake()
  }

  #drain(): Promise<void> {
    this.#taken = false
    return new Promise((resolve) => {
      this.#drained = resolve
    })
  }

  #sort(feed: Feed, page: PageReader | undefined): void {
    if (page === undefined || feed.ended) return
    const { connection } = this.#family
    const full = this.#backlog.bytes >= this.#request.maxBufferedBytes
    const before = this.#backlog.bytes
    while (page.nextCommit()) {
      const position = page.position(connection, OPERATION, this.#family)
      while (page.nextOperation()) {
        if (!this.#backlog.add(page, () => position)) this.#failure = { error: gone() }
      }
      this.#seen = position
    }
    if (this.#backlog.bytes === before && this.#failure === undefined) return
    if (full) this.#fallBehind('behind')
    this.#taken = false
    this.#awake()
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
    this.#taken = true
    this.#next = undefined
    this.#feed = undefined
    this.#given = undefined
    this.#seen = undefined
    return { type: 'reset', reason }
  }

  #awake(): void {
    this.#wake?.()
    this.#wake = undefined
    this.#drained?.()
    this.#drained = undefined
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
