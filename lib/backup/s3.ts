/** Backups in S3, and in services that speak its language. */

import {
  invalidType,
  invalidValue,
  optionalBoolean,
  optionalInteger,
  optionalString,
  readOptions,
} from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { type GetAnswer, S3Body } from './s3-body'
import { S3Calls, type S3ClientLike } from './s3-calls'
import type { Failed } from './s3-errors'
import { MARK, OVER, type Present, S3Put } from './s3-upload'
import type { BackupTarget, GetOptions, PutOptions, TargetEntry, TargetObject } from './target'

export type { S3ClientLike } from './s3-calls'

/** Options of `s3`. */
export interface S3Options {
  /**
   * An `S3Client` of `@aws-sdk/client-s3`: it knows the endpoint, the region, the credentials, and whether buckets
   * are named in the path (`forcePathStyle`). It stays the caller's, to be destroyed once nothing uses it any more.
   */
  client: S3ClientLike
  /** The bucket; it must be there. */
  bucket: string
  /** What all keys begin with, for example `backups/shop`; a slash follows it. Default: nothing. */
  prefix?: string | undefined
  /**
   * Whether the service keeps `If-Match` and `If-None-Match` of PutObject and CompleteMultipartUpload (default:
   * true). `checkTarget` finds out. Say false where it does not: conditions are then refused instead of ignored, and
   * `startBackups` asks for `exclusive: true`.
   */
  conditional?: boolean | undefined
  /**
   * Objects over this many MiB are uploaded in parts of this size: 5 to 1024, default 16. An upload holds up to three
   * parts in memory. Of objects over 10,000 parts the parts are larger.
   */
  partMb?: number | undefined
  /**
   * How often a request is tried before it counts as failed, with the tries that the client makes by itself: 1 to 100,
   * default 8. The waits between are random, up to 100 ms first, then twice as much each time, up to 20 s.
   */
  attempts?: number | undefined
  /**
   * How long an answer, or the next bytes of an object, may take before the request is given up and tried again, in
   * ms: 100 to 3,600,000, default 60,000. A request that sends bytes has a second more for each 64 KB.
   */
  timeoutMs?: number | undefined
}

const NAMES = ['client', 'bucket', 'prefix', 'conditional', 'partMb', 'attempts', 'timeoutMs']

/**
 * Backups in S3, or in another service with its interface, in one bucket. Needs the package
 * `@aws-sdk/client-s3`.
 *
 * Encryption at rest, storage classes and retention are the bucket's: nothing is sent that overrides its defaults.
 * docs/backup-s3.md has the rights that are needed, what requests cost, and which services keep conditions.
 *
 * A put whose answer was lost is told from another's by its metadata (`rocksdb-live-put`): it never
 * looks like a conflict. Where another has replaced the object before that could be looked at, `put` rejects.
 *
 * @throws RocksDBError `ERR_NOT_SUPPORTED` without `@aws-sdk/client-s3`
 *
 * @example
 * ```ts
 * // client: new S3Client({ region: 'eu-central-1' }) of @aws-sdk/client-s3
 * const target = s3({ client, bucket: 'acme-backups', prefix: 'shop' })
 * await backup(db, target)
 * ```
 */
export function s3(options: S3Options): BackupTarget {
  const read = readOptions('options', options, NAMES)
  const client = read['client'] as S3ClientLike
  if (typeof client?.send !== 'function') {
    throw invalidType('options.client', 'an S3Client of @aws-sdk/client-s3', client)
  }
  const bucket = optionalString('options.bucket', read['bucket'], '')
  if (bucket === '') throw invalidType('options.bucket', 'the name of a bucket', read['bucket'])
  const integer = (name: string, min: number, max: number, fallback: number) =>
    optionalInteger(`options.${name}`, read[name], { min, max, default: fallback })
  const partBytes = integer('partMb', 5, 1024, 16) * 2 ** 20
  const attempts = integer('attempts', 1, 100, 8)
  const timeoutMs = integer('timeoutMs', 100, 3_600_000, 60_000)
  const conditional = optionalBoolean('options.conditional', read['conditional'], true)
  const prefix = folder(optionalString('options.prefix', read['prefix'], ''))
  const calls = new S3Calls(client, timeoutMs, attempts)
  return new S3Target(calls, { bucket, prefix, conditional, partBytes })
}

/** Where objects go, and how. */
interface Place {
  bucket: string
  /** Empty, or ends in a slash. */
  prefix: string
  conditional: boolean
  partBytes: number
}

/** What is used of S3's answers. */
interface HeadAnswer {
  ContentLength?: number
  ETag?: string
  Metadata?: Record<string, string>
}
interface ListAnswer {
  Contents?: { Key?: string; Size?: number }[]
  IsTruncated?: boolean
  NextContinuationToken?: string
}

class S3Target implements BackupTarget {
  readonly name: string
  readonly conditional: boolean
  readonly #calls: S3Calls
  readonly #place: Place

  constructor(calls: S3Calls, place: Place) {
    this.#calls = calls
    this.#place = place
    this.conditional = place.conditional
    this.name = `s3://${place.bucket}/${place.prefix}`
  }

  async put(
    key: string,
    body: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: PutOptions,
  ): Promise<string | undefined> {
    const { size, ifMatch, ifNoneMatch, signal } = options
    const input = this.#input(key)
    const conditioned = ifMatch !== undefined || ifNoneMatch !== undefined
    if (conditioned && !this.conditional) {
      const message = `${this.name} was opened with conditional: false, and takes no conditions`
      throw new RocksDBError(message, { code: 'ERR_NOT_SUPPORTED' })
    }
    const bytes = optionalInteger('options.size', size, { default: undefined })
    if (bytes === undefined) throw invalidType('options.size', 'an integer', size)
    const upload = {
      input,
      what: this.#what('put', key),
      body,
      size: bytes,
      partBytes: this.#place.partBytes,
      condition: { ifMatch, ifNoneMatch },
      signal,
    }
    signal?.throwIfAborted()
    return new S3Put(this.#calls, upload, () => this.#present(key, signal)).run()
  }

  async get(key: string, options: GetOptions = {}): Promise<TargetObject | undefined> {
    const { signal } = options
    const input = this.#input(key)
    const what = this.#what('get', key)
    const answer = await this.#calls.call<GetAnswer | undefined>({
      operation: 'GetObject',
      input,
      what,
      signal,
      settle: absent,
    })
    if (answer === undefined) return undefined
    const { size, etag } = facts(what, answer)
    const body = new S3Body(this.#calls, { input, size, etag, what, signal }, answer)
    return { size, etag, body }
  }

  async *list(prefix: string, options: GetOptions = {}): AsyncGenerator<TargetEntry> {
    const { bucket, prefix: before } = this.#place
    const what = this.#what('list', prefix)
    let token: string | undefined
    do {
      const page: ListAnswer = await this.#calls.call<ListAnswer>({
        operation: 'ListObjectsV2',
        input: { Bucket: bucket, Prefix: before + prefix, ContinuationToken: token },
        what,
        signal: options.signal,
      })
      for (const { Key = '', Size = 0 } of page.Contents ?? []) {
        // Consoles make objects with a slash at the end, to show folders.
        if (!Key.endsWith('/')) yield { key: Key.slice(before.length), size: Size }
      }
      if (page.IsTruncated !== true) return
      const next = page.NextContinuationToken
      if (next === undefined || next === token) {
        throw new Error(`S3 did not ${what}: it says that there is more, and not from where on`)
      }
      token = next
    } while (token !== undefined)
  }

  async delete(key: string, options: GetOptions = {}): Promise<void> {
    await this.#calls.call<unknown>({
      operation: 'DeleteObject',
      input: this.#input(key),
      what: this.#what('delete', key),
      signal: options.signal,
      settle: absent,
    })
  }

  async head(
    key: string,
    options: GetOptions = {},
  ): Promise<{ size: number; etag: string } | undefined> {
    const answer = await this.#head(key, options.signal)
    return answer && facts(this.#what('look at', key), answer)
  }

  #head(key: string, signal: AbortSignal | undefined): Promise<HeadAnswer | undefined> {
    return this.#calls.call<HeadAnswer | undefined>({
      operation: 'HeadObject',
      input: this.#input(key),
      what: this.#what('look at', key),
      signal,
      settle: absent,
    })
  }

  /** The object and whose put it is of. */
  async #present(key: string, signal: AbortSignal | undefined): Promise<Present | undefined> {
    const answer = await this.#head(key, signal)
    if (answer === undefined) return undefined
    const { etag } = facts(this.#what('look at', key), answer)
    return { etag, mark: answer.Metadata?.[MARK], over: answer.Metadata?.[OVER] }
  }

  #input(key: string): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.#place
    return { Bucket: bucket, Key: prefix + checked('key', key) }
  }

  #what(verb: string, key: string): string {
    const { bucket, prefix } = this.#place
    return `${verb} "${prefix}${key}" in bucket "${bucket}"`
  }
}

/** There is no such object. A bucket that is not there is another matter, where the service tells. */
function absent({ status, code }: Failed): { value: undefined } | undefined {
  return status === 404 && code !== 'NoSuchBucket' ? { value: undefined } : undefined
}

/** The size and tag of an object; rejects where the service says none. */
function facts(what: string, answer: HeadAnswer): { size: number; etag: string } {
  const { ContentLength: size, ETag: etag } = answer
  if (size !== undefined && etag !== undefined) return { size, etag }
  throw new Error(`S3 did not ${what}: its answer has no ${size === undefined ? 'length' : 'tag'}`)
}

/** What keys may have between slashes, and what a prefix may besides. */
const KEY = /^[\w.-]+(\/[\w.-]+)*$/
const PREFIX = /^[\w.!*'()=+@:,-]+(\/[\w.!*'()=+@:,-]+)*$/

/** A key without what some services and clients would read as another: empty names, `.` and `..`. */
function checked(name: string, key: unknown, pattern = KEY): string {
  if (typeof key !== 'string') throw invalidType(name, 'a string', key)
  if (pattern.test(key) && !/(^|\/)\.\.?(\/|$)/.test(key)) return key
  const names = 'names of letters, digits, - and similar, with one slash between them'
  throw invalidValue(name, key, `must be ${names}, none of them . or ..`)
}

/** The prefix with one slash after it, or none. */
function folder(prefix: string): string {
  const plain = prefix.replace(/\/$/, '')
  return plain === '' ? '' : `${checked('options.prefix', plain, PREFIX)}/`
}
