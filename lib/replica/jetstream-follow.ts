/** Reads the records of a stream as they come: by a consumer that is made anew after each failure. */
import type { AckPolicy, DeliverPolicy, StreamInfo } from '@nats-io/jetstream'
import type { Msg, Subscription } from '@nats-io/transport-node'
import { RocksDBError } from '../base/errors'
import type { Client } from './jetstream-client'
import { ApiCode, apiCodeOf, isForbidden, logFailed, logUnfit } from './jetstream-errors'
import type { StreamNames } from './jetstream-stream'
import { type LogBounds, LogGapError, LogLostError, type LogRecord } from './log'

/** What following needs of the log. */
export interface FollowSource {
  client: Client
  names: StreamNames
  /** How long an answer may take, and how long the servers may be silent. */
  timeoutMs: number
  info(): Promise<StreamInfo>
  /** Resolves once most servers agree: what the leader says then is so. */
  agree(): Promise<void>
  bounds(info: StreamInfo): LogBounds
  read(sequence: number): Promise<LogRecord | undefined>
  /** When the stream was made. */
  created: string
  /** Resolves once the connection was lost and is there again. */
  reconnected(): Promise<void>
}

/** Of one request for more records, and so held in memory at most. */
const PULL_RECORDS = 1024
const PULL_BYTES = 4 * 2 ** 20
/** A request waits so many times the timeout for records; then the log is asked whether it is still as it was. */
const PULL_TIMES = 2
/** How long a consumer outlives us where it could not be deleted. */
const ORPHAN_MS = 60_000
const RETRY_MS = 250
const NS = 1e6

/** The consumer is of no use any more: another one takes its place. */
class Broken extends Error {}

/** Follows until `end`. Fails where the records are gone, or the stream is not what it was. */
export async function* follow(
  source: FollowSource,
  from: number,
  end: AbortSignal,
): AsyncGenerator<LogRecord[], void, undefined> {
  let next = from
  const patience = new Patience(source.timeoutMs)
  while (!end.aborted) {
    try {
      await check(source, next)
      const pulls = new Pulls(source, next, end)
      try {
        await pulls.start()
        for (
          let records = await pulls.next();
          records !== undefined;
          records = await pulls.next()
        ) {
          patience.renew()
          const whole = await consecutive(source, next, records)
          if (whole.records.length > 0) {
            next += whole.records.length
            yield whole.records
          }
          if (whole.gap !== undefined) throw whole.gap
          if (records.length === 0) await check(source, next)
        }
      } finally {
        pulls.stop()
      }
    } catch (error) {
      if (end.aborted) return
      if (!patience.bears(error)) throw told(source, error)
      await pause(RETRY_MS, end)
    }
  }
}

/** The error as callers know it. */
function told({ names }: FollowSource, error: unknown): unknown {
  const known =
    error instanceof LogGapError || error instanceof LogLostError || error instanceof RocksDBError
  return known ? error : logFailed(names.log, 'be followed', error)
}

/** Which failures are borne, and for how long. */
class Patience {
  readonly #ms: number
  #since: number | undefined

  constructor(ms: number) {
    this.#ms = ms
  }

  /** All is well again. */
  renew(): void {
    this.#since = undefined
  }

  /** Whether to try again. Servers that start may not know yet which streams there are. */
  bears(error: unknown): boolean {
    if (error instanceof LogGapError || error instanceof LogLostError) return false
    const { retryable } = error as { retryable?: boolean }
    const ends =
      retryable === false || isForbidden(error) || apiCodeOf(error).code === ApiCode.streamNotFound
    if (!ends) {
      this.renew()
      return true
    }
    this.#since ??= performance.now()
    return performance.now() - this.#since < this.#ms
  }
}

/** Fails where the record cannot come any more. */
async function check(source: FollowSource, next: number): Promise<void> {
  const info = await source.info()
  if (info.created !== source.created) {
    throw logUnfit(
      source.names.log,
      `was deleted and made anew: what is in it since ${info.created} is not what was followed`,
    )
  }
  const { first, last } = source.bounds(info)
  if (next < first) throw new LogGapError(next, first)
  if (next <= last + 1) return
  // A leader that lost the others says so too, until it notices.
  await source.agree()
  const agreed = source.bounds(await source.info())
  if (next > agreed.last + 1) throw new LogLostError(next, agreed.last)
}

/** The record at this place, from a leader that has the others behind it. */
async function readAgreed(source: FollowSource, sequence: number): Promise<LogRecord | undefined> {
  const record = await source.read(sequence)
  if (record !== undefined) return record
  await source.agree()
  return source.read(sequence)
}

/**
 * The records from `next` on without a gap. A server with a damaged copy leaves records out that
 * the stream's leader has.
 */
async function consecutive(
  source: FollowSource,
  next: number,
  came: LogRecord[],
): Promise<{ records: LogRecord[]; gap?: LogGapError }> {
  const records: LogRecord[] = []
  for (const record of came) {
    for (let wanted = next + records.length; wanted < record.sequence; wanted++) {
      const missing = await readAgreed(source, wanted)
      if (missing === undefined) return { records, gap: new LogGapError(wanted, record.sequence) }
      records.push(missing)
    }
    if (record.sequence === next + records.length) records.push(record)
  }
  return { records }
}

/** One consumer, and requests to it, one after another. */
class Pulls {
  readonly #source: FollowSource
  readonly #from: number
  readonly #end: AbortSignal
  readonly #inbox: string
  readonly #name: string
  #subscription: Subscription | undefined
  #records: LogRecord[] = []
  /** Records of the request that are still to come; 0 where none is running. */
  #running = 0
  #expired = false
  #broken: Error | undefined
  #heard = performance.now()
  #wake: () => void = () => undefined

  constructor(source: FollowSource, from: number, end: AbortSignal) {
    this.#source = source
    this.#from = from
    this.#end = end
    this.#inbox = source.client.packages.createInbox()
    this.#name = `rocksdb-live-${this.#inbox.slice(this.#inbox.lastIndexOf('.') + 1)}`
  }

  async start(): Promise<void> {
    const { client, names } = this.#source
    void this.#source.reconnected().then(() => this.#break('the connection was lost'))
    await client.manager.consumers.add(names.stream, {
      name: this.#name,
      deliver_policy: 'by_start_sequence' as DeliverPolicy,
      opt_start_seq: this.#from,
      ack_policy: 'none' as AckPolicy,
      inactive_threshold: ORPHAN_MS * NS,
      num_replicas: 1,
      mem_storage: true,
    })
    this.#subscription = client.connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error) this.#broken = error
        else this.#take(message)
        this.#wake()
      },
    })
    this.#end.addEventListener('abort', this.#onEnd)
  }

  /**
   * What came since the last call, at least one record; nothing where a request ended without any.
   * undefined at the end. Fails where the consumer is of no use.
   */
  async next(): Promise<LogRecord[] | undefined> {
    this.#expired = false
    while (!this.#end.aborted) {
      const records = this.#records.splice(0)
      if (records.length > 0 || this.#expired) return records
      if (this.#broken !== undefined) throw this.#broken
      if (this.#running === 0) this.#request()
      await this.#woken()
    }
    return undefined
  }

  stop(): void {
    const { client, names } = this.#source
    this.#end.removeEventListener('abort', this.#onEnd)
    this.#subscription?.unsubscribe()
    if (client.connection.isClosed()) return
    client.manager.consumers.delete(names.stream, this.#name).catch(() => undefined)
  }

  readonly #onEnd = () => this.#wake()

  #break(message: string): void {
    this.#broken ??= new Broken(message)
    this.#wake()
  }

  /** Waits for something to happen, but not longer than servers may be silent. */
  async #woken(): Promise<void> {
    const silentMs = performance.now() - this.#heard
    const leftMs = this.#source.timeoutMs - silentMs
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(
        () => this.#break(`nothing was heard for ${this.#source.timeoutMs} ms`),
        Math.max(leftMs, 1),
      )
    })
    clearTimeout(timer)
  }

  #request(): void {
    const { client, names, timeoutMs } = this.#source
    const payload = client.connection.info?.max_payload ?? 0
    this.#running = PULL_RECORDS
    this.#heard = performance.now()
    const request = {
      batch: PULL_RECORDS,
      // One record must fit in any case.
      max_bytes: Math.max(PULL_BYTES, 2 * payload),
      expires: PULL_TIMES * timeoutMs * NS,
      idle_heartbeat: Math.floor(timeoutMs / 3) * NS,
    }
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${names.stream}.${this.#name}`
    client.connection.publish(subject, JSON.stringify(request), { reply: this.#inbox })
  }

  #take(message: Msg): void {
    this.#heard = performance.now()
    const { code = 0, description = '' } = message.headers ?? {}
    if (code === 100) return
    if (code === 0 || message.reply?.startsWith('$JS.ACK.') === true) {
      this.#records.push(recordOf(message))
      this.#running--
      return
    }
    if (code === 404 || code === 408 || /exceeds maxbytes|batch completed/i.test(description)) {
      this.#expired = this.#running === PULL_RECORDS
      this.#running = 0
      return
    }
    this.#break(`the server ended the request: ${code} ${description}`)
  }
}

/** Its place and time are in the subject to which it would be acknowledged. */
function recordOf(message: Msg): LogRecord {
  const tokens = (message.reply ?? '').split('.')
  // Newer servers put a domain and an account before the stream, and a token behind.
  const at = tokens.length >= 11 ? 7 : 5
  const [sequence = '', , time = '', pending = ''] = tokens.slice(at)
  return {
    sequence: Number(sequence),
    bytes: message.data,
    id: message.headers?.get('Nats-Msg-Id') ?? '',
    timeMs: Math.floor(Number(time) / NS),
    pending: Number(pending),
  }
}

async function pause(ms: number, end: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      end.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    end.addEventListener('abort', done)
  })
}
