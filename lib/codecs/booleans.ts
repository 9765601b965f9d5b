/** `'boolean'`: one byte, false before true. */
import { invalidType } from '../base/arguments'
import { type CodecImplementation, corrupt } from './codec'
import { checkWidth } from './words'

/** `'boolean'`: true and false. */
export const boolean: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    if (typeof value !== 'boolean') throw invalidType(name, 'a boolean', value)
    return value ? 1 : 0
  },
  guess: () => 1,
  append(sink, prepared) {
    sink.reserve(1)
    sink.buffer[sink.length++] = prepared as number
  },
  read(bytes, start, end) {
    checkWidth('boolean', 1, end - start)
    const byte = bytes[start] as number
    if (byte > 1) throw corrupt('boolean', 'they are neither 0 nor 1')
    return byte === 1
  },
  ordered: true,
  width: 1,
  endOf: undefined,
  bounds: undefined,
}
