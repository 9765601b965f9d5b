/** Codecs that functions of this package make: codecs like those of users, with an implementation behind. */
import { invalidThis, isObject } from '../base/receiver'
import { checkBytes, MAX_BATCH, Sink } from '../native/buffers'
import type { Codec } from '../types/codecs'
import type { CodecImplementation } from './codec'

/** What a codec is for. */
export type Side = 'key' | 'value'

const encoded = new Sink('value', MAX_BATCH, 1024)

class MadeCodec implements Codec<unknown> {
  readonly #implement: (side: Side) => CodecImplementation

  constructor(implement: (side: Side) => CodecImplementation) {
    this.#implement = implement
  }

  /** undefined of anything else. */
  static implementation(codec: object, side: Side): CodecImplementation | undefined {
    return #implement in codec ? codec.#implement(side) : undefined
  }

  static #of(receiver: unknown): CodecImplementation {
    if (!isObject(receiver) || !(#implement in receiver)) throw invalidThis('Codec', receiver)
    return receiver.#implement('value')
  }

  encode(value: unknown): Buffer {
    const codec = MadeCodec.#of(this)
    const prepared = codec.prepare(value, 'value')
    encoded.trim()
    encoded.length = 0
    codec.append(encoded, prepared, codec.guess(prepared, 'value'))
    return encoded.copy()
  }

  decode(bytes: Uint8Array): unknown {
    const codec = MadeCodec.#of(this)
    const copy = Buffer.from(checkBytes('bytes', bytes))
    return codec.read(copy, 0, copy.length)
  }
}

/** A codec for users of what `implement` gives, of which keys may be stricter than values. */
export function makeCodec(implement: (side: Side) => CodecImplementation): Codec<unknown> {
  return new MadeCodec(implement)
}

/** The implementation of a codec that `makeCodec` made; undefined of any other. */
export function madeImplementation(codec: object, side: Side): CodecImplementation | undefined {
  return MadeCodec.implementation(codec, side)
}
