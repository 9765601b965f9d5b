/** A native cursor and the chunks of rows that it fills. All iterators are built from these. */

import { inTurn } from '../base/turns'
import { Counted } from '../connection/counts'
import type { FamilyHandle } from '../connection/handle'
import { aborted, limited, timedOut } from '../connection/requests'
import { unwatch, watch } from '../native/abandoned'
import {
  AHEAD_ROWS,
  CHUNK_ROWS,
  type Chunk,
  giveChunk,
  growChunk,
  takeChunk,
  takeHiddenChunk,
} from '../native/buffers'
import { type NativeNext, StateSlot } from '../native/cursors'
import { call, explain, state } from '../native/lane'
import { NONE, NOT_CACHED, ReadFlag } from '../native/reads'
import {
  ASYNC_SCAN_OPTIONS,
  putScan,
  type ScanRequest,
  SYNC_SCAN_OPTIONS,
  scanRequest,
} from './range'

/** Each row counts as this many bytes for the fairness to the event loop. */
const BYTES_PER_ROW = 1024
/** Rows of the first chunks; later ones are as large as possible. */
const GROWTH = [16, 64, 256] as const

/** Rows of the chunk with this number, at most `most`. */
function rowsOf(chunk: number, most: number): number {
  return GROWTH[chunk] ?? most
}

/** The number of the first chunk: a scan with a small limit gets all its rows at once. */
function firstOf({ limit }: ScanRequest, first: number): number {
  return limit > 0 && limit <= CHUNK_ROWS ? GROWTH.length : first
}

/** The native cursor of one scan. The caller provides the chunk to fill. */
export class Scan {
  readonly family: FamilyHandle
  readonly request: ScanRequest
  /** The cursor's number; 0 before it is opened and after it is closed. */
  cursor = NONE

  constructor(family: FamilyHandle, request: ScanRequest) {
    this.family = family
    this.request = request
  }

  /** Opens the cursor and fills the chunk. Returns the number of rows, or NOT_CACHED. */
  open(chunk: Chunk, maxRows: number, flags: number): number {
    const { family, request } = this
    const { session, counts } = family.connection
    putScan(family, request, request.flags | flags)
    const rows = session.openCursor(chunk.bytes, chunk.offsets, maxRows)
    // Opened a second time, it is still one scan.
    if (rows === NOT_CACHED) {
      this.cursor = NONE
      return rows
    }
    this.cursor = state[StateSlot.cursor] as number
    counts[Counted.scan]++
    return rows
  }

  /** Fills the chunk with the next rows. Returns their number, which is 0 only at the end. */
  next(chunk: Chunk, maxRows: number): number {
    const { session } = this.family.connection
    while (this.cursor !== NONE) {
      const rows = session.nextSync(this.cursor, chunk.bytes, chunk.offsets, maxRows)
      this.cursor = state[StateSlot.cursor] as number
      if (rows > 0 || this.cursor === NONE) return rows
      growChunk(chunk, state[StateSlot.needed] as number)
    }
    return 0
  }

  /** `next` on a thread. The chunk is native's until it settles. */
  async nextAsync(chunk: Chunk, maxRows: number): Promise<number> {
    const { family } = this
    const { session } = family.connection
    while (this.cursor !== NONE) {
      const { cursor } = this
      const answer = (await call('read', family, (id) =>
        session.next(id, cursor, chunk.bytes, chunk.offsets, maxRows),
      )) as NativeNext
      // Closed meanwhile: nobody uses the rows.
      if (this.cursor === NONE) return 0
      this.cursor = answer.cursor
      if (answer.count > 0 || answer.cursor === NONE) return answer.count
      growChunk(chunk, answer.needed)
    }
    return 0
  }

  /** Closes the cursor, if it is open. */
  close(): void {
    const { cursor } = this
    if (cursor === NONE) return
    this.cursor = NONE
    const { connection } = this.family
    if (!connection.closed) connection.session.end(cursor)
  }
}

/** Rows of a range, a chunk at a time, on this thread. */
export class Chunks {
  readonly #scan: Scan
  readonly #flags: number
  /** The number of the next chunk. */
  #number: number
  #opened = false
  #watched = false
  /**
   * The rows that `advance` fetched, laid out as in native/cursors.ts; undefined when nothing is
   * held.
   */
  chunk: Chunk | undefined
  count = 0

  /** `first` is the index of the growing sizes to begin at. */
  constructor(family: FamilyHandle, options: unknown, flags: number, first: number) {
    try {
      this.#scan = new Scan(family, scanRequest(family, options, SYNC_SCAN_OPTIONS))
    } catch (error) {
      throw explain(error, 'read', family)
    }
    this.#flags = flags
    this.#number = firstOf(this.#scan.request, first)
  }

  /**
   * Replaces the current rows by the next ones. Returns false at the end, when nothing is held any
   * more.
   */
  advance(): boolean {
    try {
      this.count = this.#opened ? this.#more() : this.#first()
    } catch (error) {
      this.close()
      throw explain(error, 'read', this.#scan.family)
    }
    if (this.count === 0) this.close()
    else if (this.#scan.cursor !== NONE) this.#watch()
    return this.count > 0
  }

  /** Ends the scan at any point. */
  close(): void {
    this.#opened = true
    this.count = 0
    this.#scan.close()
    if (this.#watched) unwatch(this)
    this.#watched = false
    if (this.chunk !== undefined) giveChunk(this.chunk)
    this.chunk = undefined
  }

  #first(): number {
    const scan = this.#scan
    this.#opened = true
    scan.family.connection.assertOpen('read', scan.family)
    if (scan.request.empty) return 0
    const chunk = takeChunk(CHUNK_ROWS)
    this.chunk = chunk
    const rows = scan.open(chunk, rowsOf(this.#number++, CHUNK_ROWS), this.#flags)
    if (rows > 0 || scan.cursor === NONE) return rows
    growChunk(chunk, state[StateSlot.needed] as number)
    return scan.next(chunk, CHUNK_ROWS)
  }

  #more(): number {
    if (this.#scan.cursor === NONE) return 0
    return this.#scan.next(this.chunk as Chunk, rowsOf(this.#number++, CHUNK_ROWS))
  }

  #watch(): void {
    if (this.#watched) return
    this.#watched = true
    watch(this, this.#scan.family.connection.session, this.#scan.cursor)
  }
}

/** Rows of a range, a chunk at a time; the next one is read while the current one is used. */
export class AsyncChunks {
  readonly #scan: Scan
  readonly #flags: number
  readonly #deadline: number | undefined
  #number: number
  #opened = false
  #watched = false
  #ended = false
  /** The chunk that native fills, and a promise of its rows. */
  #ahead: { chunk: Chunk; rows: Promise<number> } | undefined
  /** The rows that `advance` fetched; undefined when nothing is held. */
  chunk: Chunk | undefined
  count = 0

  constructor(family: FamilyHandle, options: unknown, flags: number, first: number) {
    try {
      this.#scan = new Scan(family, scanRequest(family, options, ASYNC_SCAN_OPTIONS))
    } catch (error) {
      throw explain(error, 'read', family)
    }
    this.#flags = flags
    this.#number = firstOf(this.#scan.request, first)
    const { deadlineMs } = this.#scan.request
    this.#deadline = deadlineMs === 0 ? undefined : performance.now() + deadlineMs
  }

  /** As in `Chunks`; usually a boolean if the rows were in memory. One call at a time. */
  advance(): boolean | Promise<boolean> {
    if (this.#ended) return false
    try {
      this.checkLimits()
      if (!this.#opened) {
        const rows = this.#first()
        if (rows !== NOT_CACHED) return this.#inTurn(this.#hold(rows))
      }
      return this.#wait()
    } catch (error) {
      this.close()
      throw explain(error, 'read', this.#scan.family)
    }
  }

  /** Throws if the signal is aborted or the deadline has passed. */
  checkLimits(): void {
    const { signal } = this.#scan.request
    if (signal?.aborted) throw aborted(signal)
    if (this.#deadline !== undefined && performance.now() >= this.#deadline) throw timedOut()
  }

  /** Whether a signal or a deadline can end the scan, so that it must be checked at each row. */
  get hasLimits(): boolean {
    return this.#scan.request.signal !== undefined || this.#deadline !== undefined
  }

  /** Ends the scan at any point. */
  close(): void {
    this.#opened = true
    this.#ended = true
    this.count = 0
    this.#scan.close()
    if (this.#watched) unwatch(this)
    this.#watched = false
    if (this.chunk !== undefined) giveChunk(this.chunk)
    this.chunk = undefined
    const ahead = this.#ahead
    this.#ahead = undefined
    if (ahead === undefined) return
    const giveBack = () => giveChunk(ahead.chunk)
    ahead.rows.then(giveBack, giveBack)
  }

  /** Whether there are rows, once the event loop has had its turn; the scan may end until then. */
  #inTurn(more: boolean): boolean | Promise<boolean> {
    const held = inTurn(more, this.count * BYTES_PER_ROW)
    return typeof held === 'boolean' ? held : held.then(() => more && !this.#ended)
  }

  /** Opens the cursor and takes the rows that are in memory. */
  #first(): number {
    const scan = this.#scan
    this.#opened = true
    scan.family.connection.assertOpen('read', scan.family)
    if (scan.request.empty) return 0
    const chunk = takeHiddenChunk(CHUNK_ROWS)
    this.chunk = chunk
    const rows = scan.open(chunk, rowsOf(this.#number++, CHUNK_ROWS), this.#flags | ReadFlag.noWait)
    if (rows > 0 || (rows === 0 && scan.cursor === NONE)) return rows
    if (rows === NOT_CACHED) scan.open(chunk, 0, this.#flags)
    else growChunk(chunk, state[StateSlot.needed] as number)
    this.chunk = undefined
    this.#readAhead(chunk)
    return NOT_CACHED
  }

  /** Makes these rows the current ones, and requests the next. */
  #hold(rows: number): boolean {
    this.count = rows
    if (rows === 0) this.close()
    else if (this.#scan.cursor !== NONE) {
      if (!this.#watched) {
        this.#watched = true
        watch(this, this.#scan.family.connection.session, this.#scan.cursor)
      }
      this.#readAhead()
    }
    return rows > 0
  }

  #readAhead(given?: Chunk): void {
    const most = rowsOf(this.#number++, given === undefined ? AHEAD_ROWS : CHUNK_ROWS)
    const chunk = given ?? takeHiddenChunk(most)
    const rows = this.#scan.nextAsync(chunk, most)
    rows.catch(() => {})
    this.#ahead = { chunk, rows }
  }

  async #wait(): Promise<boolean> {
    const ahead = this.#ahead
    if (ahead === undefined) {
      this.close()
      return false
    }
    const { family, request } = this.#scan
    const rest = this.#deadline === undefined ? undefined : this.#deadline - performance.now()
    let rows: number
    try {
      rows = await limited(ahead.rows, request.signal, rest, (error) =>
        explain(error, 'read', family),
      )
    } catch (error) {
      this.close()
      throw error
    }
    if (this.#ended) return false
    this.#ahead = undefined
    if (this.chunk !== undefined) giveChunk(this.chunk)
    this.chunk = ahead.chunk
    return this.#hold(rows)
  }
}
