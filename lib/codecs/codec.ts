/**
 * The interface of every codec. Encoding has two steps: `prepare` checks the value and runs all
 * user code; `append` then copies bytes and can only fail for lack of room.
 */
import { RocksDBError } from '../base/errors'
import type { Sink } from '../native/buffers'

/** A value that expires, ready to be appended. */
export interface Enveloped {
  /** Milliseconds since 1970; 0 for never. */
  readonly expiresAtMs: number
  readonly payload: Prepared
}

/** A value that is ready to be appended; one of a tuple is the list of its parts. */
export type Prepared = string | Uint8Array | number | bigint | Enveloped | readonly Prepared[]

/** Bounds of ranges, of codecs whose keys have parts: they take the first parts alone as well. */
export interface BoundForms {
  /** Like `prepare`. */
  prepare(value: unknown, name: string): Prepared
  /** Whether it stands for all keys that begin with its bytes, as opposed to one key. */
  isPartial(prepared: Prepared): boolean
}

/** A codec as used inside this package. */
export interface CodecImplementation {
  /** Whether the results of `read` are independent of the bytes they were read from. */
  readonly copies: boolean
  /** Whether a prefix of an encoded key is meaningful. */
  readonly prefixes: boolean
  /** Checks a value, and runs the user's code for it. `name` is the argument's name. */
  prepare(value: unknown, name: string): Prepared
  /**
   * The number of bytes that `append` will add; for text possibly fewer. Refuses detached bytes.
   */
  guess(prepared: Prepared, name: string): number
  /** `guess` is the result of `guess()`; nothing may run in between. */
  append(sink: Sink, prepared: Prepared, guess: number): void
  /** Decodes bytes; throws `ERR_CORRUPTION` if they are not valid for this codec. */
  read(bytes: Buffer, start: number, end: number): unknown
  /** Whether bytes are in the order of the values. False where not given. */
  readonly ordered?: boolean
  /** The number of bytes of every value. 0, the default, where they vary. */
  readonly width?: number
  /**
   * Only where the bytes vary and say themselves where they end, so that no value's are the beginning of
   * another's: the end of the value that begins at `start`. `mask` is what the bytes were XORed with.
   * Throws `ERR_CORRUPTION` if there is none up to `end`.
   */
  readonly endOf?: ((bytes: Buffer, start: number, end: number, mask: number) => number) | undefined
  /** undefined where a bound is a whole key. */
  readonly bounds?: BoundForms | undefined
}

/** The error for bytes that are not valid for a codec. */
export function corrupt(codec: string, problem: string, cause?: unknown): RocksDBError {
  const message = `stored bytes are not ${codec}: ${problem}`
  return new RocksDBError(message, { code: 'ERR_CORRUPTION', cause })
}
