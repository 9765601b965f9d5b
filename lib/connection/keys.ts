/** Encodes keys, for reads, writes and bounds alike: no other file does. */
import { outOfRange } from '../base/arguments'
import type { Prepared } from '../codecs/codec'
import { keys, MAX_KEY, type Sink } from '../native/buffers'
import type { FamilyHandle } from './handle'

/** Appends the bytes of a prepared key of any length; returns their number. */
export function appendKey(sink: Sink, family: FamilyHandle, key: Prepared, name: string): number {
  const { key: codec } = family
  const start = sink.length
  codec.append(sink, key, codec.guess(key, name))
  return sink.length - start
}

/** Refuses a key that is too long; returns its length. An empty key is valid. */
export function checkKeyLength(name: string, length: number): number {
  if (length > MAX_KEY) refuse(name, length)
  return length
}

// A separate function, so that its callers stay short enough to be inlined.
function refuse(name: string, length: number): never {
  throw outOfRange(name, `<= ${MAX_KEY} bytes`, length)
}

/** Writes a key to the key buffer; returns its length. */
export function putKey(family: FamilyHandle, key: unknown): number {
  const prepared = family.key.prepare(key, 'key')
  keys.length = 0
  // Without `appendKey`: another call, and a local for the codec, would slow reads by some percent.
  family.key.append(keys, prepared, family.key.guess(prepared, 'key'))
  return checkKeyLength('key', keys.length)
}
