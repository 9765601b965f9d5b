/** Codecs, and the types that they take and return. */

/** What a byte string may be given as: raw bytes, or text, which is encoded as UTF-8. */
export type Bytes = Uint8Array | string

/**
 * A codec of your own. `encode` must be deterministic for keys, and must order them as their bytes
 * order, where ranges are to make sense. What `decode` throws becomes the `cause` of an error with
 * `ERR_CORRUPTION`.
 *
 * @example
 * ```ts
 * const dates: Codec<Date> = {
 *   encode: (date) => date.toISOString(),
 *   decode: (bytes) => new Date(bytes.toString()),
 * }
 * ```
 */
export interface Codec<Out, In = Out> {
  /** Returns the bytes of a value, or text, which is encoded as UTF-8. */
  encode(value: In): Uint8Array | string
  /** Returns the value of bytes. May keep the buffer that it gets. */
  decode(bytes: Buffer): Out
}

/**
 * The codecs that have a name.
 *
 * - `'buffer'`, the default: takes a `Uint8Array`, or a string as UTF-8, and returns a `Buffer`.
 * - `'utf8'`: strings.
 * - `'json'`: what `JSON.stringify` can write.
 * - `'uint32'`: integers from 0 to 2³² - 1, and `'uint64'`: bigints from 0 to 2⁶⁴ - 1; both big-endian,
 *   so that keys are in numeric order.
 */
export type NamedCodec = 'buffer' | 'utf8' | 'json' | 'uint32' | 'uint64'

declare const carried: unique symbol

/** The `'json'` codec, with the type of its values: `value: 'json' as Json<User>`. */
export type Json<T> = 'json' & { readonly [carried]: T }

/** The codec of counters, for values: `counter()` returns it. */
export type Counter = 'counter' & { readonly [carried]: bigint }

/** A codec by its name, or one of your own. */
// biome-ignore lint/suspicious/noExplicitAny: a codec of any type is meant
export type AnyCodec = NamedCodec | Json<any> | Codec<any, any>

/** What a codec returns. */
export type Decoded<C> = C extends Counter
  ? bigint
  : C extends Json<infer T>
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
