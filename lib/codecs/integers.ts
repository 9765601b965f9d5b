/**
 * The codecs of integers: big-endian, and the sign flipped where there is one, so that bytes order as
 * numbers do.
 */
import { invalidType, outOfRange } from '../base/arguments'
import { type CodecImplementation, corrupt } from './codec'
import { appendWords, checkWidth, highOf, lowOf, SIGN, signed, words } from './words'

/** `'uint32'`: numbers. */
export const uint32: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    if (typeof value !== 'number') throw invalidType(name, 'an integer', value)
    if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value)
    if (value < 0 || value > 0xffffffff) throw outOfRange(name, '>= 0 && <= 4294967295', value)
    return value
  },
  guess: () => 4,
  append(sink, prepared) {
    sink.reserve(4)
    const value = prepared as number
    const { buffer: target, length } = sink
    target[length] = value >>> 24
    target[length + 1] = value >>> 16
    target[length + 2] = value >>> 8
    target[length + 3] = value
    sink.length = length + 4
  },
  read(bytes, start, end) {
    if (end - start !== 4) throw corrupt('uint32', `they are ${end - start} and not 4`)
    return bytes.readUInt32BE(start)
  },
  ordered: true,
  width: 4,
  endOf: undefined,
  bounds: undefined,
}

/** `'int32'`: numbers. */
export const int32: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    if (typeof value !== 'number') throw invalidType(name, 'an integer', value)
    if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value)
    if (value < -0x80000000 || value > 0x7fffffff)
      throw outOfRange(name, '>= -2147483648 && <= 2147483647', value)
    return value
  },
  guess: () => 4,
  append(sink, prepared) {
    uint32.append(sink, ((prepared as number) ^ SIGN) >>> 0, 4)
  },
  read(bytes, start, end) {
    checkWidth('int32', 4, end - start)
    return highOf(bytes, start) ^ SIGN
  },
  ordered: true,
  width: 4,
  endOf: undefined,
  bounds: undefined,
}

/**
 * Six times as fast as Buffer's methods for 64-bit integers. Little-endian, as all supported
 * platforms are.
 */
const wide = new BigUint64Array(1)
const wideBytes = new Uint8Array(wide.buffer)

/** The error for what is no bigint; says how to make one of a number. */
export function noBigint(name: string, value: unknown): Error {
  const hint = typeof value === 'number' ? ', as 1n or BigInt(1) is' : ''
  return invalidType(name, `a bigint${hint}`, value)
}

/** `'uint64'`: bigints. */
export const uint64: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    if (typeof value !== 'bigint') throw noBigint(name, value)
    if (BigInt.asUintN(64, value) !== value) throw outOfRange(name, '>= 0n && < 2n ** 64n', value)
    return value
  },
  guess: () => 8,
  append(sink, prepared) {
    sink.reserve(8)
    wide[0] = prepared as bigint
    const { buffer: target, length } = sink
    for (let i = 0; i < 8; i++) target[length + i] = wideBytes[7 - i] as number
    sink.length = length + 8
  },
  read(bytes, start, end) {
    if (end - start !== 8) throw corrupt('uint64', `they are ${end - start} and not 8`)
    for (let i = 0; i < 8; i++) wideBytes[7 - i] = bytes[start + i] as number
    return wide[0]
  },
  ordered: true,
  width: 8,
  endOf: undefined,
  bounds: undefined,
}

/** `'int64'`: bigints. */
export const int64: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    if (typeof value !== 'bigint') throw noBigint(name, value)
    if (BigInt.asIntN(64, value) !== value)
      throw outOfRange(name, '>= -(2n ** 63n) && < 2n ** 63n', value)
    return value
  },
  guess: () => 8,
  append(sink, prepared) {
    signed[0] = prepared as bigint
    appendWords(sink, (words[1] as number) ^ SIGN, words[0] as number)
  },
  read(bytes, start, end) {
    checkWidth('int64', 8, end - start)
    words[0] = lowOf(bytes, start)
    words[1] = highOf(bytes, start) ^ SIGN
    return signed[0]
  },
  ordered: true,
  width: 8,
  endOf: undefined,
  bounds: undefined,
}
