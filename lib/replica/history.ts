/**
 * What the records of a log mean, in their order. Every node comes to the same: records of an older
 * epoch behind a newer one are none, as are those of other programs, and those that got in before the
 * ones in front of them (publisher.ts), which the writer appends again. A body is whole or not there,
 * and what is missing is an error, never passed over.
 */
import { RocksDBError } from '../base/errors'
import { LogGapError, type LogRecord } from './log'
import type { Place } from './place'
import { decodeFacts, decodeRecord, type EpochFacts, type ReadRecord, RecordKind } from './record'

/** How many older epochs an epoch record knows the ends of. */
const MOST_FINALS = 1000
/** More bodies than a writer has under way cannot have got in before those in front of them. */
const MOST_STRAYS = 64
/** After so many beats without anything else the place moves: it is where a restart begins to read. */
const BEATS_PER_STEP = 256

/** Something to apply. */
export interface Step {
  epoch: number
  sequence: number
  ordinal: number
  /** Empty where only the place moves. */
  body: Uint8Array
}

/** Who writes, as the newest epoch record says. */
export interface Writer {
  node: string
  url: string | undefined
}

/** The database has what the log does not: its writer acknowledged it, and lost it. */
export class DivergedError extends Error {
  constructor(
    /** What the database has. */
    readonly place: Place,
    /** The last proposal of its epoch that the log has. */
    readonly logged: number,
  ) {
    super(
      `the database has ${place.ordinal - logged} groups of writes of epoch ${place.epoch} that the log does not have`,
    )
  }
}

/** The log is another one than the database's. */
export class OtherLogError extends Error {
  constructor(
    readonly expected: string,
    readonly found: string,
    readonly sequence: number,
  ) {
    super(`record ${sequence} is of log ${found}, and not of ${expected}`)
  }
}

const EMPTY = new Uint8Array(0)

export class History {
  /** Empty until the first record of a log that was never read. */
  logId: string
  /** The last sequence that was read. */
  sequence: number
  /** The newest epoch. */
  epoch: number
  /** The last proposal of that epoch that is in the log up to here. */
  ordinal: number
  writer: Writer | undefined
  /** Whether the newest writer acknowledges before the log has it. */
  local = false
  /** Whether the log begins with rows that only a snapshot has. */
  base: 'snapshot' | undefined
  /** The ends of older epochs, the newest last. */
  finals: [epoch: number, ordinal: number][] = []
  /** All that was acknowledged before this is in the records that were read, by the log's clock. */
  timeMs = Number.NEGATIVE_INFINITY
  /** Records that are none of ours. */
  foreign = 0
  /** What the database had when this began. */
  readonly #from: Place
  /** Of the next body, those parts that have come. */
  #parts: { payloads: Uint8Array[] } | undefined
  #beats = 0
  #strays = 0
  /** What the log's clock is ahead of the writer's, at most. */
  #aheadMs = Number.POSITIVE_INFINITY
  /** When the newest record came, by the log's clock. */
  #cameAt = Number.NEGATIVE_INFINITY

  /**
   * Goes on from where a database is. `logged`: the last proposal of its epoch that the log has up to
   * there; the database may have more, which its writer acknowledged before.
   */
  constructor(logId: string, from: Place, logged: number) {
    this.logId = logId
    this.#from = from
    this.sequence = from.sequence
    this.epoch = from.epoch
    this.ordinal = logged
  }

  /** Whether the database has what the log does not have up to here. */
  get ahead(): boolean {
    return this.epoch === this.#from.epoch && this.ordinal < this.#from.ordinal
  }

  /** Learns what the newest epoch's record says, which was read before. */
  learn({ node, url, base, finals }: EpochFacts): void {
    this.writer ??= { node, url }
    this.base ??= base
    if (this.finals.length === 0) this.finals = finals
  }

  #takeFacts({ node, url, base, finals }: EpochFacts): void {
    this.writer = { node, url }
    this.base = base ?? this.base
    this.finals = finals
  }

  /** Fails if the database has what the log does not have: for the end of the log. */
  checkNotAhead(): void {
    if (this.ahead) throw new DivergedError(this.#from, this.ordinal)
  }

  /** Takes the next record; returns what is to be applied, if anything. */
  take(record: LogRecord): Step | undefined {
    const { sequence } = record
    if (sequence !== this.sequence + 1) throw new LogGapError(this.sequence + 1, sequence)
    const read = decoded(record)
    this.sequence = sequence
    if (read === undefined) {
      this.foreign++
      return undefined
    }
    if (read.kind === RecordKind.epoch) {
      if (this.logId === '') this.logId = read.logId
      if (read.logId !== this.logId) throw new OtherLogError(this.logId, read.logId, sequence)
      return this.#begin(read, record)
    }
    if (read.logId !== this.logId) {
      this.foreign++
      return undefined
    }
    // Of a writer that had been replaced before this came; or one that is not the next.
    if (read.epoch !== this.epoch || !this.#isNext(read)) return undefined
    this.local = read.local
    this.#noteTime(read, record)
    return read.kind === RecordKind.body ? this.#body(read, sequence) : this.#beat(read, sequence)
  }

  /**
   * What a writer acknowledges before the log has it may have waited long before it came there, so its own word counts, by
   * the log's clock: the fastest record tells by how much the two differ.
   */
  #noteTime(read: ReadRecord, { timeMs }: LogRecord): void {
    if (timeMs < this.#cameAt) {
      // Another server keeps the log's clock now: times of both cannot be compared.
      this.#aheadMs = Number.POSITIVE_INFINITY
      this.timeMs = Number.NEGATIVE_INFINITY
    }
    this.#cameAt = timeMs
    this.#aheadMs = Math.min(this.#aheadMs, timeMs - read.timeMs)
    const known = read.local ? read.timeMs + this.#aheadMs : timeMs
    this.timeMs = Math.max(this.timeMs, known)
  }

  #isNext({ kind, ordinal, part }: ReadRecord): boolean {
    const next =
      kind === RecordKind.body
        ? ordinal === this.ordinal + 1 && part === (this.#parts?.payloads.length ?? 0)
        : ordinal === this.ordinal
    if (next) this.#strays = 0
    else if (++this.#strays > MOST_STRAYS) throw this.#hole(ordinal)
    return next
  }

  #begin(read: ReadRecord, record: LogRecord): Step {
    const { sequence } = record
    const facts = decodeFacts(read.payload)
    // The epoch of what the database has is over.
    this.checkNotAhead()
    this.#takeFacts(facts)
    this.epoch = sequence
    this.ordinal = 0
    this.#parts = undefined
    this.#strays = 0
    this.local = read.local
    this.#aheadMs = Number.POSITIVE_INFINITY
    this.#noteTime(read, record)
    return { epoch: sequence, sequence, ordinal: 0, body: EMPTY }
  }

  #beat({ ordinal, payload }: ReadRecord, sequence: number): Step | undefined {
    if (payload.length > 0) this.#takeFacts(decodeFacts(payload))
    if (++this.#beats < BEATS_PER_STEP || this.ahead) return undefined
    this.#beats = 0
    return { epoch: this.epoch, sequence, ordinal, body: EMPTY }
  }

  #body(read: ReadRecord, sequence: number): Step | undefined {
    const { ordinal, part, parts, payload } = read
    this.#parts ??= { payloads: [] }
    const whole = this.#parts
    whole.payloads.push(payload)
    if (part + 1 < parts) return undefined
    // The database may have had it before the log did.
    const has = this.ahead
    this.#parts = undefined
    this.ordinal = ordinal
    this.#beats = 0
    if (has) return undefined
    const body = parts === 1 ? payload : Buffer.concat(whole.payloads)
    return { epoch: this.epoch, sequence, ordinal, body }
  }

  #hole(ordinal: number): LogGapError {
    const gap = new LogGapError(this.sequence, this.sequence)
    gap.message = `record ${this.sequence} has proposal ${ordinal} of epoch ${this.epoch}, which does not follow ${this.ordinal}`
    return gap
  }

  /** The ends of epochs that the next epoch record tells. */
  nextFinals(): [epoch: number, ordinal: number][] {
    if (this.epoch === 0) return []
    return [...this.finals, [this.epoch, this.ordinal] as [number, number]].slice(-MOST_FINALS)
  }
}

function decoded(record: LogRecord): ReadRecord | undefined {
  try {
    return decodeRecord(record.bytes)
  } catch (error) {
    throw new RocksDBError(
      `record ${record.sequence} of the log is damaged: ${(error as Error).message}`,
      { code: 'ERR_CORRUPTION' },
    )
  }
}
