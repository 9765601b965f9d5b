/** Putting an object: whole, or in parts, and told from what others put meanwhile. */
import { randomBytes } from 'node:crypto'
import { backoffMs, pause } from './retry'
import type { S3Calls, Settled } from './s3-calls'
import { type Failed, failure } from './s3-errors'
import { S3Parts } from './s3-parts'
import type { PutCondition } from './target'

/**
 * Each object says in its metadata which put made it, and over what that was by its condition. Where the answer to a put
 * was lost, or S3 got it twice, the second try may fail at the object of the first: whose it is cannot be told by its
 * bytes, since others may put the same.
 */
export const MARK = 'rocksdb-live-put'
export const OVER = 'rocksdb-live-over'
const NOTHING = 'nothing'

/** How often an upload in parts begins anew where S3 wants that. */
const ROUNDS = 4

/** What is to be put. */
export interface Upload {
  input: { Bucket: string; Key: string }
  /** For messages, after "did not". */
  what: string
  body: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  size: number
  /** Objects that are larger go in parts of this many bytes. */
  partBytes: number
  condition: PutCondition
  signal: AbortSignal | undefined
}

/** The object that is there now. */
export interface Present {
  etag: string
  mark: string | undefined
  over: string | undefined
}

/** What is used of the answers that end a put; undefined where the condition does not hold. */
export type PutAnswer = { ETag?: string | undefined } | undefined

/** One put. */
export class S3Put {
  readonly #calls: S3Calls
  readonly #upload: Upload
  readonly #head: () => Promise<Present | undefined>
  readonly #mark = randomBytes(16).toString('hex')
  /** Whether a request that failed may have stored the object all the same. */
  #maybeDone = false

  constructor(calls: S3Calls, upload: Upload, head: () => Promise<Present | undefined>) {
    this.#calls = calls
    this.#upload = upload
    this.#head = head
  }

  /** Resolves to the object's tag, or to undefined where the condition does not hold. */
  async run(): Promise<string | undefined> {
    const { size, partBytes, what } = this.#upload
    const answer = await (size <= partBytes ? this.#whole() : this.#inParts())
    if (answer === undefined) return undefined
    const etag = answer.ETag ?? (await this.#head())?.etag
    if (etag !== undefined) return etag
    throw new Error(`S3 did not ${what}: it gave no tag for it`)
  }

  async #whole(): Promise<PutAnswer> {
    const { input, what, size, signal } = this.#upload
    let bytes: Uint8Array = new Uint8Array(0)
    for await (const part of partsOf(this.#upload, Math.max(size, 1))) bytes = part
    return this.#calls.call<PutAnswer>({
      operation: 'PutObject',
      input: { ...input, Body: bytes, ContentLength: size, Metadata: this.#metadata() },
      what,
      headers: this.#conditions(),
      bytes: size,
      signal,
      settle: (failed) => this.#settle(failed),
    })
  }

  async #inParts(): Promise<PutAnswer> {
    const { what, signal } = this.#upload
    for (let round = 1; ; round++) {
      const answer = await this.#round()
      if (answer !== 'again') return answer
      if (round === ROUNDS) {
        throw new Error(
          `S3 did not ${what}: it refused ${ROUNDS} uploads, though the condition holds`,
        )
      }
      await pause(backoffMs(round), signal)
    }
  }

  /** One upload in parts. 'again' where it failed at a condition that holds: S3 then wants all of it anew. */
  async #round(): Promise<PutAnswer | 'again'> {
    const { input, size, partBytes, what, signal } = this.#upload
    const parts = new S3Parts(this.#calls, { input, what, signal })
    await parts.begin(this.#metadata())
    try {
      for await (const bytes of partsOf(this.#upload, sizeOfParts(size, partBytes))) {
        await parts.add(bytes)
      }
      const answer = await parts.complete<PutAnswer | 'again'>(
        this.#conditions(),
        async (failed) => {
          const settled = await this.#settle(failed)
          return settled === 'again' ? { value: 'again' } : settled
        },
      )
      if (answer === undefined || answer === 'again') await parts.takeBack()
      return answer
    } catch (error) {
      await parts.takeBack()
      throw error
    }
  }

  #metadata(): Record<string, string> {
    const over = this.#over()
    return { [MARK]: this.#mark, ...(over !== undefined && { [OVER]: over }) }
  }

  /** What the condition wants to be there; undefined without one. */
  #over(): string | undefined {
    const { ifMatch, ifNoneMatch } = this.#upload.condition
    return ifMatch ?? (ifNoneMatch === undefined ? undefined : NOTHING)
  }

  #conditions(): Record<string, string> | undefined {
    const { ifMatch, ifNoneMatch } = this.#upload.condition
    if (ifMatch !== undefined) return { 'if-match': ifMatch }
    return ifNoneMatch === undefined ? undefined : { 'if-none-match': ifNoneMatch }
  }

  /**
   * What a failed request that was to store the object comes to, by the object that is there now: ours; or another,
   * with which the condition does not hold; or one with which it does, so that the failure passes.
   *
   * One case remains that looks like a conflict: something on the way has sent a request twice, which nobody here knows
   * of, and others have replaced our object before it could be looked at.
   */
  async #settle(failed: Failed): Promise<Settled<PutAnswer>> {
    const maybeDone = this.#maybeDone || failed.tries > 1
    this.#maybeDone ||= failed.maybeDone
    const over = this.#over()
    const uploadGone = failed.code === 'NoSuchUpload'
    if (!uploadGone && (over === undefined || !tellsOfCondition(failed))) return undefined

    const now = await this.#head()
    if (now?.mark === this.#mark) return { value: { ETag: now.etag } }
    if (over !== undefined && (now?.etag ?? NOTHING) === over) return 'again'
    // What was put over the same was not put over ours.
    if (maybeDone && (over === undefined || now?.over !== over)) throw this.#unknown(failed)
    return over === undefined ? undefined : { value: undefined }
  }

  /** An earlier try may have stored the object, and others have replaced it since. */
  #unknown(failed: Failed): Error {
    const message = `learn whether it did ${this.#upload.what}: the answer was lost, and what is there now was put since`
    return failure(message, failed, 1)
  }
}

/** Whether an answer may mean that the condition does not hold. 404 is one to an `ifMatch`. */
function tellsOfCondition({ status, code }: Failed): boolean {
  if (status === 409) return code === 'ConditionalRequestConflict'
  return status === 412 || (status === 404 && code !== 'NoSuchBucket')
}

/** S3 takes this many parts at most. */
const MOST_PARTS = 10_000

function sizeOfParts(size: number, partBytes: number): number {
  return Math.max(partBytes, Math.ceil(size / MOST_PARTS))
}

/** A body in parts of one size, but for the last. Rejects where it has more or fewer bytes than were said. */
async function* partsOf(
  { body, size, signal, what }: Upload,
  partBytes: number,
): AsyncGenerator<Uint8Array> {
  const wrong = (found: string) =>
    new RangeError(`S3 did not ${what}: the body has ${found} bytes, and "size" says ${size}`)
  const room = (done: number) => new Uint8Array(Math.min(partBytes, size - done))
  let done = 0
  let part = room(0)
  let filled = 0
  for await (const chunk of body()) {
    signal?.throwIfAborted()
    if (done + filled + chunk.length > size) throw wrong('more')
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + part.length - filled)
      part.set(piece, filled)
      filled += piece.length
      at += piece.length
      if (filled < part.length) continue
      yield part
      done += filled
      filled = 0
      part = room(done)
    }
  }
  if (filled > 0 || done < size) throw wrong(`only ${done + filled}`)
}
