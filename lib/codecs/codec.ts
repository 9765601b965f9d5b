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

/** A value that is ready to be appended. */
export type Prepared = string | Uint8Array | number | bigint | Enveloped

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
}

/** The error for bytes that are not valid for a codec. */
export function corrupt(codec: string, problem: string, cause?: unknown): RocksDBError {
  const message = `stored bytes are not ${codec}: ${problem}`
  return new RocksDBError(message, { code: 'ERR_CORRUPTION', cause })
}
