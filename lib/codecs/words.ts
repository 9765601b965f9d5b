/**
 * Numbers of 64 bits as two words of 32, which is faster than Buffer's methods and needs no bigint.
 * Little-endian, as all supported platforms are: the low word is the first.
 */
import type { Sink } from '../native/buffers'
import { corrupt } from './codec'

/** The words, and what they are as numbers. */
export const words = new Uint32Array(2)
export const signed = new BigInt64Array(words.buffer)
export const floats = new Float64Array(words.buffer)

/** The bit of the sign in the high word; XORed, it puts negative numbers before the others. */
export const SIGN = 0x80000000 | 0

/** Appends both words, big-endian. */
export function appendWords(sink: Sink, high: number, low: number): void {
  sink.reserve(8)
  const { buffer, length } = sink
  buffer[length] = high >>> 24
  buffer[length + 1] = high >>> 16
  buffer[length + 2] = high >>> 8
  buffer[length + 3] = high
  buffer[length + 4] = low >>> 24
  buffer[length + 5] = low >>> 16
  buffer[length + 6] = low >>> 8
  buffer[length + 7] = low
  sink.length = length + 8
}

/** The high word, as a signed integer. */
export function highOf(bytes: Buffer, start: number): number {
  return (
    ((bytes[start] as number) << 24) |
    ((bytes[start + 1] as number) << 16) |
    ((bytes[start + 2] as number) << 8) |
    (bytes[start + 3] as number)
  )
}

/** The low word, as a signed integer. */
export function lowOf(bytes: Buffer, start: number): number {
  return highOf(bytes, start + 4)
}

/** Refuses bytes of another number than the codec's. */
export function checkWidth(codec: string, width: number, length: number): void {
  if (length !== width) throw corrupt(codec, `they are ${length} and not ${width}`)
}
