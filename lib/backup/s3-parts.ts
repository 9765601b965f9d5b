/** An upload in parts: nothing of it is seen before it is complete, and nothing is left of it where it fails. */
import { backoffMs, pause } from './retry'
import type { S3Calls, Settled } from './s3-calls'
import type { Failed } from './s3-errors'

/** How many parts are on their way at once. One more is being filled by who adds them. */
const AT_ONCE = 2
/** How long is waited for S3 to forget an upload that failed. */
const TAKE_BACK_MS = 10_000
/** How often it is asked to, where parts were cut off that it may still have been about to store. */
const TAKE_BACK_TRIES = 3

/** Whose parts they are. */
export interface PartsOf {
  input: { Bucket: string; Key: string }
  /** For messages, after "did not". */
  what: string
  signal: AbortSignal | undefined
}

/** What S3 tells of a part, and wants to hear again at the end. */
interface Part {
  ETag?: string
  ChecksumCRC32?: string
  ChecksumCRC32C?: string
  ChecksumCRC64NVME?: string
  ChecksumSHA1?: string
  ChecksumSHA256?: string
}

/** One upload in parts. */
export class S3Parts {
  readonly #calls: S3Calls
  readonly #of: PartsOf
  readonly #parts: Record<string, unknown>[] = []
  readonly #flying = new Set<Promise<void>>()
  /** Ends the parts that are on their way once one has failed, or the caller's signal is aborted. */
  readonly #ended = new AbortController()
  readonly #onAbort = () => this.#ended.abort(this.#of.signal?.reason)
  #id: string | undefined
  #failed: { error: unknown } | undefined
  #checksum: { ChecksumAlgorithm?: string } = {}

  constructor(calls: S3Calls, of: PartsOf) {
    this.#calls = calls
    this.#of = of
  }

  /** Must come first. `takeBack` or `complete` must follow. */
  async begin(metadata: Record<string, string>): Promise<void> {
    const { input, what, signal } = this.#of
    // A client that adds checksums to parts must have said so before: some services insist.
    if (await this.#calls.addsChecksums()) this.#checksum = { ChecksumAlgorithm: 'CRC32' }
    const { UploadId } = await this.#calls.call<{ UploadId?: string }>({
      operation: 'CreateMultipartUpload',
      input: { ...input, ...this.#checksum, Metadata: metadata },
      what,
      signal,
    })
    if (UploadId === undefined) throw new Error(`S3 did not ${what}: its upload has no id`)
    this.#id = UploadId
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted) this.#onAbort()
  }

  /** Takes the next part. Resolves once there is room for another one; rejects where any has failed. */
  async add(bytes: Uint8Array): Promise<void> {
    const index = this.#parts.length
    this.#parts.push({})
    const task = this.#send(index, bytes).catch((error) => {
      this.#failed ??= { error }
      this.#ended.abort(error)
    })
    this.#flying.add(task)
    void task.then(() => this.#flying.delete(task))
    if (this.#flying.size >= AT_ONCE) await Promise.race(this.#flying)
    this.#throwFailure()
  }

  async #send(index: number, bytes: Uint8Array): Promise<void> {
    const { input, what } = this.#of
    const PartNumber = index + 1
    const part = await this.#calls.call<Part>({
      operation: 'UploadPart',
      input: {
        ...input,
        ...this.#checksum,
        UploadId: this.#id,
        PartNumber,
        Body: bytes,
        ContentLength: bytes.length,
      },
      what: `${what}, part ${PartNumber}`,
      bytes: bytes.length,
      signal: this.#ended.signal,
    })
    const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } =
      part
    const told = { ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 }
    this.#parts[index] = { PartNumber, ETag, ...told }
  }

  /** Makes one object of the parts. */
  async complete<T>(
    headers: Record<string, string> | undefined,
    settle: (failed: Failed) => Promise<Settled<T>>,
  ): Promise<T> {
    const { input, what, signal } = this.#of
    await Promise.all(this.#flying)
    this.#throwFailure()
    const answer = await this.#calls.call<T>({
      operation: 'CompleteMultipartUpload',
      input: { ...input, UploadId: this.#id, MultipartUpload: { Parts: this.#parts } },
      what,
      headers,
      signal,
      settle,
    })
    signal?.removeEventListener('abort', this.#onAbort)
    return answer
  }

  /**
   * Lets S3 forget the parts. Says nothing where that fails: what led here is more important, and the bucket's
   * rule for uploads that were never completed removes them.
   */
  async takeBack(): Promise<void> {
    const limit = AbortSignal.timeout(TAKE_BACK_MS)
    // A part that arrives after the upload was forgotten stays: let those on their way arrive first.
    const late = () => this.#ended.abort(limit.reason)
    limit.addEventListener('abort', late)
    await Promise.all(this.#flying)
    limit.removeEventListener('abort', late)
    this.#of.signal?.removeEventListener('abort', this.#onAbort)
    const cut = this.#ended.signal.aborted
    for (let tries = 1; tries <= (cut ? TAKE_BACK_TRIES : 1); tries++) {
      const gone = await this.#forget(limit).catch(() => true)
      if (gone) return
      if (cut) await pause(backoffMs(tries + 2), undefined)
    }
  }

  /** Whether there is nothing to forget. */
  async #forget(signal: AbortSignal): Promise<boolean> {
    const { input, what } = this.#of
    const answer = await this.#calls.call<'gone' | object>({
      operation: 'AbortMultipartUpload',
      input: { ...input, UploadId: this.#id },
      what: `take back what it has to ${what}`,
      signal,
      settle: ({ status }) => (status === 404 ? { value: 'gone' } : undefined),
    })
    return answer === 'gone'
  }

  #throwFailure(): void {
    if (this.#failed !== undefined) throw this.#failed.error
  }
}
