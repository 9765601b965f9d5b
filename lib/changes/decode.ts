/** Operations of the change feed, decoded by the codecs of their families. */
import type { CodecImplementation } from '../codecs/codec'
import { ENVELOPE, momentOf } from '../codecs/envelope'
import type { FamilyHandle } from '../connection/handle'
import { copyOf } from '../native/buffers'
import { ChangeType, type NativeKnownFamily } from '../native/changes'
import { REPLICA_FAMILY } from '../native/replica'
import type { Families } from '../open/families'
import { optionsOf } from './nature'
import type { FamilyFilter } from './options'
import type { PageReader } from './pages'

/** An operation as users get it: `RowChange`, `DroppedRowChange` or `FamilyChange` of any family. */
export interface AnyChange {
  type: string
  family: string
  [operand: string]: unknown
}

/** What is known of a family's id. */
interface Known {
  name: string
  /** The family, for its codecs; undefined if it is gone. */
  handle: FamilyHandle | undefined
  /** Whether operations on it were asked for. */
  wanted: boolean
}

/** The families of the history, by their ids. */
export class KnownFamilies {
  readonly #families: Families
  readonly #filter: FamilyFilter | undefined
  readonly #names = new Map<number, string>()
  readonly #known = new Map<number, Known>()

  constructor(families: Families, filter: FamilyFilter | undefined) {
    this.#families = families
    this.#filter = filter
  }

  /** Takes what native knows. Those that live are decoded as they are now, whatever happens to them. */
  learn(all: readonly NativeKnownFamily[]): void {
    for (const { id, name, dropped } of all) {
      this.#names.set(id, name)
      if (!dropped) this.of(id)
    }
  }

  made(id: number, name: string): void {
    this.#names.set(id, name)
  }

  of(id: number): Known {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    let handle = this.#filter?.byId.get(id) ?? this.#families.byId(id)
    const name = this.#names.get(id) ?? handle?.name ?? `#${id}`
    // A secondary may have given the number to another one.
    if (handle?.name !== name) handle = undefined
    const wanted = this.#wants(id, name) && (this.#filter === undefined || handle !== undefined)
    const found = { name, handle, wanted }
    this.#known.set(id, found)
    return found
  }

  /** Whether the making and dropping of a family were asked for. */
  #wants(id: number, name: string): boolean {
    if (name === REPLICA_FAMILY) return false
    const filter = this.#filter
    return filter === undefined || filter.byId.has(id) || filter.names.has(name)
  }

  /** The current operation; undefined if it was not asked for. */
  operation(page: PageReader): AnyChange | undefined {
    const { type, family: id } = page
    if (type === ChangeType.createFamily || type === ChangeType.dropFamily) {
      const family = page.bytes.toString('utf8', page.keyStart, page.keyEnd)
      const made = type === ChangeType.createFamily
      if (made) this.made(id, family)
      if (!this.#wants(id, family)) return undefined
      if (!made) return { type: 'dropFamily', family }
      const nature = page.bytes.toString('utf8', page.secondStart, page.secondEnd)
      return { type: 'createFamily', family, ...optionsOf(nature) }
    }
    const { name, handle, wanted } = this.of(id)
    if (!wanted) return undefined
    return handle === undefined ? droppedOperation(page, name) : rowOperation(page, handle)
  }
}

/** Bytes that belong to whoever gets them. */
function own(page: PageReader): [bytes: Buffer, base: number] {
  return [copyOf(page.bytes, page.keyStart, page.secondEnd), page.keyStart]
}

function rowOperation(page: PageReader, { name, key, value, envelope }: FamilyHandle): AnyChange {
  const views = !key.copies || !value.copies
  const [bytes, base] = views ? own(page) : [page.bytes, 0]
  // Locals, as codecs of users may run this same iteration.
  const keyStart = page.keyStart - base
  const keyEnd = page.keyEnd - base
  const start = page.secondStart - base
  const end = page.secondEnd - base
  const family = name
  switch (page.type) {
    case ChangeType.put: {
      const read = key.read(bytes, keyStart, keyEnd)
      if (envelope === undefined) {
        return { type: 'put', family, key: read, value: value.read(bytes, start, end) }
      }
      const expiresAt = momentOf(bytes, start, end)
      const inside = value.read(bytes, start + ENVELOPE, end)
      return { type: 'put', family, key: read, value: inside, expiresAt }
    }
    case ChangeType.merge: {
      const read = key.read(bytes, keyStart, keyEnd)
      return { type: 'merge', family, key: read, operand: value.read(bytes, start, end) }
    }
    case ChangeType.delete:
      return { type: 'delete', family, key: key.read(bytes, keyStart, keyEnd) }
    default: {
      const begin = endOfRange(key, bytes, keyStart, keyEnd)
      return { type: 'deleteRange', family, begin, end: endOfRange(key, bytes, start, end) }
    }
  }
}

/** The key at an end of a range; its bytes if they are no key of the codec. */
export function endOfRange(
  codec: CodecImplementation,
  bytes: Buffer,
  start: number,
  end: number,
): unknown {
  try {
    return codec.read(bytes, start, end)
  } catch {
    return copyOf(bytes, start, end)
  }
}

function droppedOperation(page: PageReader, family: string): AnyChange {
  const [bytes, base] = own(page)
  const key = bytes.subarray(0, page.keyEnd - base)
  const second = bytes.subarray(page.secondStart - base)
  switch (page.type) {
    case ChangeType.put:
      return { type: 'put', family, key, value: second, dropped: true }
    case ChangeType.merge:
      return { type: 'merge', family, key, operand: second, dropped: true }
    case ChangeType.delete:
      return { type: 'delete', family, key, dropped: true }
    default:
      return { type: 'deleteRange', family, begin: key, end: second, dropped: true }
  }
}
