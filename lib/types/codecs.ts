/** Codecs, and the types that they take and return. */

/** What a byte string may be given as: raw bytes, or text that is taken as UTF-8. */
export type Bytes = Uint8Array | string

/**
 * A codec of your own. `encode` must be deterministic for keys, and must order them as their bytes
 * order, where ranges are to make sense. `decode` may keep the buffer that it gets.
 */
export interface Codec<Out, In = Out> {
  encode(value: In): Uint8Array | string
  decode(bytes: Buffer): Out
}

/**
 * The codecs that have a name. `buffer` (default): a `Uint8Array`, or a string as UTF-8, in, and a
 * `Buffer` out. `utf8`: strings. `json`: what `JSON.stringify` can write. `uint32`: integers, and
 * `uint64`: bigints, both big-endian, so that keys are in numeric order.
 */
export type NamedCodec = 'buffer' | 'utf8' | 'json' | 'uint32' | 'uint64'

declare const carried: unique symbol

/** The `'json'` codec, with the type of its values: `value: 'json' as Json<User>`. */
export type Json<T> = 'json' & { readonly [carried]: T }

/** Any codec. */
// biome-ignore lint/suspicious/noExplicitAny: a codec of any type is meant
export type AnyCodec = NamedCodec | Json<any> | Codec<any, any>

/** What a codec gives back. */
export type Decoded<C> =
  C extends Json<infer T>
    ? T
    : C extends { decode(bytes: Buffer): infer T }
      ? T
      : C extends 'buffer'
        ? Buffer
        : C extends 'utf8'
          ? string
          : C extends 'uint32'
            ? number
            : C extends 'uint64'
              ? bigint
              : unknown

/** What a codec takes. */
export type Encodable<C> = C extends 'buffer'
  ? Bytes
  : C extends { encode(value: infer T): Uint8Array | string }
    ? T
    : Decoded<C>
