/** `tuple`: keys of several parts, in the order of the first, then the second, and so on. */
import { invalidType, invalidValue } from '../base/arguments'
import type { OrderedCodec, TupleCodec } from '../types/codecs'
import { type CodecImplementation, corrupt, type Prepared } from './codec'
import { codecOf } from './codecs'
import { selfDelimiting } from './delimited'
import { makeCodec } from './made'

/** The names of the parts for errors, kept for the name that was used last: `key[1]`. */
class PartNames {
  readonly #count: number
  #name: string | undefined
  #names: readonly string[] = []

  constructor(count: number) {
    this.#count = count
  }

  of(name: string): readonly string[] {
    return name === this.#name ? this.#names : this.#make(name)
  }

  #make(name: string): readonly string[] {
    this.#names = Array.from({ length: this.#count }, (_, at) => `${name}[${at}]`)
    this.#name = name
    return this.#names
  }
}

function checkArray(value: unknown, name: string, count: number): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw invalidType(name, `an Array of ${count} parts`, value)
}

/** The implementation of a tuple of self-delimiting parts. */
function tupleOf(parts: readonly CodecImplementation[]): CodecImplementation {
  const count = parts.length
  const names = new PartNames(count)
  const partAt = (at: number) => parts[at] as CodecImplementation

  function endOf(bytes: Buffer, start: number, end: number, mask: number): number {
    let at = start
    for (let i = 0; i < count; i++) at = endOfPart(partAt(i), bytes, at, end, mask)
    return at
  }

  return {
    copies: parts.every((part) => part.copies),
    prefixes: true,
    prepare(value, name) {
      const list = checkArray(value, name, count)
      if (list.length !== count) {
        throw invalidValue(name, value, `must have ${count} parts and has ${list.length}`)
      }
      const named = names.of(name)
      // Arrays that grow would have room for many more parts.
      const prepared: Prepared[] = new Array(count)
      for (let i = 0; i < count; i++) prepared[i] = partAt(i).prepare(list[i], named[i] as string)
      return prepared
    },
    guess(prepared, name) {
      const list = prepared as readonly Prepared[]
      let size = 0
      for (let i = 0; i < list.length; i++) size += partAt(i).guess(list[i] as Prepared, name)
      return size
    },
    append(sink, prepared) {
      const list = prepared as readonly Prepared[]
      for (let i = 0; i < list.length; i++) {
        const part = partAt(i)
        const each = list[i] as Prepared
        part.append(sink, each, part.guess(each, 'key'))
      }
    },
    read(bytes, start, end) {
      const values: unknown[] = new Array(count)
      let at = start
      for (let i = 0; i < count; i++) {
        const part = partAt(i)
        const stop = endOfPart(part, bytes, at, end, 0)
        values[i] = part.read(bytes, at, stop)
        at = stop
      }
      if (at !== end) throw corrupt('a tuple', 'something follows the last part')
      return values
    },
    ordered: true,
    width: 0,
    endOf,
    bounds: {
      prepare: partialOf(parts, names),
      isPartial: (prepared) => isPartial(parts, prepared),
    },
  }
}

function endOfPart(
  { width, endOf }: CodecImplementation,
  bytes: Buffer,
  start: number,
  end: number,
  mask: number,
): number {
  if (endOf !== undefined) return endOf(bytes, start, end, mask)
  const stop = start + (width as number)
  if (stop > end) throw corrupt('a tuple', 'they end within a part')
  return stop
}

/** Prepares the first parts alone; the last of them may be partial itself. */
function partialOf(
  parts: readonly CodecImplementation[],
  names: PartNames,
): (value: unknown, name: string) => Prepared {
  return (value, name) => {
    const list = checkArray(value, name, parts.length)
    const { length } = list
    if (length > parts.length) {
      const reason = `must have at most ${parts.length} parts and has ${length}`
      throw invalidValue(name, value, reason)
    }
    const named = names.of(name)
    const prepared: Prepared[] = []
    for (let i = 0; i < length; i++) {
      const part = parts[i] as CodecImplementation
      const forms = i === length - 1 ? (part.bounds ?? part) : part
      prepared.push(forms.prepare(list[i], named[i] as string))
    }
    return prepared
  }
}

function isPartial(parts: readonly CodecImplementation[], prepared: Prepared): boolean {
  const list = prepared as readonly Prepared[]
  if (list.length < parts.length) return true
  const last = parts.length - 1
  return parts[last]?.bounds?.isPartial(list[last] as Prepared) ?? false
}

/**
 * A codec of several parts: arrays with one value for each of the given codecs. Keys are in the order of the
 * first part, those with the same first part in the order of the second, and so on. In bounds of ranges, the
 * first parts alone stand for all keys that begin with them; `prefix` takes them as well.
 *
 * Fails with `ERR_INVALID_ARG_VALUE` for a codec without an order (`json`, `msgpack`) and for no part at all. A
 * codec of your own is a part if its bytes are in the order of its values.
 *
 * @example
 * ```ts
 * const columnFamilies = { orders: { key: tuple('utf8', 'uint64'), value: json<Order>() } }
 *
 * await orders.put(['eu', 5n], order)
 * for await (const [[region, number], order] of orders.entries({ prefix: ['eu'] })) {}
 * await orders.count({ gte: ['eu', 5n], lte: ['eu'] }) // from number 5 on, all of eu
 * ```
 */
export function tuple<const Parts extends readonly OrderedCodec[]>(
  ...parts: Parts
): TupleCodec<Parts> {
  if (parts.length === 0) throw invalidValue('parts', parts, 'must be one or more')
  const made = parts.map((part, at) => {
    const name = `parts[${at}]`
    if (part === undefined) throw invalidType(name, 'a codec', part)
    return selfDelimiting(codecOf(name, part, 'key'), name, part)
  })
  const implementation = tupleOf(made)
  return makeCodec(() => implementation) as unknown as TupleCodec<Parts>
}
