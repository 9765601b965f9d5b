/** Codecs, and the types that they take and return. */
import type { SchemaIssue } from '../base/errors'

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
 * - `'int32'`, `'uint32'`: integers from -2³¹ to 2³¹ - 1, and from 0 to 2³² - 1.
 * - `'int64'`, `'uint64'`: bigints from -2⁶³ to 2⁶³ - 1, and from 0 to 2⁶⁴ - 1.
 * - `'float64'`: numbers. In keys, NaN is refused, and -0 is 0.
 * - `'date'`: Dates, to the millisecond.
 * - `'boolean'`: false, then true.
 * - `'uuid'`: the usual text of 36 characters, in 16 bytes; it comes back in lower case.
 *
 * Keys of all but `'json'` are in the order of their values: numbers and dates by size, text by its code points.
 */
export type NamedCodec = OrderedName | 'json'

type OrderedName =
  | 'buffer'
  | 'utf8'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float64'
  | 'date'
  | 'boolean'
  | 'uuid'

declare const carried: unique symbol

/** The `'json'` codec, with the type of its values: `value: 'json' as Json<User>`. */
export type Json<T> = 'json' & { readonly [carried]: T }

/** The codec of counters, for values: `counter()` returns it. */
export type Counter = 'counter' & { readonly [carried]: bigint }

/** A codec by its name, or one of your own. */
// biome-ignore lint/suspicious/noExplicitAny: a codec of any type is meant
export type AnyCodec = NamedCodec | Json<any> | Codec<any, any>

/** A codec whose bytes are in the order of its values, as `tuple` and `descending` need it. */
// biome-ignore lint/suspicious/noExplicitAny: a codec of any type is meant
export type OrderedCodec = OrderedName | Codec<any, any>

/** What the named codecs give. */
interface NamedTypes {
  buffer: Buffer
  utf8: string
  json: unknown
  int32: number
  uint32: number
  int64: bigint
  uint64: bigint
  float64: number
  date: Date
  boolean: boolean
  uuid: string
}

/** What a codec returns. */
export type Decoded<C> = C extends Counter
  ? bigint
  : C extends Json<infer T>
    ? T
    : C extends { decode(bytes: Buffer): infer T }
      ? T
      : C extends keyof NamedTypes
        ? NamedTypes[C]
        : unknown

/** What a codec takes. */
export type Encodable<C> = C extends 'buffer'
  ? Bytes
  : C extends { encode(value: infer T): Uint8Array | string }
    ? T
    : Decoded<C>

/**
 * What `schema` takes: the Standard Schema, version 1, as schemas of zod, valibot and arktype are.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What the schema is for other libraries. */
  readonly '~standard': {
    /** Of the Standard Schema. */
    readonly version: 1
    /** The schema's library. */
    readonly vendor: string
    /** Checks a value. A promise of the answer is refused: codecs are synchronous. */
    readonly validate: (value: unknown) => SchemaResult<Output> | PromiseLike<SchemaResult<Output>>
    /** Types alone; not there when running. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a schema answers: the value as it is to be written, or what is wrong. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** A schema of anything. */
// biome-ignore lint/suspicious/noExplicitAny: a schema of any type is meant
export type AnySchema = StandardSchema<any, any>

/** What a schema takes. */
export type SchemaInput<S extends AnySchema> = NonNullable<S['~standard']['types']>['input']

/** What a schema gives. */
export type SchemaOutput<S extends AnySchema> = NonNullable<S['~standard']['types']>['output']

/** What `schema` makes: it takes what the schema takes, and returns what the codec does. */
export type SchemaCodec<S extends AnySchema, C extends AnyCodec> = Codec<
  unknown extends Decoded<C> ? SchemaOutput<S> : Decoded<C>,
  SchemaInput<S>
>

/** What the codec `ordered()` takes: a primitive, or an array of two or more. */
export type OrderedKey = OrderedPrimitive | readonly OrderedPrimitive[]

/** What a part of an `OrderedKey` is. */
export type OrderedPrimitive = null | boolean | number | bigint | string

/** What `tuple` makes of the codecs of its parts. */
export type TupleCodec<Parts extends readonly OrderedCodec[]> = Codec<
  { -readonly [At in keyof Parts]: Decoded<Parts[At]> },
  { readonly [At in keyof Parts]: Encodable<Parts[At]> }
>

/**
 * The first parts of a key that is a tuple, which stand for all keys that begin with them: of
 * `readonly [string, bigint]`, `readonly [string]` and `readonly []`. `never` of any other key.
 */
export type PartialKey<K> = 0 extends 1 & K
  ? never
  : K extends readonly [...infer First, infer Last]
    ? readonly [...First] | PartialKey<readonly [...First]> | EndsPartial<First, Last>
    : never

/** What a bound of a range takes: a key, or the first parts of one. */
export type BoundKey<K> = K | PartialKey<K>

/** The last part is a tuple itself, and not whole. */
type EndsPartial<First extends readonly unknown[], Last> = [PartialKey<Last>] extends [never]
  ? never
  : readonly [...First, PartialKey<Last>]
