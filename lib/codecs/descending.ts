/** `descending`: another codec's bytes complemented, so that order is reversed. */
import { invalidType } from '../base/arguments'
import { kept } from '../native/buffers'
import type { Codec, Decoded, Encodable, OrderedCodec } from '../types/codecs'
import { type CodecImplementation, corrupt } from './codec'
import { codecOf } from './codecs'
import { selfDelimiting } from './delimited'
import { makeCodec } from './made'

const ALL = 0xff

/** Values of a fixed width are complemented here: no user code reads them. */
const fixed = Buffer.alloc(16)

function complement(target: Buffer, bytes: Buffer, start: number, end: number): Buffer {
  for (let i = start; i < end; i++) target[i - start] = (bytes[i] as number) ^ ALL
  return target
}

function descendingOf(inner: CodecImplementation): CodecImplementation {
  const { width = 0, endOf } = inner
  return {
    copies: true,
    prefixes: inner.bounds !== undefined,
    prepare: inner.prepare,
    guess: inner.guess,
    append(sink, prepared, guess) {
      const start = sink.length
      inner.append(sink, prepared, guess)
      const { buffer, length } = sink
      for (let i = start; i < length; i++) buffer[i] = (buffer[i] as number) ^ ALL
    },
    read(bytes, start, end) {
      const length = end - start
      if (width > 0) {
        if (length !== width) throw corrupt('descending', `they are ${length} and not ${width}`)
        return inner.read(complement(fixed, bytes, start, end), 0, width)
      }
      // What is read may refer to it, and belongs to the caller.
      const own = kept(Buffer.allocUnsafeSlow(length))
      return inner.read(complement(own, bytes, start, end), 0, length)
    },
    ordered: true,
    width,
    endOf: endOf && ((bytes, start, end, mask) => endOf(bytes, start, end, mask ^ ALL)),
    bounds: inner.bounds,
  }
}

/**
 * The codec with its order reversed: the newest comes first, the largest comes first. For keys, and for parts
 * of a `tuple`. Fails with `ERR_INVALID_ARG_VALUE` for a codec without an order (`json`, `msgpack`).
 *
 * @example
 * ```ts
 * const columnFamilies = { posts: { key: tuple('utf8', descending('date')), value: 'utf8' } }
 *
 * const newest = await posts.first({ prefix: ['ada'] })
 * ```
 */
export function descending<const C extends OrderedCodec>(
  codec: C,
): Codec<Decoded<C>, Encodable<C>> {
  if (codec === undefined) throw invalidType('codec', 'a codec', codec)
  const inner = selfDelimiting(codecOf('codec', codec, 'key'), 'codec', codec)
  const implementation = descendingOf(inner)
  return makeCodec(() => implementation) as Codec<Decoded<C>, Encodable<C>>
}
