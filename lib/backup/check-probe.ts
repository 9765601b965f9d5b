/** What the checks of `checkTarget` share: the target, the keys, the bytes, and the list of what is wrong. */
import type { BackupTarget, PutCondition } from './target'

/** One thing that is tried out. */
export interface Check {
  /** What it is about, for messages. */
  about: string
  run(probe: Probe): Promise<void>
}

/** What was found of an object. */
export interface Found {
  size: number
  etag: string
  bytes: Uint8Array
}

/** A target that is tried out. */
export class Probe {
  readonly target: BackupTarget
  /** What all keys begin with; ends in a slash. */
  readonly prefix: string
  readonly signal: AbortSignal | undefined
  /** All that was found wrong. */
  readonly faults: Error[]
  /** All keys that may have objects. */
  readonly keys: Set<string>
  readonly #about: string

  constructor(
    target: BackupTarget,
    prefix: string,
    signal: AbortSignal | undefined,
    shared: { about: string; faults: Error[]; keys: Set<string> } = {
      about: '',
      faults: [],
      keys: new Set(),
    },
  ) {
    this.target = target
    this.prefix = prefix
    this.signal = signal
    this.faults = shared.faults
    this.keys = shared.keys
    this.#about = shared.about
  }

  /** The same for one check. */
  about(about: string): Probe {
    const { faults, keys } = this
    return new Probe(this.target, this.prefix, this.signal, { about, faults, keys })
  }

  /** Notes what is wrong where it is not as it must be. */
  expect(holds: boolean, wrong: string): void {
    if (!holds) this.#note(new Error(`${this.#about}: ${wrong}`))
  }

  /** Notes that the target has rejected. */
  rejected(about: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#note(new Error(`${about}: ${message}`, { cause: error }))
  }

  /** Once each, and not without end. */
  #note(fault: Error): void {
    const known = this.faults.some(({ message }) => message === fault.message)
    if (!known && this.faults.length < MOST_FAULTS) this.faults.push(fault)
  }

  /** The key of this name. */
  key(name: string): string {
    const key = this.prefix + name
    this.keys.add(key)
    return key
  }

  /** Puts bytes, in chunks that lie in one buffer which is used again. */
  put(key: string, bytes: Uint8Array, condition: PutCondition = {}): Promise<string | undefined> {
    const options = { size: bytes.length, signal: this.signal, ...condition }
    return this.target.put(key, () => inChunks(bytes), options)
  }

  /** Puts bytes where that must succeed; returns the tag. */
  async putNew(key: string, bytes: Uint8Array, condition: PutCondition = {}): Promise<string> {
    const tag = await this.put(key, bytes, condition)
    this.expect(
      typeof tag === 'string' && tag !== '',
      `put resolved to ${show(tag)} instead of a tag`,
    )
    return tag ?? ''
  }

  /** Reads an object whole. */
  async read(key: string): Promise<Found | undefined> {
    const object = await this.target.get(key, { signal: this.signal })
    if (object === undefined) return undefined
    const parts: Uint8Array[] = []
    for await (const part of object.body) parts.push(Uint8Array.from(part))
    const bytes = Buffer.concat(parts)
    this.expect(
      bytes.length === object.size,
      `get said ${object.size} bytes and gave ${bytes.length}`,
    )
    return { size: object.size, etag: object.etag, bytes }
  }

  /** Notes where an object is not these bytes with this tag, for get and head. */
  async expectObject(key: string, bytes: Uint8Array, tag: string, when: string): Promise<void> {
    const found = await this.read(key)
    const head = await this.target.head(key, { signal: this.signal })
    const same = found !== undefined && Buffer.compare(found.bytes, bytes) === 0
    const what = found === undefined ? 'nothing' : 'other bytes'
    this.expect(same, `get gave ${what} ${when}`)
    const tags = `${show(found?.etag)} from get, ${show(head?.etag)} from head and ${show(tag)} from put`
    this.expect(found?.etag === tag && head?.etag === tag, `the tags differ ${when}: ${tags}`)
    const size = `head said ${show(head?.size)} bytes of ${bytes.length} ${when}`
    this.expect(head?.size === bytes.length, size)
  }

  /** Notes where there is an object that should not be. */
  async expectAbsent(key: string, when: string): Promise<void> {
    const found = await this.read(key)
    const head = await this.target.head(key, { signal: this.signal })
    this.expect(found === undefined, `get gave an object of ${found?.size} bytes ${when}`)
    this.expect(head === undefined, `head gave an object of ${head?.size} bytes ${when}`)
  }

  /** The keys and sizes under a prefix, by their names. A key that comes twice is noted. */
  async list(prefix: string): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    for await (const { key, size } of this.target.list(prefix, { signal: this.signal })) {
      this.expect(!found.has(key), `list gave "${key}" twice`)
      found.set(key, size)
    }
    return found
  }
}

/** How many faults are told. */
const MOST_FAULTS = 100
const CHUNK = 70_001

/** Each chunk lies in the same memory, as chunks of files do. */
async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(CHUNK, bytes.length))
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const part = bytes.subarray(at, at + CHUNK)
    buffer.set(part)
    yield buffer.subarray(0, part.length)
    buffer.fill(0)
  }
}

/** Bytes that tell which ones they are: every eight of them are the number, and where they stand. */
export function bytesOf(number: number, size: number): Uint8Array {
  const words = new Uint32Array(2 * Math.ceil(size / 8))
  for (let at = 0; at < words.length; at += 2) {
    words[at] = number
    words[at + 1] = at
  }
  return new Uint8Array(words.buffer, 0, size)
}

/** The number of such bytes. */
export function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true)
}

/** How many calls are on their way at once. */
const AT_ONCE = 20

/** Does something for each of many, some at a time. Rejects with the first error, once all are done. */
export async function pool<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values()
  let failed: { error: unknown } | undefined
  const work = async () => {
    for (const item of rest) {
      if (failed !== undefined) return
      await act(item).catch((error) => {
        failed ??= { error }
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  if (failed !== undefined) throw failed.error
}

/** For messages. */
export function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
