/** A target in memory, in steps that a broken one can get wrong. */
import type {
  BackupTarget,
  GetOptions,
  PutCondition,
  PutOptions,
  TargetEntry,
  TargetObject,
} from '../../lib/backup/target'

interface Stored {
  bytes: Uint8Array
  etag: string
}

const CHUNK = 100_000
const turn = () => new Promise((resolve) => setImmediate(resolve))

export class MemoryTarget implements BackupTarget {
  readonly name: string = 'memory'
  conditional = true
  readonly objects = new Map<string, Stored>()
  #puts = 0

  async put(
    key: string,
    body: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: PutOptions,
  ): Promise<string | undefined> {
    options.signal?.throwIfAborted()
    const bytes = await this.collect(key, body, options)
    await turn()
    options.signal?.throwIfAborted()
    return this.store(key, bytes, options)
  }

  /** The whole body; rejects where it has another length than was said. */
  async collect(
    _key: string,
    body: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    { size, signal }: PutOptions,
  ): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of body()) {
      signal?.throwIfAborted()
      parts.push(Uint8Array.from(part))
    }
    const bytes = Buffer.concat(parts)
    if (bytes.length !== size) throw new Error(`${bytes.length} bytes instead of ${size}`)
    return bytes
  }

  /** Stores where the condition holds, in one step. */
  store(
    key: string,
    bytes: Uint8Array,
    condition: PutCondition,
  ): string | undefined | Promise<string | undefined> {
    if (!this.holds(key, condition)) return undefined
    const etag = this.tagOf(bytes)
    this.objects.set(key, { bytes, etag })
    return etag
  }

  tagOf(_bytes: Uint8Array): string {
    return `"${++this.#puts}"`
  }

  holds(key: string, { ifMatch, ifNoneMatch }: PutCondition): boolean {
    const there = this.objects.get(key)
    if (ifNoneMatch !== undefined) return there === undefined
    return ifMatch === undefined || there?.etag === ifMatch
  }

  async get(key: string, { signal }: GetOptions = {}): Promise<TargetObject | undefined> {
    signal?.throwIfAborted()
    await turn()
    const there = this.objects.get(key)
    if (there === undefined) return undefined
    const { bytes, etag } = there
    return { size: bytes.length, etag, body: this.read(key, bytes, signal) }
  }

  async *read(_key: string, bytes: Uint8Array, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      signal?.throwIfAborted()
      yield bytes.subarray(at, at + CHUNK)
      if (at < 10 * CHUNK) await turn()
    }
  }

  async *list(prefix: string, { signal }: GetOptions = {}): AsyncGenerator<TargetEntry> {
    signal?.throwIfAborted()
    for (const [key, { bytes }] of [...this.objects]) {
      if (key.startsWith(prefix)) yield { key, size: bytes.length }
    }
  }

  async delete(key: string, { signal }: GetOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    this.objects.delete(key)
  }

  async head(
    key: string,
    { signal }: GetOptions = {},
  ): Promise<{ size: number; etag: string } | undefined> {
    signal?.throwIfAborted()
    const there = this.objects.get(key)
    return there && { size: there.bytes.length, etag: there.etag }
  }
}
