/** Which families can be incremented. */
import { invalidValue } from '../base/arguments'
import { counterCodec } from '../codecs/counter'
import type { FamilyHandle } from '../connection/handle'

/** The same family, if it is one of counters; throws otherwise. */
export function counters(family: FamilyHandle): FamilyHandle {
  if (family.value === counterCodec) return family
  throw invalidValue(
    'columnFamily',
    family.name,
    'must be of counters: opened with value: counter()',
  )
}
