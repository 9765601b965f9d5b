/** Looks codecs up by name, and wraps those of users. */
import { invalidType, invalidValue } from '../base/arguments'
import type { Codec } from '../types/codecs'
import { boolean } from './booleans'
import { buffer, custom } from './bytes'
import type { CodecImplementation } from './codec'
import { counterCodec, isCounter } from './counter'
import { date } from './dates'
import { float64, float64Key } from './floats'
import { int32, int64, uint32, uint64 } from './integers'
import { jsonCodec } from './json'
import { madeImplementation, type Side } from './made'
import { utf8 } from './text'
import { uuid } from './uuids'

type Named = Readonly<Record<string, CodecImplementation>>

const values: Named = Object.assign(Object.create(null), {
  buffer,
  utf8,
  json: jsonCodec,
  int32,
  uint32,
  int64,
  uint64,
  float64,
  date,
  boolean,
  uuid,
})
const keys: Named = Object.assign(Object.create(null), values, { float64: float64Key })

/**
 * The implementation of a codec option; `side` says whether it is for keys or values, `name` is the
 * option's name. `this` of `encode` and `decode` is the user's codec.
 */
export function codecOf(name: string, codec: unknown, side: Side): CodecImplementation {
  if (codec === undefined) return buffer
  if (isCounter(codec)) {
    if (side === 'value') return counterCodec
    throw invalidValue(name, 'counter()', 'must be a codec of keys, and counter() is one of values')
  }
  if (typeof codec === 'string') {
    const implementation = (side === 'key' ? keys : values)[codec]
    if (implementation !== undefined) return implementation
    throw invalidValue(name, codec, `must be one of ${Object.keys(keys).join(', ')}, or a codec`)
  }
  if (typeof codec !== 'object' || codec === null) {
    throw invalidType(name, 'the name of a codec or { encode, decode }', codec)
  }
  const made = madeImplementation(codec, side)
  if (made !== undefined) return made
  const { encode, decode } = codec as Partial<Codec<unknown>>
  if (typeof encode !== 'function') throw invalidType(`${name}.encode`, 'a function', encode)
  if (typeof decode !== 'function') throw invalidType(`${name}.decode`, 'a function', decode)
  return custom(
    { encode: (value) => encode.call(codec, value), decode: (bytes) => decode.call(codec, bytes) },
    side === 'key',
  )
}
