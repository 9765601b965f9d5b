/** Codecs of bytes: `'buffer'`, and users' codecs, which produce bytes. */
import { types } from 'node:util'
import { invalidType, wellFormed } from '../base/arguments'
import { byteLengthOf, checkAttached, type Sink, viewOf } from '../native/buffers'
import type { Codec } from '../types/codecs'
import { type CodecImplementation, corrupt, type Prepared } from './codec'

const { isUint8Array } = types

function prepareBytes(value: unknown, name: string): Prepared {
  if (typeof value === 'string') return wellFormed(name, value)
  if (!isUint8Array(value)) throw invalidType(name, 'a string or a Uint8Array', value)
  return value
}

/** The number of bytes; for text possibly fewer. */
export function guessBytes(prepared: Prepared, name: string): number {
  if (typeof prepared === 'string') return prepared.length
  const size = byteLengthOf(prepared as Uint8Array)
  if (size === 0) checkAttached(name, prepared as Uint8Array)
  return size
}

/** Appends bytes, or text as UTF-8. */
export function appendBytes(sink: Sink, prepared: Prepared, size: number): void {
  if (typeof prepared === 'string') sink.text(prepared)
  else sink.bytes(prepared as Uint8Array, size)
}

/** `'buffer'`: bytes unchanged; text is encoded as UTF-8. */
export const buffer: CodecImplementation = {
  copies: false,
  prefixes: true,
  prepare: prepareBytes,
  guess: guessBytes,
  append: appendBytes,
  read: viewOf,
  ordered: true,
  width: 0,
  endOf: undefined,
  bounds: undefined,
}

/** Codecs may reuse their buffer, so keys are copied: two keys may be in use at once. */
export function custom({ encode, decode }: Codec<unknown>, isKey: boolean): CodecImplementation {
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
    ordered: true,
    width: 0,
    endOf: undefined,
    bounds: undefined,
  }
}
