/** How keys and values are written as text: on command lines, in tables, in JSON. */
import type { CodecImplementation } from '../codecs/codec'
import { makeCodec } from '../codecs/made'
import type { Codec } from '../types/codecs'

/** What a format is for. */
export type Side = 'key' | 'value'

/** A text that no format, or no value of a format, is written as. */
export class FormatError extends Error {}

/** The text form of a codec. */
export interface Format {
  /** As it is written on a command line: `utf8`, `tuple:utf8,uint64`. */
  readonly name: string
  /** For `columnFamilies`, or for `db.columnFamily(name, { key })`; has `encode` and `decode` of its own. */
  readonly codec: Codec<unknown>
  /**
   * As `codec`, but what is read comes as the bytes that are stored, so that rows that do not decode can be
   * shown. Bounds of ranges that are the first parts of a tuple are taken as well.
   */
  readonly raw: Codec<Buffer, unknown>
  /** The value that a text stands for; a FormatError says what is wrong with it. */
  parse(text: string): unknown
  /** As `parse`; of tuples also the first parts alone. For bounds of ranges. */
  parseBound(text: string): unknown
  /** The value as text: what `parse` takes back, where it is short. May have control characters. */
  text(value: unknown): string
  /** The value as JSON has it: 64-bit integers as text, dates in ISO 8601, bytes as hexadecimal text. */
  json(value: unknown): unknown
}

/** What a format consists of besides its codec. */
export type Words = Pick<Format, 'name' | 'parse' | 'text' | 'json'> &
  Partial<Pick<Format, 'parseBound'>>

/** A format of the words and of an implementation. */
export function formatFrom(words: Words, implementation: CodecImplementation): Format {
  return {
    parseBound: words.parse,
    ...words,
    codec: makeCodec(() => implementation),
    raw: makeCodec(() => ({
      ...implementation,
      copies: true,
      read: (bytes, start, end) => Buffer.from(bytes.subarray(start, end)),
    })) as Codec<Buffer, unknown>,
  }
}
