/** `'date'`: milliseconds since 1970 in 64 bits, big-endian, with the sign flipped. */
import { types } from 'node:util'
import { invalidType, invalidValue } from '../base/arguments'
import { type CodecImplementation, corrupt } from './codec'
import { appendWords, checkWidth, highOf, lowOf, SIGN } from './words'

const { isDate } = types
const { getTime } = Date.prototype
/** What a Date can be, either way. */
const MOST_MS = 8.64e15
const WORD = 2 ** 32

/** `'date'`: Dates. */
export const date: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    if (!isDate(value)) throw invalidType(name, 'a Date', value)
    const time = getTime.call(value)
    if (Number.isNaN(time)) {
      throw invalidValue(name, value, 'must be a valid Date, at most 8.64e15 ms away from 1970')
    }
    return time
  },
  guess: () => 8,
  append(sink, prepared) {
    const time = prepared as number
    appendWords(sink, Math.floor(time / WORD) ^ SIGN, time | 0)
  },
  read(bytes, start, end) {
    checkWidth('date', 8, end - start)
    const time = (highOf(bytes, start) ^ SIGN) * WORD + (lowOf(bytes, start) >>> 0)
    if (Math.abs(time) > MOST_MS) throw corrupt('date', 'no Date is that far away from 1970')
    return new Date(time)
  },
  ordered: true,
  width: 8,
  endOf: undefined,
  bounds: undefined,
}
