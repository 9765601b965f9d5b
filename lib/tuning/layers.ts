/** What a layer over the code has to say, whatever it was read from. */
import { quote } from '../base/arguments'
import { TuningError } from '../base/errors'
import { rowOf, type TuningName } from './options'
import { allowedAsText, parseText } from './text'
import type { Layer, OptionValue } from './types'
import { type Given, received, refused } from './values'

/** What a layer says of one family. */
export interface FamilyLayer {
  /** The family as it was written there. */
  family: string
  matches(name: string): boolean
  values: Given[]
}

/** One layer over the code, with its options by name. */
export interface TuningLayer {
  layer: Layer
  preset: { value: unknown; source: string } | undefined
  values: Given[]
  families: FamilyLayer[]
  /** What was passed over, in sentences for whoever wrote it. */
  ignored: string[]
}

/** The code of the warning that something was passed over. */
export const IGNORED_WARNING = 'ROCKSDB_LIVE_TUNING_IGNORED'

/** A layer that says nothing yet. */
export function emptyLayer(layer: Layer): TuningLayer {
  return { layer, preset: undefined, values: [], families: [], ignored: [] }
}

/** The entry of a family in a layer, made where there is none. */
export function familyOf(
  layer: TuningLayer,
  family: string,
  matches: FamilyLayer['matches'],
): FamilyLayer {
  const known = layer.families.find((entry) => entry.family === family)
  if (known !== undefined) return known
  const made: FamilyLayer = { family, matches, values: [] }
  layer.families.push(made)
  return made
}

/** The value that a text means, or a TuningError that says what is allowed. */
export function textValue(name: TuningName, text: string, source: string): OptionValue {
  const row = rowOf(name)
  const value = parseText(row, text)
  if (value !== undefined) return value
  const problem = `must be ${allowedAsText(row)}. Received ${received(text)}`
  throw refused(name, text, source, problem)
}

/** A TuningError about a name that is none. `what` is `environment variable`, `flag`, `key`. */
export function unknownName(
  what: string,
  name: string,
  value: unknown,
  source: string,
  hint: string,
): TuningError {
  return new TuningError(`Unknown tuning ${what} ${quote(name)} (from ${source})${hint}`, {
    option: name,
    value,
    source,
  })
}
