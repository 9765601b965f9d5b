/** Iterators of `RocksLevel`: over a range of a family, as it was when they were made. */
import { AbstractIterator } from 'abstract-level'
import type { FamilyHandle } from '../connection/handle'
import type { Snapshot } from '../connection/snapshot'
import { ReadFlag } from '../native/reads'
import { AsyncChunks } from '../reads/scan'
import { countNothing } from '../traces/counting'
import { operations } from '../traces/operations'
import { ScanTrace } from '../traces/scans'
import { abortError, type Format, stored } from './formats'

const BOUNDS = ['gt', 'gte', 'lt', 'lte'] as const

type Bounds = { [Name in (typeof BOUNDS)[number]]?: Format }

/** Which rows, as abstract-level hands it over: bounds are keys in their format. */
export interface RangeGiven extends Bounds {
  reverse?: boolean
  limit?: number
}

export interface IteratorGiven extends RangeGiven {
  keys: boolean
  values: boolean
  keyEncoding: string
  valueEncoding: string
  fillCache?: boolean
  signal?: AbortSignal | null
}

/** A row whose key or value is undefined where it was not asked for. */
export type Entry = [key: Format | undefined, value: Format | undefined]

/** The bounds of a range as bytes. */
export function boundsOf(given: RangeGiven): { [Name in keyof Bounds]?: Uint8Array } {
  const bounds: { [Name in keyof Bounds]?: Uint8Array } = {}
  for (const name of BOUNDS) {
    const bound = given[name]
    if (bound !== undefined) bounds[name] = stored(bound)
  }
  // Of two bounds on one side, level takes the one that includes its key.
  if (bounds.gte !== undefined) delete bounds.gt
  if (bounds.lte !== undefined) delete bounds.lt
  return bounds
}

/** -1, 0 or 1 as the target is before, at or behind the bound; 0 without one. */
function order(target: Uint8Array, bound: Uint8Array | undefined): number {
  return bound === undefined ? 0 : Buffer.compare(target, bound)
}

// biome-ignore lint/suspicious/noExplicitAny: of any keys and values
export class RocksIterator extends AbstractIterator<any, any, any> {
  readonly #family: FamilyHandle
  readonly #given: IteratorGiven
  /** What it sees, and whether that is its own to release. */
  readonly #snapshot: Snapshot
  readonly #own: boolean
  /** Opened with the first rows: whoever gives a closed snapshot hears of it then. */
  #rows: AsyncChunks | undefined
  #from: { bounds: object; limit: number | undefined } | undefined
  /** The next row of the current chunk. */
  #at = 0
  /** Where somebody traces it. */
  readonly #trace: ScanTrace | undefined
  /** Whether a seek has left the range. */
  #outside = false

  constructor(
    db: ConstructorParameters<typeof AbstractIterator>[0],
    given: IteratorGiven,
    family: FamilyHandle,
    snapshot: Snapshot,
    own: boolean,
  ) {
    super(db, given as object)
    this.#family = family
    this.#given = given
    this.#snapshot = snapshot
    this.#own = own
    this.#from = { bounds: boundsOf(given), limit: given.limit }
    if (operations.hasSubscribers) {
      this.#trace = new ScanTrace(countNothing('scan', family).operation, true)
      this.#trace.endWith(this)
    }
  }

  async _next(): Promise<Entry | undefined> {
    return (await this._nextv(1))[0]
  }

  _nextv(size: number): Promise<Entry[]> {
    const trace = this.#trace
    if (trace === undefined) return this.#nextRows(size)
    return trace
      .step(() => this.#nextRows(size))
      .catch((error) => {
        throw trace.fail(error)
      })
  }

  async #nextRows(size: number): Promise<Entry[]> {
    const entries: Entry[] = []
    if (this.#from !== undefined) this.#open(this.#from)
    const rows = this.#rows
    while (rows !== undefined && !this.#outside && entries.length < size) {
      if (this.#at >= rows.count) {
        // One chunk of rows at a time is given where there are some already.
        if (entries.length > 0) break
        if (!(await this.#advance(rows))) break
      }
      this.#take(rows, size, entries)
    }
    this.#checkSignal()
    return entries
  }

  _seek(given: Format): void {
    const target = stored(given)
    const { gt, gte, lt, lte } = boundsOf(this.#given)
    this.#outside =
      (gt !== undefined && order(target, gt) <= 0) ||
      order(target, gte) < 0 ||
      (lt !== undefined && order(target, lt) >= 0) ||
      order(target, lte) > 0
    this.#rows?.close()
    this.#rows = undefined
    this.#from = undefined
    if (this.#outside) return
    const bounds = this.#given.reverse ? { gt, gte, lte: target } : { gte: target, lt, lte }
    this.#from = { bounds, limit: undefined }
  }

  async _close(): Promise<void> {
    this.#rows?.close()
    this.#rows = undefined
    if (this.#own) this.#snapshot.release()
    this.#trace?.forget(this)
    this.#trace?.end()
  }

  /** Rows that are there already; for tests. */
  get cached(): number {
    return (this.#rows?.count ?? 0) - this.#at
  }

  #open({ bounds, limit }: { bounds: object; limit: number | undefined }): void {
    this.#from = undefined
    const { reverse = false, fillCache, values } = this.#given
    const most = limit === undefined || limit < 0 ? Number.POSITIVE_INFINITY : limit
    const options = { ...bounds, reverse, fillCache, limit: most, snapshot: this.#snapshot }
    this.#rows = new AsyncChunks(this.#family, options, values ? 0 : ReadFlag.keysOnly, 0)
    this.#at = 0
  }

  async #advance(rows: AsyncChunks): Promise<boolean> {
    const more = await rows.advance()
    this.#at = 0
    return more
  }

  /** Copies rows of the chunk, whose memory is used again. */
  #take({ chunk, count }: AsyncChunks, size: number, entries: Entry[]): void {
    if (chunk === undefined) return
    const { bytes, offsets } = chunk
    const { keys, values, keyEncoding, valueEncoding } = this.#given
    for (; this.#at < count && entries.length < size; this.#at++) {
      const [start, middle, end] = [0, 1, 2].map((each) => offsets[2 * this.#at + each] as number)
      const key = keys ? copied(bytes, start as number, middle as number, keyEncoding) : undefined
      const value = values
        ? copied(bytes, middle as number, end as number, valueEncoding)
        : undefined
      entries.push([key, value])
      this.#trace?.note(1, (end as number) - (start as number))
    }
  }

  #checkSignal(): void {
    if (this.#given.signal?.aborted) throw abortError()
  }
}

function copied(bytes: Buffer, start: number, end: number, format: string): Format {
  return format === 'utf8'
    ? bytes.toString('utf8', start, end)
    : Buffer.from(bytes.subarray(start, end))
}
