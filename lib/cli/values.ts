/** Values as commands print them. */
import { decode, jsonMember, show } from '../formats/decode'
import type { Format } from '../formats/format'
import { printable, printableLines } from '../formats/printable'
import { bytesText } from './render'

/** Of a larger value no more than its beginning is shown where it is not asked for in full. */
export const CUT_BYTES = 64 * 1024
/** JavaScript has no longer texts; hexadecimal has two characters a byte. */
const LONGEST_BYTES = 200_000_000

/** Bytes on one line, the beginning alone of those that are long. */
export function lineOf(format: Format, bytes: Buffer, full: boolean): string {
  if (full || bytes.length <= CUT_BYTES) {
    return bytes.length <= LONGEST_BYTES ? show(format, bytes).text : tooLong(bytes)
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
export function memberOf(name: string, format: Format, bytes: Buffer): Record<string, unknown> {
  if (bytes.length > LONGEST_BYTES)
    return { [`${name}Bytes`]: bytes.length, [`${name}Omitted`]: true }
  return jsonMember(name, format, bytes)
}

/** A whole value for people: JSON on many lines, and text with its own lines. */
export function wholeOf(format: Format, bytes: Buffer): string {
  if (bytes.length > LONGEST_BYTES) return tooLong(bytes)
  const { value, problem } = decode(format, bytes)
  if (problem === undefined && (format.name === 'json' || format.name === 'msgpack')) {
    return printableLines(JSON.stringify(format.json(value), undefined, 2))
  }
  if (problem === undefined && typeof value === 'string') return printableLines(value)
  return show(format, bytes).text
}
