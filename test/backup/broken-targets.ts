import type { GetOptions, PutCondition, PutOptions, TargetEntry } from '../../lib/backup/target'
import { MemoryTarget } from './memory-target'

type Body = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>
const MIB = 2 ** 20
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Targets that are wrong in one way each, and what must be said of them. */
export const BROKEN: [string, new () => MemoryTarget, RegExp][] = [
  [
    'shows objects in part while they are put',
    class extends MemoryTarget {
      override async collect(key: string, body: Body, options: PutOptions) {
        const bytes = await super.collect(key, body, options)
        const there = this.objects.get(key)
        if (there === undefined || options.ifMatch || options.ifNoneMatch) return bytes
        this.objects.set(key, { bytes: bytes.subarray(0, bytes.length / 2), etag: '"half"' })
        for (let turns = 0; turns < 20; turns++) await turn()
        this.objects.set(key, there)
        return bytes
      }
    },
    /overwritten while it is read: get gave what is no version/,
  ],
  [
    'joins two versions in one read',
    class extends MemoryTarget {
      override async *read(key: string, bytes: Uint8Array, signal?: AbortSignal) {
        let at = 0
        for await (const part of super.read(key, bytes, signal)) {
          const now = this.objects.get(key)?.bytes ?? bytes
          yield now.subarray(at, at + part.length)
          at += part.length
        }
      }
    },
    /overwritten while it is read: get (gave what is no version|said \d+ bytes and gave \d+)/,
  ],
  [
    'gives old versions for a while',
    class extends MemoryTarget {
      override store(key: string, bytes: Uint8Array, condition: PutCondition) {
        if (!this.objects.has(key)) return super.store(key, bytes, condition)
        if (!this.holds(key, condition)) return undefined
        const etag = this.tagOf(bytes)
        setTimeout(() => this.objects.set(key, { bytes, etag }), 5)
        return etag
      }
    },
    /get gave other bytes after it was put again/,
  ],
  [
    'ignores ifNoneMatch',
    class extends MemoryTarget {
      override holds(key: string, { ifMatch }: PutCondition) {
        return super.holds(key, { ifMatch })
      }
    },
    /ifNoneMatch: put resolved to "\\"\d+\\"" where there is an object/,
  ],
  [
    'ignores ifMatch',
    class extends MemoryTarget {
      override holds(key: string, { ifNoneMatch }: PutCondition) {
        return super.holds(key, { ifNoneMatch })
      }
    },
    /ifMatch: put resolved to "\\"\d+\\"" with an old tag/,
  ],
  [
    'takes an ifMatch where nothing is',
    class extends MemoryTarget {
      override holds(key: string, condition: PutCondition) {
        return !this.objects.has(key) || super.holds(key, condition)
      }
    },
    /ifMatch: put resolved to "\\"\d+\\"" where it was deleted/,
  ],
  [
    'looks at conditions before it stores',
    class extends MemoryTarget {
      override async store(key: string, bytes: Uint8Array, condition: PutCondition) {
        if (!this.holds(key, condition)) return undefined
        await turn()
        return super.store(key, bytes, {})
      }
    },
    /ifNoneMatch of many at once: 20 of 20 succeeded.*\n.*ifMatch of many at once: 20 of 20 succeeded/,
  ],
  [
    'takes the same bytes of another for its own',
    class extends MemoryTarget {
      override store(key: string, bytes: Uint8Array, condition: PutCondition) {
        const there = this.objects.get(key)
        const same = there !== undefined && Buffer.compare(there.bytes, bytes) === 0
        return same ? there.etag : super.store(key, bytes, condition)
      }
    },
    /where there are the same bytes/,
  ],
  [
    'refuses all where many put at once',
    class extends MemoryTarget {
      #busy = 0
      override async store(key: string, bytes: Uint8Array, condition: PutCondition) {
        this.#busy++
        await turn()
        const alone = this.#busy === 1
        await turn()
        this.#busy--
        const conditioned = condition.ifMatch ?? condition.ifNoneMatch
        if (!alone && conditioned !== undefined) return undefined
        return super.store(key, bytes, condition)
      }
    },
    /0 of 20 succeeded instead of one/,
  ],
  [
    'stores though the condition does not hold',
    class extends MemoryTarget {
      override store(key: string, bytes: Uint8Array, condition: PutCondition) {
        const holds = this.holds(key, condition)
        const etag = super.store(key, bytes, {})
        return holds ? etag : undefined
      }
    },
    /ifNoneMatch: the tags differ after a refused put[\s\S]*ifMatch: get gave other bytes after a refused put/,
  ],
  [
    'lists a thousand at most',
    class extends MemoryTarget {
      override async *list(prefix: string, options?: GetOptions) {
        let left = 1_000
        for await (const entry of super.list(prefix, options)) if (left-- > 0) yield entry
      }
    },
    /lists: list\(".*"\) left out objects: 50 of 1050/,
  ],
  [
    'lists what was there a moment ago',
    class extends MemoryTarget {
      #before: TargetEntry[] = []
      override async *list(prefix: string, options?: GetOptions) {
        const now: TargetEntry[] = []
        for await (const entry of super.list('', options)) now.push(entry)
        const before = this.#before
        this.#before = now
        yield* before.filter(({ key }) => key.startsWith(prefix))
      }
    },
    /list(\(".*"\) (left out|gave)| said undefined bytes)/,
  ],
  [
    'lists by whole folders',
    class extends MemoryTarget {
      override list(prefix: string, options?: GetOptions) {
        return super.list(prefix.slice(0, prefix.lastIndexOf('/') + 1), options)
      }
    },
    /lists: list\(".*m3\/1"\) gave objects that it should not/,
  ],
  [
    'lists objects twice',
    class extends MemoryTarget {
      override async *list(prefix: string, options?: GetOptions) {
        yield* super.list(prefix, options)
        yield* super.list(prefix, options)
      }
    },
    /list gave ".*" twice/,
  ],
  [
    'lists wrong sizes',
    class extends MemoryTarget {
      override async *list(prefix: string, options?: GetOptions) {
        for await (const { key } of super.list(prefix, options)) yield { key, size: 0 }
      }
    },
    /list said 0 bytes of 1/,
  ],
  [
    'deletes nothing',
    class extends MemoryTarget {
      override async delete(_key: string, { signal }: GetOptions = {}) {
        signal?.throwIfAborted()
      }
    },
    /a small object: get gave an object of 99 bytes after delete[\s\S]*objects are listed that were deleted/,
  ],
  [
    'rejects where there is nothing to delete',
    class extends MemoryTarget {
      override async delete(key: string, options?: GetOptions) {
        if (!this.objects.has(key)) throw new Error('no such object')
        return super.delete(key, options)
      }
    },
    /what is not there: no such object/,
  ],
  [
    'rejects where there is nothing to get',
    class extends MemoryTarget {
      override async get(key: string, options?: GetOptions) {
        const object = await super.get(key, options)
        if (object === undefined) throw new Error('no such object')
        return object
      }
    },
    /no such object/,
  ],
  [
    'has no empty objects',
    class extends MemoryTarget {
      override async get(key: string, options?: GetOptions) {
        const object = await super.get(key, options)
        return object?.size === 0 ? undefined : object
      }
    },
    /objects of any size: get gave nothing of 0 bytes/,
  ],
  [
    'cuts large objects',
    class extends MemoryTarget {
      override store(key: string, bytes: Uint8Array, condition: PutCondition) {
        return super.store(key, bytes.subarray(0, 16 * MIB), condition)
      }
    },
    /objects of any size: get gave other bytes of 17825795 bytes/,
  ],
  [
    'keeps chunks that are not its own',
    class extends MemoryTarget {
      override async collect(_key: string, body: Body, { size, signal }: PutOptions) {
        const parts: Uint8Array[] = []
        for await (const part of body()) {
          signal?.throwIfAborted()
          parts.push(part)
        }
        const bytes = Buffer.concat(parts)
        if (bytes.length !== size) throw new Error('wrong')
        return bytes
      }
    },
    /get gave other bytes/,
  ],
  [
    'stores what a body gave before it failed',
    class extends MemoryTarget {
      override async collect(_key: string, body: Body, { signal }: PutOptions) {
        const parts: Uint8Array[] = []
        try {
          for await (const part of body()) {
            signal?.throwIfAborted()
            parts.push(Uint8Array.from(part))
          }
        } catch {
          signal?.throwIfAborted()
        }
        return Buffer.concat(parts)
      }
    },
    /it resolved after a put of 1000 bytes whose body fails[\s\S]*body is too short[\s\S]*body is too long/,
  ],
  [
    'has one tag for all',
    class extends MemoryTarget {
      override tagOf() {
        return '"tag"'
      }
    },
    /its tag is the same after other bytes were put/,
  ],
  [
    'has other tags in head',
    class extends MemoryTarget {
      override async head(key: string, options?: GetOptions) {
        const found = await super.head(key, options)
        return found && { ...found, etag: found.etag.replaceAll('"', '') }
      }
    },
    /the tags differ after put/,
  ],
  [
    'writes keys in its own way',
    class extends MemoryTarget {
      override store(key: string, bytes: Uint8Array, condition: PutCondition) {
        return super.store(key.replaceAll('_', '-'), bytes, condition)
      }
    },
    /keys of all allowed characters: get of ".*" gave nothing/,
  ],
  [
    'does not look at signals',
    class extends MemoryTarget {
      override put(key: string, body: Body, { signal: _, ...options }: PutOptions) {
        return super.put(key, body, options)
      }
      override get(key: string) {
        return super.get(key)
      }
    },
    /signals: it resolved put with[\s\S]*it resolved get with[\s\S]*before its body was read[\s\S]*in its midst/,
  ],
  [
    'stores a part where it is aborted',
    class extends MemoryTarget {
      override async collect(key: string, body: Body, options: PutOptions) {
        const parts: Uint8Array[] = []
        for await (const part of body()) {
          if (options.signal?.aborted === true) super.store(key, Buffer.concat(parts), {})
          options.signal?.throwIfAborted()
          parts.push(Uint8Array.from(part))
        }
        return super.collect(key, () => parts, options)
      }
    },
    /signals: get gave a part of the object/,
  ],
]
