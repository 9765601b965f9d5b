/** The types of column families, as their codecs make them, and of operations on them. */
import type { ColumnFamily } from './column-family'
import type { AnyCodec, Bytes, Decoded, Encodable } from './types/codecs'

type CodecOf<S, Side extends 'key' | 'value'> =
  S extends Record<Side, infer C> ? (C extends AnyCodec ? C : 'buffer') : 'buffer'

/** The column family that options make. */
export type FamilyFrom<S> = ColumnFamily<
  Decoded<CodecOf<S, 'key'>>,
  Decoded<CodecOf<S, 'value'>>,
  Encodable<CodecOf<S, 'key'>>,
  Encodable<CodecOf<S, 'value'>>
>

/** A family with the default codecs. */
export type BytesFamily = ColumnFamily<Buffer, Buffer, Bytes, Bytes>

/** Any column family. */
// biome-ignore lint/suspicious/noExplicitAny: a family of any type is meant
export type AnyFamily = ColumnFamily<any, any, any, any>

/** One operation of `Database.write`; without `columnFamily` it is the default family's. */
export type Operation<Key = unknown, Value = unknown> =
  | { type: 'put'; columnFamily?: AnyFamily | undefined; key: Key; value: Value }
  | { type: 'merge'; columnFamily?: AnyFamily | undefined; key: Key; operand: Value }
  | { type: 'delete'; columnFamily?: AnyFamily | undefined; key: Key }
  | { type: 'deleteRange'; columnFamily?: AnyFamily | undefined; begin: Key; end: Key }
