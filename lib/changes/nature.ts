/** What the values of a family are beyond bytes, as the history of changes has it. */
import { FILTER } from '../open/expires'
import type { Expiry } from '../types/lifetimes'

/**
 * The options of a family by what its values are beyond bytes, as the change feed says it: a filter, the name of a
 * merge operator, or nothing.
 */
export function optionsOf(nature: string): {
  mergeOperator: string | undefined
  expires: Expiry | undefined
} {
  if (!nature.startsWith(`{id=${FILTER};`)) {
    return { mergeOperator: nature || undefined, expires: undefined }
  }
  const number = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(nature)?.[1] ?? 0)
  const afterMs = number('after_ms') || undefined
  return { mergeOperator: undefined, expires: { afterMs, graceMs: number('grace_ms') } }
}
