/**
 * Copies of rows that came together, in pieces: whoever keeps one row keeps the few beside it, and not
 * the hundreds of a chunk.
 */
import { kept } from './buffers'

/** Bytes that rows of one piece take; a larger row has one of its own. */
export const PIECE = 32 * 1024

/** A copy of bytes, with views that nobody may take along. */
export function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  const copy = kept(Buffer.allocUnsafe(end - start))
  bytes.copy(copy, 0, start, end)
  return copy
}

/** Where the piece ends that begins with row `first`; `offsets` has two steps a row. */
export function pieceEnd(offsets: Uint32Array, first: number, count: number): number {
  const most = (offsets[2 * first] as number) + PIECE
  let end = first + 1
  while (end < count && (offsets[2 * end + 2] as number) <= most) end++
  return end
}
