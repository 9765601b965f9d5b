/**
 * What every codec has. Encoding has two steps: `prepare` checks the value and runs all the code of the
 * user's that is to run; `append` then moves bytes and can only fail for want of room.
 */
import { RocksDBError } from '../base/errors'
import type { Sink } from '../native/buffers'

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

/** The error of bytes that are not of the codec they are read with. */
export function corrupt(codec: string, problem: string, cause?: unknown): RocksDBError {
  const message = `stored bytes are not ${codec}: ${problem}`
  return new RocksDBError(message, { code: 'ERR_CORRUPTION', cause })
}
