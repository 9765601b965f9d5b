/** The content of a layer above the code, from any source. */
import { quote } from '../base/arguments'
import { TuningError } from '../base/errors'
import { rowOf, type TuningName } from './options'
import { allowedAsText, parseText } from './text'
import type { Layer, OptionValue } from './types'
import { type Given, received, refused } from './values'

/** A layer's options for one family. */
export interface FamilyLayer {
  /** The family's name as written there. */
  family: string
  matches(name: string): boolean
  values: Given[]
}

/** One layer above the code, with its options by name. */
export interface TuningLayer {
  layer: Layer
  preset: { value: unknown; source: string } | undefined
  values: Given[]
  families: FamilyLayer[]
  /** What was ignored, as sentences for the layer's author. */
  ignored: string[]
}

/** The code of the warning about ignored parts. */
export const IGNORED_WARNING = 'ROCKSDB_LIVE_TUNING_IGNORED'

/** An empty layer. */
export function emptyLayer(layer: Layer): TuningLayer {
  return { layer, preset: undefined, values: [], families: [], ignored: [] }
}

/** The entry of a family in a layer, created if it does not exist. */
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

/** The value of a text; throws a TuningError that says what is allowed. */
export function textValue(name: TuningName, text: string, source: string): OptionValue {
  const row = rowOf(name)
  const value = parseText(row, text)
  if (value !== undefined) return value
  const problem = `must be ${allowedAsText(row)}. Received ${received(text)}`
  throw refused(name, text, source, problem)
}

/** A TuningError about an unknown name. `what` is `environment variable`, `flag`, `key`. */
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
