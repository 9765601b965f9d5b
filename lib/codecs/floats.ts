/**
 * `'float64'`: IEEE 754 doubles, big-endian, with the sign flipped, and all bits of negative ones, so that
 * bytes order as numbers do.
 */
import { invalidType, invalidValue } from '../base/arguments'
import type { Sink } from '../native/buffers'
import { type CodecImplementation, corrupt, type Prepared } from './codec'
import { appendWords, checkWidth, floats, highOf, lowOf, SIGN, words } from './words'

function append(sink: Sink, prepared: Prepared): void {
  floats[0] = prepared as number
  const high = words[1] as number
  const low = words[0] as number
  if ((high & SIGN) !== 0) appendWords(sink, ~high, ~low)
  else appendWords(sink, high ^ SIGN, low)
}

function read(bytes: Buffer, start: number, end: number): number {
  checkWidth('float64', 8, end - start)
  const high = highOf(bytes, start)
  const low = lowOf(bytes, start)
  const negative = (high & SIGN) === 0
  words[1] = negative ? ~high : high ^ SIGN
  words[0] = negative ? ~low : low
  return floats[0] as number
}

function check(value: unknown, name: string): number {
  if (typeof value !== 'number') throw invalidType(name, 'a number', value)
  return value
}

/** As values: every number comes back as it was, NaN and -0 among them. */
export const float64: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare: check,
  guess: () => 8,
  append,
  read,
  ordered: true,
  width: 8,
  endOf: undefined,
  bounds: undefined,
}

/** As keys: NaN has no place in an order, and two numbers that are equal are one key. */
export const float64Key: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    const number = check(value, name)
    if (Number.isNaN(number)) throw invalidValue(name, value, 'must not be NaN in a key')
    // -0 + 0 is 0.
    return number + 0
  },
  guess: () => 8,
  append,
  read(bytes, start, end) {
    const number = read(bytes, start, end)
    if (Number.isNaN(number) || Object.is(number, -0)) {
      throw corrupt('float64', 'they are NaN or -0, which no key is')
    }
    return number
  },
  ordered: true,
  width: 8,
  endOf: undefined,
  bounds: undefined,
}
