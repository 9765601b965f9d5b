/**
 * What the writer puts into the log: the bodies of the native queue and beats, in order, many at a
 * time, each at the place that it must have.
 *
 * Where another record takes the place of one of them, those that were sent behind it may still find
 * as many records as they expect, and get in. Whoever reads passes over a body that is not the next
 * (history.ts), so they count for nobody: when an append fails, what stands there is read in the same
 * way, and what is missing is appended again, one at a time.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { asError } from './errors'
import { AppendError, type LogRecord, type OpenLog } from './log'
import { decodeRecord, encodeRecord, HEAD_BYTES, partsOf, RecordKind } from './record'

/** Records that are under way at a time. */
const MOST_IN_FLIGHT = 32
/** How long to wait before what was not answered is tried again: at first, and at most. */
const PAUSE_MS = 5
const MOST_PAUSE_MS = 200

/** Somebody else has become the writer. */
export class FencedError extends Error {
  constructor(readonly sequence: number) {
    super(`somebody else became the writer with record ${sequence}`)
  }
}

/** The log does what it must not: going on would lose what it acknowledged. */
export class LogBrokenError extends Error {}

interface Message {
  bytes: Uint8Array
  id: string
  /** The proposal that it is of, and which part; 0 for a beat. */
  ordinal: number
  part: number
  /** Whether it completes its proposal. */
  completes: boolean
  expected: number
  sentAt: number
  /** Once it has ended: its sequence, or why it has none. */
  ended?: number | Error | undefined
}

export interface PublisherOptions {
  log: OpenLog
  logId: string
  epoch: number
  local: boolean
  /** A proposal is in the log, its last part at this sequence. */
  onLogged: (ordinal: number, sequence: number) => void
  /** A record is in the log that was sent at this time (`performance.now()`). */
  onConfirmed: (sequence: number, sentAt: number) => void
  /** An append was not answered, or refused: it is being settled. */
  onTrouble: (error: Error) => void
  /** Nothing more can be put into the log by this writer. */
  onEnd: (error: Error) => void
}

export class Publisher {
  readonly #options: PublisherOptions
  readonly #waiting: Message[] = []
  readonly #inFlight: Message[] = []
  /** The sequence of the newest record, once all that was sent is there. */
  #newest: number
  #ordinal = 0
  #beats = 0
  #settling = false
  #pauseMs = PAUSE_MS
  readonly #ended = new AbortController()

  /** Begins behind its epoch record. */
  constructor(options: PublisherOptions) {
    this.#options = options
    this.#newest = options.epoch
  }

  /** How many records are not known to be in the log. */
  get pending(): number {
    return this.#waiting.length + this.#inFlight.length
  }

  /** Takes a body of the native queue: it has all that was acknowledged before `timeMs` (`performance.now()`). */
  publish(ordinal: number, body: Uint8Array, timeMs: number): void {
    const { log, logId, epoch, local } = this.#options
    const payloads = partsOf(body, log.maxRecordBytes - HEAD_BYTES)
    this.#ordinal = ordinal
    for (const [part, payload] of payloads.entries()) {
      const head = { kind: RecordKind.body, local, part, parts: payloads.length, logId, epoch }
      this.#waiting.push({
        bytes: encodeRecord({ ...head, ordinal, timeMs }, payload),
        id: `${logId}:${epoch}:${ordinal}.${part}`,
        ordinal,
        part,
        completes: part + 1 === payloads.length,
        expected: 0,
        sentAt: 0,
      })
    }
    this.#send()
  }

  /** Says that the writer is there, and that all that it had acknowledged before `timeMs` was published. */
  beat(timeMs: number, facts: Uint8Array = new Uint8Array(0)): void {
    const { logId, epoch, local } = this.#options
    const head = { kind: RecordKind.beat, local, part: 0, parts: 1, logId, epoch }
    this.#waiting.push({
      bytes: encodeRecord({ ...head, ordinal: this.#ordinal, timeMs }, facts),
      id: `${logId}:${epoch}:beat.${++this.#beats}`,
      ordinal: 0,
      part: 0,
      completes: false,
      expected: 0,
      sentAt: 0,
    })
    this.#send()
  }

  /** Sends nothing more. What is under way may still come to be in the log. */
  end(): void {
    this.#ended.abort()
  }

  #send(): void {
    while (
      !this.#settling &&
      !this.#ended.signal.aborted &&
      this.#waiting.length > 0 &&
      this.#inFlight.length < MOST_IN_FLIGHT
    ) {
      const message = this.#waiting.shift() as Message
      message.expected = this.#newest++
      message.sentAt = performance.now()
      this.#inFlight.push(message)
      const { bytes, id, expected } = message
      this.#options.log.append(bytes, { id, expected }).then(
        (sequence) => this.#onEnd(message, sequence),
        (error) => this.#onEnd(message, asError(error)),
      )
    }
  }

  #onEnd(message: Message, ended: number | Error): void {
    message.ended = ended
    if (this.#ended.signal.aborted) return
    if (!this.#settling) {
      while (this.#inFlight[0] !== undefined && isInPlace(this.#inFlight[0])) this.#confirm()
      this.#settling = this.#inFlight.some((each) => each.ended !== undefined && !isInPlace(each))
    }
    if (this.#settling) this.#settleIfQuiet()
    else this.#send()
  }

  /** The first record under way is in the log. */
  #confirm(): void {
    const { ordinal, completes, ended, sentAt } = this.#inFlight.shift() as Message
    const sequence = ended as number
    this.#options.onConfirmed(sequence, sentAt)
    if (completes) this.#options.onLogged(ordinal, sequence)
  }

  /** Only when nothing is under way it is known what stands where. */
  #settleIfQuiet(): void {
    if (this.#inFlight.some(({ ended }) => ended === undefined)) return
    this.#settle().then(
      () => {
        if (this.#ended.signal.aborted) return
        this.#settling = false
        this.#send()
      },
      (error) => {
        if (this.#ended.signal.aborted) return
        this.end()
        this.#options.onEnd(asError(error))
      },
    )
  }

  /** Finds what was under way in the log, or puts it there. */
  async #settle(): Promise<void> {
    const { signal } = this.#ended
    for (const { ended } of this.#inFlight) {
      if (!(ended instanceof Error)) continue
      if (isFinal(ended)) throw ended
      this.#options.onTrouble(ended)
    }
    let newest = (this.#inFlight[0] as Message).expected
    while (this.#inFlight.length > 0 && !signal.aborted) {
      const message = this.#inFlight[0] as Message
      // Others come.
      if (message.ordinal === 0) this.#inFlight.shift()
      else newest = await this.#settleOne(message, newest)
    }
    this.#newest = newest
  }

  /** Looks behind `newest`, or appends there. Resolves to the newest record that is known then. */
  async #settleOne(message: Message, newest: number): Promise<number> {
    const { signal } = this.#ended
    try {
      const record = await this.#options.log.read(newest + 1)
      if (signal.aborted) return newest
      const found =
        record === undefined ? await this.#appendAgain(message, newest) : record.sequence
      if (found === undefined) return newest
      if (record !== undefined && !this.#isOurs(record, message)) return found
      if (signal.aborted) return newest
      message.ended = found
      this.#pauseMs = PAUSE_MS
      this.#confirm()
      return found
    } catch (error) {
      const failure = asError(error)
      if (failure instanceof FencedError || isFinal(failure)) throw failure
      this.#options.onTrouble(failure)
      await sleep(this.#pauseMs, undefined, { signal }).catch(() => {})
      this.#pauseMs = Math.min(2 * this.#pauseMs, MOST_PAUSE_MS)
      return newest
    }
  }

  /** Resolves to undefined if it is not at that place now. */
  async #appendAgain(message: Message, newest: number): Promise<number | undefined> {
    message.sentAt = performance.now()
    const { bytes, id } = message
    const sequence = await this.#options.log.append(bytes, { id, expected: newest })
    if (sequence === newest + 1) return sequence
    // It is the one that got in too early, and counts for nobody.
    message.id = `${id}'`
    return undefined
  }

  /** Whether it is this message; fails if it says that somebody else writes. */
  #isOurs({ sequence, bytes }: LogRecord, { ordinal, part }: Message): boolean {
    const { logId, epoch } = this.#options
    const read = decodeRecord(bytes)
    if (read === undefined) return false
    if (read.kind === RecordKind.epoch) {
      if (read.logId === logId) throw new FencedError(sequence)
      throw new LogBrokenError(`another database has begun its log there, with record ${sequence}`)
    }
    const same = read.logId === logId && read.epoch === epoch && read.kind === RecordKind.body
    return same && read.ordinal === ordinal && read.part === part
  }
}

/** It stands where it was sent to. */
function isInPlace({ ended, expected }: Message): boolean {
  return ended === expected + 1
}

function isFinal(error: Error): boolean {
  return (
    error instanceof LogBrokenError || (error instanceof AppendError && error.failure === 'refused')
  )
}
