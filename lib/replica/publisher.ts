/**
 * What the writer puts into the log: the bodies of the native queue and beats, in order, many at a
 * time, each at the place that it must have. An append that fails is settled by what stands there.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { asError } from './errors'
import { AppendError, type OpenLog } from './log'
import { decodeRecord, encodeRecord, HEAD_BYTES, partsOf, RecordKind } from './record'

/** Records that are under way at a time. */
const MOST_IN_FLIGHT = 32
/** How long to wait before what was not answered is tried again. */
const PAUSE_MS = 50

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
  /** The proposal that it completes; 0 for others. */
  completes: number
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

  /** Takes a body of the native queue. */
  publish(ordinal: number, body: Uint8Array): void {
    const { log, logId, epoch, local } = this.#options
    const payloads = partsOf(body, log.maxRecordBytes - HEAD_BYTES)
    this.#ordinal = ordinal
    for (const [part, payload] of payloads.entries()) {
      const head = { kind: RecordKind.body, local, part, parts: payloads.length, logId, epoch }
      this.#waiting.push({
        bytes: encodeRecord({ ...head, ordinal, timeMs: Date.now() }, payload),
        id: `${logId}:${epoch}:${ordinal}.${part}`,
        completes: part + 1 === payloads.length ? ordinal : 0,
        expected: 0,
        sentAt: 0,
      })
    }
    this.#send()
  }

  /** Says that the writer is there. */
  beat(): void {
    const { logId, epoch, local } = this.#options
    const head = { kind: RecordKind.beat, local, part: 0, parts: 1, logId, epoch }
    this.#waiting.push({
      bytes: encodeRecord(
        { ...head, ordinal: this.#ordinal, timeMs: Date.now() },
        new Uint8Array(0),
      ),
      id: `${logId}:${epoch}:beat.${++this.#beats}`,
      completes: 0,
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
      this.#append(message).then(
        (sequence) => this.#onEnd(message, sequence),
        (error) => this.#onEnd(message, asError(error)),
      )
    }
  }

  async #append({ bytes, id, expected }: Message): Promise<number> {
    const sequence = await this.#options.log.append(bytes, { id, expected })
    if (sequence === expected + 1) return sequence
    throw new LogBrokenError(
      `the log put a record at ${sequence} that was to be behind ${expected}`,
    )
  }

  #onEnd(message: Message, ended: number | Error): void {
    message.ended = ended
    if (this.#ended.signal.aborted) return
    if (this.#settling) {
      this.#settleIfQuiet()
      return
    }
    while (typeof this.#inFlight[0]?.ended === 'number') this.#confirm()
    if (this.#inFlight.some((each) => each.ended instanceof Error)) {
      this.#settling = true
      this.#settleIfQuiet()
      return
    }
    this.#send()
  }

  /** The first record under way is in the log. */
  #confirm(): void {
    const { completes, ended, sentAt } = this.#inFlight.shift() as Message
    const sequence = ended as number
    this.#options.onConfirmed(sequence, sentAt)
    if (completes !== 0) this.#options.onLogged(completes, sequence)
  }

  /** Only when nothing is under way it is known what stands where. */
  #settleIfQuiet(): void {
    if (this.#inFlight.some(({ ended }) => ended === undefined)) return
    this.#settleAll().then(
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

  async #settleAll(): Promise<void> {
    const [first] = this.#inFlight
    let newest = (first as Message).expected
    while (this.#inFlight.length > 0) {
      const message = this.#inFlight[0] as Message
      if (message.ended instanceof Error) {
        this.#options.onTrouble(message.ended)
        message.ended = await this.#settle(message, newest)
        if (message.ended === undefined) return
      } else if (message.ended !== newest + 1) {
        throw new LogBrokenError(`record ${message.ended} came to be before those in front of it`)
      }
      newest = message.ended
      this.#confirm()
    }
    this.#newest = newest
  }

  /** Finds it in the log, behind `newest`, or appends it there. Returns undefined once ended. */
  async #settle(message: Message, newest: number): Promise<number | undefined> {
    const { signal } = this.#ended
    let failure = message.ended as Error
    for (let at = newest; !signal.aborted; ) {
      if (isFinal(failure)) throw failure
      try {
        const found = await this.#find(message, at)
        if (found.ours) return at + 1
        if (found.other) {
          at++
          continue
        }
        message.expected = at
        message.sentAt = performance.now()
        return await this.#append(message)
      } catch (error) {
        failure = asError(error)
        if (failure instanceof FencedError) throw failure
        this.#options.onTrouble(failure)
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => {})
      }
    }
    return undefined
  }

  /** What stands behind `at`. */
  async #find({ id }: Message, at: number): Promise<{ ours: boolean; other: boolean }> {
    const record = await this.#options.log.read(at + 1)
    if (record === undefined) return { ours: false, other: false }
    if (record.id === id) return { ours: true, other: false }
    const { logId, epoch } = this.#options
    const read = decodeRecord(record.bytes)
    // Not a record of a replica, or of an epoch before this one: it counts for nobody.
    if (read === undefined) return { ours: false, other: true }
    if (read.kind === RecordKind.epoch) {
      if (read.logId === logId) throw new FencedError(record.sequence)
      throw new LogBrokenError(`another database has begun its log there, with record ${at + 1}`)
    }
    if (read.logId !== logId) return { ours: false, other: true }
    if (read.epoch !== epoch) return { ours: false, other: true }
    throw new LogBrokenError(`record ${at + 1} is one of ours, but not the one that was sent there`)
  }
}

function isFinal(error: Error): boolean {
  return (
    error instanceof LogBrokenError || (error instanceof AppendError && error.failure === 'refused')
  )
}
