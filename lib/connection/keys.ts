/** Keys as bytes: the one place that encodes a key, for reads, writes and bounds alike. */
import { outOfRange } from '../base/arguments'
import type { Prepared } from '../codecs/codec'
import { keys, MAX_KEY, type Sink } from '../native/buffers'
import type { FamilyHandle } from './handle'

/** Appends the bytes of a key that was prepared, of whatever length; returns their number. */
export function appendKey(sink: Sink, family: FamilyHandle, key: Prepared, name: string): number {
  const { key: codec } = family
  const start = sink.length
  codec.append(sink, key, codec.guess(key, name))
  return sink.length - start
}

/** Refuses a key that is too long; returns its length. An empty one is a key as any. */
export function checkKeyLength(name: string, length: number): number {
  if (length > MAX_KEY) refuse(name, length)
  return length
}

// Apart from what is short enough to be compiled into its callers.
function refuse(name: string, length: number): never {
  throw outOfRange(name, `<= ${MAX_KEY} bytes`, length)
}

/** Writes a key to the key buffer; returns its length. */
export function putKey(family: FamilyHandle, key: unknown): number {
  const prepared = family.key.prepare(key, 'key')
  keys.length = 0
  // Not by `appendKey`: a call more, and a local for the codec, cost reads some percent.
  family.key.append(keys, prepared, family.key.guess(prepared, 'key'))
  return checkKeyLength('key', keys.length)
}
