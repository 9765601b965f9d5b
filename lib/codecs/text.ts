/** The codec `'utf8'`, and text for other codecs. */
import { isUtf8 } from 'node:buffer'
import { invalidType, wellFormed } from '../base/arguments'
import { viewOf } from '../native/buffers'
import { type CodecImplementation, corrupt } from './codec'

interface SliceableBuffer extends Buffer {
  /** `toString('utf8', start, end)` without looking up the encoding. */
  utf8Slice(start: number, end: number): string
}

const sliceText =
  typeof (Buffer.prototype as Partial<SliceableBuffer>).utf8Slice === 'function'
    ? (bytes: Buffer, start: number, end: number) =>
        (bytes as SliceableBuffer).utf8Slice(start, end)
    : (bytes: Buffer, start: number, end: number) => bytes.toString('utf8', start, end)

/**
 * Decodes UTF-8 and refuses ill-formed bytes. These decode to U+FFFD, as does a real one, so only
 * text with it needs a check.
 */
export function readText(bytes: Buffer, start: number, end: number): string {
  const text = sliceText(bytes, start, end)
  if (text.includes('\ufffd') && !isUtf8(viewOf(bytes, start, end))) {
    throw corrupt('utf8', 'they are ill-formed')
  }
  return text
}

/** `'utf8'`: text. */
export const utf8: CodecImplementation = {
  copies: true,
  prefixes: true,
  prepare(value, name) {
    if (typeof value !== 'string') throw invalidType(name, 'a string', value)
    return wellFormed(name, value)
  },
  guess: (prepared) => (prepared as string).length,
  append: (sink, prepared) => sink.text(prepared as string),
  read: readText,
  ordered: true,
  width: 0,
  endOf: undefined,
  bounds: undefined,
}
