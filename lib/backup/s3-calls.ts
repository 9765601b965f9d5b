/** Requests to S3: each with a limit of time and a signal, tried again where that can help. */
import { RocksDBError } from '../base/errors'
import { backoffMs, pause } from './retry'
import { ConnectionError, type Failed, failedBy, failure } from './s3-errors'

/** What is used of an `S3Client` of `@aws-sdk/client-s3`: any of version 3 fits. */
export interface S3ClientLike {
  /** Makes a request of one of the SDK’s commands. */
  send(command: never, options?: never): Promise<unknown>
}

/** A command of the SDK: what is used of it here. */
interface Command {
  middlewareStack: {
    add(middleware: (next: Next) => Next, options: { step: 'build'; name: string }): void
  }
}
type Next = (args: { request: { headers: Record<string, string> } }) => Promise<unknown>
type CommandClass = new (input: Record<string, unknown>) => Command

/** The SDK's commands that are used. */
const COMMANDS = [
  'PutObject',
  'GetObject',
  'HeadObject',
  'DeleteObject',
  'ListObjectsV2',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
] as const
export type Operation = (typeof COMMANDS)[number]

/** A request. */
export interface Call<T> {
  operation: Operation
  input: Record<string, unknown>
  /** For messages, after "did not": `get "a" of bucket "b"`. */
  what: string
  /** Headers besides those that the SDK makes of the input. */
  headers?: Record<string, string> | undefined
  /** How many bytes are sent: they take their time. */
  bytes?: number | undefined
  signal?: AbortSignal | undefined
  /**
   * Asked about each failure first. Gives what the whole call comes to, or 'again', or undefined to leave it to the
   * usual: again if that can help, else an error. What it throws is thrown as it is.
   */
  settle?: ((failed: Failed) => Settled<T> | Promise<Settled<T>>) | undefined
}
export type Settled<T> = { value: T } | 'again' | undefined

/** As slow as a connection may be: what is sent has this many bytes a millisecond, and the limit besides. */
const SLOWEST_BYTES_A_MS = 64

/** One client, and how long and how often it is asked. */
export class S3Calls {
  readonly #client: S3ClientLike
  readonly #commands: Record<Operation, CommandClass>
  /** How long an answer may take, in ms. */
  readonly timeoutMs: number
  /** How often a request is tried, with the tries that the SDK makes by itself. */
  readonly attempts: number

  constructor(client: S3ClientLike, timeoutMs: number, attempts: number) {
    this.#client = client
    this.#commands = loadCommands()
    this.timeoutMs = timeoutMs
    this.attempts = attempts
  }

  /** Whether the client adds checksums to what it sends without being asked. */
  async addsChecksums(): Promise<boolean> {
    const { config } = this.#client as { config?: { requestChecksumCalculation?: unknown } }
    const setting = config?.requestChecksumCalculation
    const value = typeof setting === 'function' ? await setting() : setting
    return value === 'WHEN_SUPPORTED'
  }

  /** Sends a request until it succeeds, is settled, or cannot succeed. */
  async call<T>(call: Call<T>): Promise<T> {
    const { signal, what, settle } = call
    let tries = 0
    for (let failures = 1; ; failures++) {
      signal?.throwIfAborted()
      let failed: Failed
      try {
        return (await this.#once(call)) as T
      } catch (error) {
        signal?.throwIfAborted()
        failed = failedBy(error)
      }
      tries += failed.tries
      const settled = await settle?.(failed)
      if (typeof settled === 'object') return settled.value
      const again = settled === 'again' || failed.transient
      if (!again || tries >= this.attempts) throw failure(what, failed, tries)
      await pause(backoffMs(failures), signal)
    }
  }

  /** One try. Ends when it is aborted or late, whatever the client makes of its signal. */
  async #once({ operation, input, headers, bytes = 0, signal }: Call<unknown>): Promise<unknown> {
    const command = new this.#commands[operation](input)
    if (headers !== undefined) addHeaders(command, headers)
    const ended = new AbortController()
    const limit = Math.ceil(this.timeoutMs + bytes / SLOWEST_BYTES_A_MS)
    let onAbort: (() => void) | undefined
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise((resolve, reject) => {
        const end = (reason: unknown) => {
          reject(reason)
          ended.abort(reason)
        }
        onAbort = () => end(signal?.reason)
        signal?.addEventListener('abort', onAbort)
        timer = setTimeout(() => end(new ConnectionError(`no answer within ${limit} ms`)), limit)
        const send = this.#client.send as unknown as Send
        send.call(this.#client, command, { abortSignal: ended.signal }).then((answer) => {
          if (ended.signal.aborted) discard(answer)
          else resolve(answer)
        }, reject)
      })
    } finally {
      clearTimeout(timer)
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort)
    }
  }
}

type Send = (command: Command, options: { abortSignal: AbortSignal }) => Promise<unknown>

/** Lets go of an answer that came too late. */
function discard(answer: unknown): void {
  const { Body } = answer as { Body?: { destroy?: () => void } }
  Body?.destroy?.()
}

/** Sets headers before the request is signed. Older versions of the SDK know no conditions of writes, and would drop them. */
function addHeaders(command: Command, headers: Record<string, string>): void {
  command.middlewareStack.add(
    (next) => (args) => {
      Object.assign(args.request.headers, headers)
      return next(args)
    },
    { step: 'build', name: 'rocksdbLiveHeaders' },
  )
}

/** The SDK is installed by users who want S3; directory() does without. */
function loadCommands(): Record<Operation, CommandClass> {
  let sdk: Record<string, CommandClass>
  try {
    sdk = require('@aws-sdk/client-s3')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    const message = 's3() needs the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3'
    throw new RocksDBError(message, { code: 'ERR_NOT_SUPPORTED', cause: error })
  }
  const commands = COMMANDS.map((name) => [name, sdk[`${name}Command`]])
  return Object.fromEntries(commands) as Record<Operation, CommandClass>
}
