/**
 * How values of varying length stand inside of tuples, and complemented: the byte 00 ends them, and inside
 * of them 00 becomes 01 01 and 01 becomes 01 02. Order stays, and no value is the beginning of another.
 */
import { invalidValue } from '../base/arguments'
import type { Sink } from '../native/buffers'
import { type CodecImplementation, corrupt } from './codec'

const WHAT = 'a part of a tuple'

/** Escapes what was appended since `start`. */
function addEscapes(sink: Sink, start: number): void {
  const { buffer, length } = sink
  let escapes = 0
  for (let i = start; i < length; i++) if ((buffer[i] as number) <= 1) escapes++
  if (escapes > 0) widen(sink, start, escapes)
}

function widen(sink: Sink, start: number, escapes: number): void {
  sink.reserve(escapes)
  const { buffer, length } = sink
  let to = length + escapes
  sink.length = to
  for (let from = length - 1; from >= start; from--) {
    const byte = buffer[from] as number
    if (byte > 1) buffer[--to] = byte
    else {
      buffer[--to] = byte + 1
      buffer[--to] = 1
    }
  }
}

/** Up to this many characters a loop is faster than what follows. */
const SHORT_TEXT = 24

/** Appends short ASCII text that needs no escape, and its end; false if the text is another. */
function appendPlain(sink: Sink, text: string): boolean {
  const size = text.length
  if (size > SHORT_TEXT) return false
  sink.reserve(size + 1)
  const { buffer, length } = sink
  for (let i = 0; i < size; i++) {
    const unit = text.charCodeAt(i)
    if (unit <= 1 || unit > 0x7f) return false
    buffer[length + i] = unit
  }
  buffer[length + size] = 0
  sink.length = length + size + 1
  return true
}

/** A copy without the escapes. */
function withoutEscapes(bytes: Buffer, start: number, end: number): Buffer {
  const plain = Buffer.allocUnsafeSlow(end - start)
  let length = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    if (byte === 0) throw corrupt(WHAT, 'something follows its end')
    if (byte !== 1) {
      plain[length++] = byte
      continue
    }
    const escaped = i + 1 < end ? bytes[++i] : undefined
    if (escaped !== 1 && escaped !== 2) throw corrupt(WHAT, 'they have a wrong escape')
    plain[length++] = escaped - 1
  }
  return plain.subarray(0, length)
}

/** The codec in that form. */
function delimited(codec: CodecImplementation): CodecImplementation {
  return {
    copies: codec.copies,
    prefixes: false,
    prepare: codec.prepare,
    guess: (prepared, name) => codec.guess(prepared, name) + 1,
    append(sink, prepared, guess) {
      if (typeof prepared === 'string' && appendPlain(sink, prepared)) return
      const start = sink.length
      codec.append(sink, prepared, guess - 1)
      addEscapes(sink, start)
      sink.zero()
    },
    read(bytes, start, end) {
      const last = end - 1
      if (last < start || bytes[last] !== 0) throw corrupt(WHAT, 'they do not end')
      for (let i = start; i < last; i++) {
        if ((bytes[i] as number) > 1) continue
        const plain = withoutEscapes(bytes, start, last)
        return codec.read(plain, 0, plain.length)
      }
      return codec.read(bytes, start, last)
    },
    ordered: true,
    width: 0,
    endOf(bytes, start, end, mask) {
      for (let i = start; i < end; i++) if (bytes[i] === mask) return i + 1
      throw corrupt(WHAT, 'they do not end')
    },
    bounds: undefined,
  }
}

/**
 * The codec in a form of which bytes say where it ends. Refuses codecs that have no order; `name` is the
 * argument's.
 */
export function selfDelimiting(
  codec: CodecImplementation,
  name: string,
  given: unknown,
): CodecImplementation {
  if (codec.ordered !== true) {
    const reason = 'must be a codec whose bytes are in the order of its values, and is not'
    throw invalidValue(name, given, reason)
  }
  return codec.width || codec.endOf !== undefined ? codec : delimited(codec)
}
