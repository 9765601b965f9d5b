/** Keys, as every read and write takes them. */
import { invalidValue, outOfRange } from '../base/arguments'
import { MAX_KEY } from '../native/buffers'

/** Refuses a key that is empty or too long. */
export function checkKeyLength(name: string, length: number): number {
  if (length === 0) throw invalidValue(name, '', 'must not be empty')
  if (length > MAX_KEY) throw outOfRange(name, `<= ${MAX_KEY} bytes`, length)
  return length
}
