/** `'uuid'`: the usual text of 36 characters in 16 bytes. */
import { invalidType, invalidValue } from '../base/arguments'
import type { CodecImplementation } from './codec'
import { checkWidth } from './words'

const TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Where the two digits of each byte are. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]

/** What a hexadecimal digit says. */
function digit(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return (unit & 0xf) + (unit > 0x39 ? 9 : 0)
}

/** `'uuid'`: text in either case, which comes back in lower case. */
export const uuid: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    if (typeof value !== 'string') throw invalidType(name, 'a UUID, which is a string', value)
    if (!TEXT.test(value)) {
      throw invalidValue(name, value, 'must be a UUID like 6c84fb90-12c4-11e1-840d-7b25c5ee775a')
    }
    return value
  },
  guess: () => 16,
  append(sink, prepared) {
    sink.reserve(16)
    const text = prepared as string
    const { buffer, length } = sink
    for (let i = 0; i < 16; i++) {
      const at = PLACES[i] as number
      buffer[length + i] = (digit(text, at) << 4) | digit(text, at + 1)
    }
    sink.length = length + 16
  },
  read(bytes, start, end) {
    checkWidth('uuid', 16, end - start)
    const hex = bytes.toString('hex', start, end)
    const [time, low, high] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16)]
    return `${time}-${low}-${high}-${hex.slice(16, 20)}-${hex.slice(20)}`
  },
  ordered: true,
  width: 16,
  endOf: undefined,
  bounds: undefined,
}
