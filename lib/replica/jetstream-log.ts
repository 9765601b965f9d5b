/** A log in JetStream that is open. */
import type { StreamInfo } from '@nats-io/jetstream'
import type { Client } from './jetstream-client'
import {
  ApiCode,
  apiCodeOf,
  appendError,
  appendFailureOf,
  logClosed,
  logFailed,
  logUnfit,
} from './jetstream-errors'
import { type FollowSource, follow } from './jetstream-follow'
import type { JetStreamLease } from './jetstream-lease'
import { type FullStreamInfo, type StreamNames, warningsOf } from './jetstream-stream'
import {
  AppendError,
  type AppendOptions,
  type LogBounds,
  type LogLease,
  type LogRecord,
  type OpenLog,
} from './log'

/** A server that has answered nothing for so many timeouts is left for another one. */
const SILENT_TIMES = 2

/** Of what the server takes as a message, its headers have so many bytes at most: ids are short. */
const HEADER_BYTES = 1024
/** No server has a smaller limit than this that anybody could use. */
const LEAST_BYTES = 256
/** What servers take by default. */
const DEFAULT_PAYLOAD = 1 << 20

export class OpenJetStreamLog implements OpenLog {
  readonly name: string
  readonly warnings: readonly string[]
  readonly lease: LogLease
  readonly #client: Client
  readonly #names: StreamNames
  readonly #timeoutMs: number
  readonly #created: string
  readonly #maxMessageBytes: number
  #maxPayload = DEFAULT_PAYLOAD
  readonly #closing = new AbortController()
  /** Ends the appends that wait for an answer which cannot come any more. */
  readonly #inFlight = new Set<(reason: Error) => void>()
  #reconnections: (() => void)[] = []
  /** When JetStream last answered, or another server was chosen. */
  #answered = performance.now()

  constructor(
    client: Client,
    names: StreamNames,
    timeoutMs: number,
    info: FullStreamInfo,
    lease: JetStreamLease,
  ) {
    this.name = names.log
    this.lease = lease
    this.#client = client
    this.#names = names
    this.#timeoutMs = timeoutMs
    this.#created = info.created
    const most = info.config.max_msg_size ?? -1
    this.#maxMessageBytes = most > 0 ? most : Number.POSITIVE_INFINITY
    this.warnings = warningsOf(client.connection.info?.version ?? '', info)
    void this.#watchConnection(lease)
  }

  get maxRecordBytes(): number {
    // Not known while the connection is lost: then it is what it was.
    this.#maxPayload = this.#client.connection.info?.max_payload ?? this.#maxPayload
    return Math.max(Math.min(this.#maxPayload, this.#maxMessageBytes) - HEADER_BYTES, LEAST_BYTES)
  }

  append(bytes: Uint8Array, { id, expected }: AppendOptions): Promise<number> {
    if (this.#closing.signal.aborted) return this.#refuse(logClosed(this.name))
    const most = this.maxRecordBytes
    if (bytes.length > most) {
      return this.#refuse(new RangeError(`it has ${bytes.length} bytes, over ${most}`))
    }
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        this.#inFlight.delete(fail)
        this.#noteFailure(error)
        reject(appendError(this.name, appendFailureOf(error), error))
      }
      this.#inFlight.add(fail)
      // Nothing may wait before this: what is sent first must arrive first.
      this.#client.publisher
        .publish(this.#names.subject, bytes, {
          msgID: id,
          timeout: this.#timeoutMs,
          expect: { lastSequence: expected, streamName: this.#names.stream },
        })
        .then((ack) => {
          this.#inFlight.delete(fail)
          this.#answered = performance.now()
          resolve(ack.seq)
        }, fail)
    })
  }

  async bounds(certain = false): Promise<LogBounds> {
    return this.#run('be asked for its ends', async () => {
      if (certain) await this.#agree()
      return this.#bounds(await this.#info())
    })
  }

  async read(sequence: number): Promise<LogRecord | undefined> {
    return this.#run(`give record ${sequence}`, () => this.#read(sequence))
  }

  async *follow(from: number, signal: AbortSignal): AsyncGenerator<LogRecord[], void, undefined> {
    const closing = this.#closing.signal
    yield* follow(this.#source(), from, AbortSignal.any([signal, closing]))
    if (!signal.aborted) throw logClosed(this.name)
  }

  async trim(before: number): Promise<void> {
    // A purge up to 0 or 1 would be one of everything, and one from beyond the end would move it.
    const { first, last } = await this.bounds()
    if (before <= first) return
    const what = `remove the records before ${before}`
    await this.#run(what, async () => {
      if (before > last + 1) throw logUnfit(this.name, `ends with record ${last}: did not ${what}`)
      await this.#client.manager.streams.purge(this.#names.stream, { seq: before })
    })
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#end()
    if (this.#client.own) await this.#client.connection.close()
  }

  #end(): void {
    this.#closing.abort()
    this.#loseInFlight('the log was closed')
  }

  #refuse(reason: Error): Promise<never> {
    const failure = 'refused'
    return Promise.reject(
      new AppendError(failure, `${this.name} refused a record: ${reason.message}`, reason),
    )
  }

  async #info(): Promise<StreamInfo> {
    return this.#noted(() => this.#client.manager.streams.info(this.#names.stream))
  }

  /**
   * Has most servers agree to nothing: a leader that lost them does not get so far, and one that is
   * new has caught up by then. What is removed is of a subject that no record has.
   */
  async #agree(): Promise<void> {
    const { stream, subject } = this.#names
    await this.#noted(() =>
      this.#client.manager.streams.purge(stream, { filter: `${subject}.none` }),
    )
  }

  /** Notes whether JetStream answers. */
  async #noted<T>(run: () => Promise<T>): Promise<T> {
    try {
      const value = await run()
      this.#answered = performance.now()
      return value
    } catch (error) {
      this.#noteFailure(error)
      throw error
    }
  }

  /**
   * A server that lost the others keeps its clients, and can do nothing for them. So a server that
   * answers, if at all, only that JetStream is not there, is left.
   */
  #noteFailure(error: unknown): void {
    const { status } = apiCodeOf(error)
    if (status !== 0 && status !== 503) this.#answered = performance.now()
    const silentMs = performance.now() - this.#answered
    if (!this.#client.own || silentMs < SILENT_TIMES * this.#timeoutMs) return
    this.#answered = performance.now()
    this.#client.connection.reconnect().catch(() => undefined)
  }

  #bounds(info: FullStreamInfo): LogBounds {
    const { messages, first_seq, last_seq, bytes } = info.state
    return {
      first: messages === 0 ? last_seq + 1 : first_seq,
      last: last_seq,
      timeMs: info.ts === undefined ? Date.now() : Date.parse(info.ts),
      bytes,
    }
  }

  async #read(sequence: number): Promise<LogRecord | undefined> {
    try {
      const { streams } = this.#client.manager
      const message = await this.#noted(() =>
        streams.getMessage(this.#names.stream, { seq: sequence }),
      )
      if (message === null || message.seq !== sequence) return undefined
      return {
        sequence,
        bytes: message.data,
        id: message.header.get('Nats-Msg-Id'),
        timeMs: message.time.getTime(),
        pending: undefined,
      }
    } catch (error) {
      if (apiCodeOf(error).code === ApiCode.noMessage) return undefined
      throw error
    }
  }

  #source(): FollowSource {
    return {
      client: this.#client,
      names: this.#names,
      timeoutMs: this.#timeoutMs,
      created: this.#created,
      info: () => this.#info(),
      agree: () => this.#agree(),
      bounds: (info) => this.#bounds(info),
      read: (sequence) => this.#read(sequence),
      reconnected: () => new Promise((resolve) => this.#reconnections.push(resolve)),
    }
  }

  async #run<T>(what: string, run: () => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) throw logClosed(this.name)
    try {
      return await run()
    } catch (error) {
      if (this.#closing.signal.aborted) throw logClosed(this.name)
      throw logFailed(this.name, what, error)
    }
  }

  /** Appends whose connection is lost get no answer; followers begin again once it is there. */
  async #watchConnection(lease: JetStreamLease): Promise<void> {
    const { connection } = this.#client
    const statuses = connection.status()
    this.#closing.signal.addEventListener('abort', () => {
      ;(statuses as unknown as { stop(): void }).stop()
    })
    void connection.closed().then(() => this.#end())
    for await (const status of statuses) {
      if (status.type === 'disconnect') this.#loseInFlight('the connection was lost')
      if (status.type === 'reconnect') {
        for (const tell of this.#reconnections.splice(0)) tell()
        lease.reconnected()
      }
    }
  }

  #loseInFlight(reason: string): void {
    for (const fail of [...this.#inFlight]) fail(new Error(reason))
  }
}
