/**
 * The codecs. Encoding has two steps: `prepare` checks the value and runs all the code of the user's
 * that is to run; `append` then moves bytes and can only fail for want of room.
 */
import { isUtf8 } from 'node:buffer'
import { types } from 'node:util'
import { invalidType, invalidValue, outOfRange, wellFormed } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { byteLengthOf, checkAttached, type Sink, viewOf } from '../native/buffers'
import type { Codec, Json } from '../types/types'

const { isUint8Array } = types

/** A value that is ready to be appended. */
export type Prepared = string | Uint8Array | number | bigint

/** A codec as this package uses it. */
export interface CodecImplementation {
  /** Whether what `read` gives is free of the bytes it was read from. */
  readonly copies: boolean
  /** Whether a prefix of an encoded key means something. */
  readonly prefixes: boolean
  /** Checks a value, and runs the user's code for it. `name` is the argument's. */
  prepare(value: unknown, name: string): Prepared
  /** Bytes that `append` will add; of text, or somewhat fewer. Refuses bytes that are detached. */
  guess(prepared: Prepared, name: string): number
  /** `guess` is what that gave, and nothing has run since. */
  append(sink: Sink, prepared: Prepared, guess: number): void
  /** Decodes bytes; throws `ERR_CORRUPTION` where they cannot be of this codec. */
  read(bytes: Buffer, start: number, end: number): unknown
}

/** The `'json'` codec with the type of its values: `value: json<User>()`. */
export function json<T>(): Json<T> {
  return 'json' as Json<T>
}

function corrupt(codec: string, problem: string, cause?: unknown): RocksDBError {
  const message = `stored bytes are not ${codec}: ${problem}`
  return new RocksDBError(message, { code: 'ERR_CORRUPTION', cause })
}

function prepareBytes(value: unknown, name: string): Prepared {
  if (typeof value === 'string') return wellFormed(name, value)
  if (!isUint8Array(value)) throw invalidType(name, 'a string or a Uint8Array', value)
  return value
}

function guessBytes(prepared: Prepared, name: string): number {
  if (typeof prepared === 'string') return prepared.length
  const size = byteLengthOf(prepared as Uint8Array)
  if (size === 0) checkAttached(name, prepared as Uint8Array)
  return size
}

function appendBytes(sink: Sink, prepared: Prepared, size: number): void {
  if (typeof prepared === 'string') sink.text(prepared)
  else sink.bytes(prepared as Uint8Array, size)
}

interface SliceableBuffer extends Buffer {
  /** `toString('utf8', start, end)` without the look-up of the encoding. */
  utf8Slice(start: number, end: number): string
}

const sliceText =
  typeof (Buffer.prototype as Partial<SliceableBuffer>).utf8Slice === 'function'
    ? (bytes: Buffer, start: number, end: number) =>
        (bytes as SliceableBuffer).utf8Slice(start, end)
    : (bytes: Buffer, start: number, end: number) => bytes.toString('utf8', start, end)

/** Text, where the bytes are UTF-8: only ill-formed bytes or a real U+FFFD read as U+FFFD. */
function readText(bytes: Buffer, start: number, end: number): string {
  const text = sliceText(bytes, start, end)
  if (text.includes('\ufffd') && !isUtf8(viewOf(bytes, start, end))) {
    throw corrupt('utf8', 'they are ill-formed')
  }
  return text
}

const buffer: CodecImplementation = {
  copies: false,
  prefixes: true,
  prepare: prepareBytes,
  guess: guessBytes,
  append: appendBytes,
  read: viewOf,
}

const utf8: CodecImplementation = {
  copies: true,
  prefixes: true,
  prepare(value, name) {
    if (typeof value !== 'string') throw invalidType(name, 'a string', value)
    return wellFormed(name, value)
  },
  guess: (prepared) => (prepared as string).length,
  append: (sink, prepared) => sink.text(prepared as string),
  read: readText,
}

const jsonCodec: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    let text: string | undefined
    try {
      text = JSON.stringify(value)
    } catch (cause) {
      const error = invalidValue(name, value, 'cannot be written as JSON')
      throw Object.defineProperty(error, 'cause', { value: cause, writable: true })
    }
    if (text === undefined) throw invalidType(name, 'a value that JSON has', value)
    return text
  },
  guess: (prepared) => (prepared as string).length,
  append: (sink, prepared) => sink.text(prepared as string),
  read(bytes, start, end) {
    const text = readText(bytes, start, end)
    try {
      return JSON.parse(text)
    } catch {
      throw corrupt('json', 'they do not parse')
    }
  },
}

const uint32: CodecImplementation = {
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
}

/** Faster than Buffer's methods for 64-bit integers, by a factor of six. Little-endian, as Node is. */
const wide = new BigUint64Array(1)
const wideBytes = new Uint8Array(wide.buffer)

const uint64: CodecImplementation = {
  copies: true,
  prefixes: false,
  prepare(value, name) {
    if (typeof value !== 'bigint') throw invalidType(name, 'a bigint', value)
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
}

/** Codecs may use a buffer of theirs again, so keys, which can meet another key, are copied. */
function custom({ encode, decode }: Codec<unknown>, isKey: boolean): CodecImplementation {
  return {
    copies: false,
    prefixes: true,
    prepare(value, name) {
      const encodedName = `${name} that the codec encoded`
      const encoded = prepareBytes(encode(value), encodedName)
      if (!isKey || typeof encoded === 'string') return encoded
      const copy = Buffer.allocUnsafe(guessBytes(encoded, encodedName))
      copy.set(encoded as Uint8Array)
      return copy
    },
    guess: guessBytes,
    append: appendBytes,
    read(bytes, start, end) {
      const view = viewOf(bytes, start, end)
      try {
        return decode(view)
      } catch (cause) {
        throw corrupt('what the codec decodes', 'it threw', cause)
      }
    },
  }
}

const named: Record<string, CodecImplementation> = Object.assign(Object.create(null), {
  buffer,
  utf8,
  json: jsonCodec,
  uint32,
  uint64,
})

/**
 * The implementation of a codec option; `side` says what it is of, `name` how it was given. `this` of
 * `encode` and `decode` is the codec that was given.
 */
export function codecOf(name: string, codec: unknown, side: 'key' | 'value'): CodecImplementation {
  if (codec === undefined) return buffer
  if (typeof codec === 'string') {
    const implementation = named[codec]
    if (implementation !== undefined) return implementation
    throw invalidValue(name, codec, `must be one of ${Object.keys(named).join(', ')}, or a codec`)
  }
  if (typeof codec !== 'object' || codec === null) {
    throw invalidType(name, 'the name of a codec or { encode, decode }', codec)
  }
  const { encode, decode } = codec as Partial<Codec<unknown>>
  if (typeof encode !== 'function') throw invalidType(`${name}.encode`, 'a function', encode)
  if (typeof decode !== 'function') throw invalidType(`${name}.decode`, 'a function', decode)
  return custom(
    { encode: (value) => encode.call(codec, value), decode: (bytes) => decode.call(codec, bytes) },
    side === 'key',
  )
}
