/** The bytes of an object, whole or an error: a connection that breaks is followed by another, from where it was. */
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { backoffMs, pause } from './retry'
import type { S3Calls } from './s3-calls'
import { ConnectionError, failedBy, failure } from './s3-errors'

/** What is used of S3's answer to GetObject. */
export interface GetAnswer {
  Body?: Readable | ReadableStream | undefined
  ContentLength?: number
  ContentRange?: string
  ETag?: string
}

/** The object that is read. */
export interface Reading {
  input: { Bucket: string; Key: string }
  size: number
  etag: string
  what: string
  signal: AbortSignal | undefined
}

const MIB = 2 ** 20

/** The body of an answer, and of those that continue it. Read once. */
export class S3Body implements AsyncIterable<Uint8Array> {
  readonly #calls: S3Calls
  readonly #reading: Reading
  readonly #bytes = this.#read()
  #stream: Readable
  #have = 0
  #failures = 0
  #closed = false

  constructor(calls: S3Calls, reading: Reading, answer: GetAnswer) {
    this.#calls = calls
    this.#reading = reading
    this.#stream = streamOf(answer)
    reading.signal?.addEventListener('abort', this.#onAbort)
    if (reading.signal?.aborted) this.#onAbort()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#bytes.next(),
      // The generator knows of no stream before its first step.
      return: () => {
        this.#close()
        return this.#bytes.return(undefined)
      },
    }
  }

  readonly #onAbort = () => {
    this.#stream.destroy()
  }

  #close(): void {
    this.#closed = true
    this.#reading.signal?.removeEventListener('abort', this.#onAbort)
    this.#stream.destroy()
  }

  async *#read(): AsyncGenerator<Uint8Array, undefined> {
    const { size } = this.#reading
    try {
      let skip = 0
      for (;;) {
        try {
          for await (const chunk of this.#chunks(skip)) {
            this.#have += chunk.length
            if (this.#have > size) throw new Error(`it gave more than the ${size} bytes it said`)
            yield chunk
          }
          if (this.#have === size) return
          throw new ConnectionError(`it ended after ${this.#have} of ${size} bytes`)
        } catch (error) {
          if (this.#closed) return
          await this.#judge(error)
          if (this.#have === size) return
        }
        skip = await this.#reopen()
      }
    } finally {
      this.#close()
    }
  }

  /** What comes of the present stream, which may be silent for as long as an answer may take. */
  async *#chunks(skip: number): AsyncGenerator<Uint8Array> {
    const { signal } = this.#reading
    const stream = this.#stream
    const ms = this.#calls.timeoutMs
    const late = () => stream.destroy(new ConnectionError(`no bytes for ${ms} ms`))
    signal?.throwIfAborted()
    let timer = setTimeout(late, ms)
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        clearTimeout(timer)
        signal?.throwIfAborted()
        const rest = chunk.subarray(Math.min(skip, chunk.length))
        skip -= chunk.length - rest.length
        if (rest.length > 0) yield rest
        signal?.throwIfAborted()
        timer = setTimeout(late, ms)
      }
    } finally {
      clearTimeout(timer)
      stream.destroy()
    }
  }

  /** Throws unless it makes sense to go on. What arrived may fail more often, the more it is. */
  async #judge(error: unknown): Promise<void> {
    const { signal, what } = this.#reading
    signal?.throwIfAborted()
    const failed = failedBy(error)
    this.#failures++
    const allowed = this.#calls.attempts + Math.floor(this.#have / MIB)
    if (!failed.transient || this.#failures >= allowed) {
      throw failure(`${what} whole`, failed, this.#failures)
    }
    await pause(backoffMs(Math.min(this.#failures, 4)), signal)
  }

  /** Asks for the rest of the same object. Returns how many bytes its answer repeats. */
  async #reopen(): Promise<number> {
    const { input, etag, what, signal } = this.#reading
    const answer = await this.#calls.call<GetAnswer>({
      operation: 'GetObject',
      input: { ...input, Range: `bytes=${this.#have}-`, IfMatch: etag },
      what: `${what} from byte ${this.#have} on`,
      signal,
      settle: ({ status, error }) => {
        if (status !== 412 && status !== 404) return undefined
        throw this.#replaced(error)
      },
    })
    this.#stream = streamOf(answer)
    if (this.#closed || signal?.aborted) this.#stream.destroy()
    if (answer.ETag !== etag) {
      this.#stream.destroy()
      throw this.#replaced(undefined)
    }
    const from = /^bytes (\d+)-/.exec(answer.ContentRange ?? '')?.[1] ?? '0'
    const repeated = this.#have - Number(from)
    if (repeated >= 0) return repeated
    this.#stream.destroy()
    throw new Error(`S3 did not ${what} from byte ${this.#have} on: it began at ${from}`)
  }

  #replaced(cause: unknown): Error {
    const at = `${this.#have} of ${this.#reading.size} bytes`
    const message = `S3 did not ${this.#reading.what} whole: the connection broke at ${at}, and the object was replaced or deleted since`
    return new Error(message, cause === undefined ? undefined : { cause })
  }
}

/** As a stream of Node, whatever the client's handler of requests gives. Errors are for who reads. */
function streamOf({ Body }: GetAnswer): Readable {
  if (Body === undefined) return Readable.from([])
  const stream = 'getReader' in Body ? Readable.fromWeb(Body) : Body
  stream.on('error', () => {})
  return stream
}
