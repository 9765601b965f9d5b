/** Checks of the values of tuning options: each is used, clamped with a warning, or refused. */
import { describe, quote, suggestion } from '../arguments'
import { TuningError } from '../errors'
import { isTuningName, OPTIONS, rowOf, TUNING_NAMES, type TuningName } from './options'
import type { IntegerRow, Layer, OptionValue, Row } from './types'

/** The code of the process warning about a value that was clamped. */
export const CLAMPED_WARNING = 'ROCKSDB_LIVE_TUNING_CLAMPED'

/** Values as one layer gives them. */
export interface LayerValues {
  layer: Layer
  values: Readonly<Record<string, unknown>>
  /** The exact place that a value of this layer has, for people. */
  source(name: string): string
}

/** A value in force and where it came from. */
export interface Setting {
  value: OptionValue
  layer: Layer
  source: string
  /** What was asked for, where something else is in force. */
  given?: OptionValue
  /** Why something else is in force. */
  reason?: string
}

/** Settings by option; a family's holds only what the family sets for itself. */
export type Settings = Partial<Record<TuningName, Setting>>

/** What a row allows, for people: `an integer from 16 to 2048 (MiB)`. */
export function allowedBy(row: Row): string {
  switch (row.type) {
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `an integer from ${row.min} to ${row.max} (${row.unit})`
    case 'choice':
      return `one of ${row.choices.map((choice) => `'${choice}'`).join(', ')}`
  }
}

/** Lays the values of a layer over `settings`, checking each. undefined is no value. */
export function applyLayer(
  settings: Settings,
  { layer, values, source }: LayerValues,
  { strict, family }: { strict: boolean; family: boolean },
): void {
  for (const [name, value] of Object.entries(values)) {
    const from = source(name)
    if (!isTuningName(name)) throw unknownOption(name, value, from)
    if (value === undefined) continue
    if (family && OPTIONS[name].scope !== 'family') {
      throw refused(name, value, from, 'applies to the whole database, not to one column family')
    }
    settings[name] = { layer, source: from, ...checkValue(name, value, from, strict) }
  }
}

/** A TuningError about a value: `Tuning option x (from y) …`. */
export function refused(
  option: string,
  value: unknown,
  source: string,
  problem: string,
): TuningError {
  return new TuningError(`Tuning option ${option} (from ${source}) ${problem}`, {
    option,
    value,
    source,
  })
}

/** What was received, with the text of strings: these are options, never keys. */
export function received(value: unknown): string {
  return typeof value === 'string' ? `type string (${quote(value)})` : describe(value)
}

type Checked = Pick<Setting, 'value' | 'given' | 'reason'>

function checkValue(name: TuningName, value: unknown, source: string, strict: boolean): Checked {
  const row = rowOf(name)
  switch (row.type) {
    case 'boolean':
      if (typeof value === 'boolean') return { value }
      break
    case 'integer':
      if (Number.isSafeInteger(value)) {
        return checkRange(name, row, value as number, source, strict)
      }
      break
    case 'choice':
      if (typeof value === 'string' && row.choices.includes(value)) return { value }
      break
  }
  const problem = `must be ${allowedBy(row)}. Received ${received(value)}`
  throw refused(name, value, source, problem)
}

function checkRange(
  name: TuningName,
  row: IntegerRow,
  given: number,
  source: string,
  strict: boolean,
): Checked {
  const value = Math.min(Math.max(given, row.min), row.max)
  if (value === given) return { value: given + 0 }
  if (strict) {
    throw refused(name, given, source, `must be ${allowedBy(row)}. Received ${given}`)
  }
  const reason = `outside the safe range of ${row.min} to ${row.max} ${row.unit}`
  process.emitWarning(
    `Tuning option ${name} (from ${source}) is ${given}, ${reason}: ${value} is used`,
    { type: 'TuningWarning', code: CLAMPED_WARNING },
  )
  return { value, given, reason }
}

function unknownOption(name: string, value: unknown, source: string): TuningError {
  const hint = suggestion(name, TUNING_NAMES)
  return new TuningError(`Unknown tuning option ${quote(name)} (from ${source})${hint}`, {
    option: name,
    value,
    source,
  })
}
