/** Values as commands print them. */
import { decode, jsonMember, show } from '../formats/decode'
import type { Format, Side } from '../formats/format'
import { AUTO } from '../formats/names'
import { printable, printableLines } from '../formats/printable'
import { bytesText } from './render'
import { manyText } from './words'

/** Of a larger value no more than its beginning is shown where it is not asked for in full. */
export const CUT_BYTES = 64 * 1024
/** JavaScript has no longer texts; hexadecimal has two characters a byte. */
const LONGEST_BYTES = 200_000_000

/** Counts what is not of its format, and is shown in hexadecimal therefore. */
export class Undecoded {
  #key = 0
  #value = 0

  note(side: Side): void {
    if (side === 'key') this.#key++
    else this.#value++
  }

  /** A line for people; '' where all is of its format. */
  text(key: Format, value: Format): string {
    const of = (count: number, side: Side, { name }: Format) =>
      count === 0 ? [] : [`${manyText(count, side)} that ${count === 1 ? 'is' : 'are'} not ${name}`]
    const texts = [...of(this.#key, 'key', key), ...of(this.#value, 'value', value)]
    return texts.length === 0 ? '' : `in hexadecimal: ${texts.join(', ')}\n`
  }
}

/** A key on one line. */
export function keyLine(format: Format, bytes: Buffer, undecoded: Undecoded): string {
  const { text, problem } = show(format, bytes)
  if (problem !== undefined) undecoded.note('key')
  return text
}

/** A value on one line, the beginning alone of those that are long. */
export function lineOf(
  format: Format,
  bytes: Buffer,
  full: boolean,
  undecoded?: Undecoded,
): string {
  if (full || bytes.length <= CUT_BYTES) {
    if (bytes.length > LONGEST_BYTES) return tooLong(bytes)
    const { text, problem } = show(format, bytes)
    if (problem !== undefined) undecoded?.note('value')
    return text
  }
  return `${beginning(bytes)}… (${bytesText(bytes.length)})`
}

/** The first bytes of a long value, which is no value of its format any more. */
function beginning(bytes: Buffer): string {
  const part = bytes.subarray(0, CUT_BYTES)
  const text = new TextDecoder('utf-8').decode(part, { stream: true })
  return text.includes('\ufffd') || /(?![\t\n\r])\p{Cc}/u.test(text)
    ? `0x${part.toString('hex')}`
    : printable(text)
}

const tooLong = (bytes: Buffer) =>
  `(${bytesText(bytes.length)}: too long for a text; --raw gives it)`

/** A member of a row in JSON; a value that is too long for a text is left out, with its size. */
export function memberOf(
  name: Side,
  format: Format,
  bytes: Buffer,
  undecoded?: Undecoded,
): Record<string, unknown> {
  if (bytes.length > LONGEST_BYTES)
    return { [`${name}Bytes`]: bytes.length, [`${name}Omitted`]: true }
  const member = jsonMember(name, format, bytes)
  if (format.name !== AUTO && !(name in member)) undecoded?.note(name)
  return member
}

/** A whole value for people: JSON on many lines, and text with its own lines. */
export function wholeOf(format: Format, bytes: Buffer, undecoded: Undecoded): string {
  if (bytes.length > LONGEST_BYTES) return tooLong(bytes)
  const { value, problem } = decode(format, bytes)
  if (problem === undefined && (format.name === 'json' || format.name === 'msgpack')) {
    return printableLines(JSON.stringify(format.json(value), undefined, 2))
  }
  if (problem === undefined && typeof value === 'string') return printableLines(value)
  return lineOf(format, bytes, true, undecoded)
}
