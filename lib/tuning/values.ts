/** Checks the values of tuning options: each is used, clamped with a warning, or refused. */
import { describe, quote, suggestion } from '../base/arguments'
import { TuningError } from '../base/errors'
import { isTuningName, OPTIONS, rowOf, TUNING_NAMES, type TuningName } from './options'
import type { AutoRow, IntegerRow, Layer, OptionValue, Row } from './types'

/** The code of the process warning about a clamped value. */
export const CLAMPED_WARNING = 'ROCKSDB_LIVE_TUNING_CLAMPED'

/** One value as a layer gives it; its type is checked here. */
export interface Given {
  /** As written; for known options their name. */
  name: string
  value: unknown
  /** Its exact place, for messages. */
  source: string
}

/** A value in force and where it came from. */
export interface Setting {
  value: OptionValue
  layer: Layer
  source: string
  /** The requested value, if another one is in force. */
  given?: OptionValue
  /** Why something else is in force. */
  reason?: string
  /** The text for RocksDB, if it is not the value's own. */
  text?: string
}

/** Settings by option. */
export type Settings = Partial<Record<TuningName, Setting>>

/** How values are checked. */
export interface Rules {
  /** Numbers outside their safe range are errors. */
  strict: boolean
  /** Allow only options that a family can have. */
  family: boolean
  warn(message: string, code: string): void
}

/** The allowed values of a row, for messages: `an integer from 16 to 2048 (MiB)`. */
export function allowedBy(row: Row): string {
  switch (row.type) {
    case 'boolean':
      return 'true or false'
    case 'integer':
      return allowedNumbers(row)
    case 'choice': {
      const words = row.choices.map((choice) => `'${choice}'`).join(', ')
      return row.switch === undefined ? `one of ${words}` : `true, false or one of ${words}`
    }
  }
}

function allowedNumbers(row: IntegerRow | AutoRow): string {
  const range = `an integer from ${row.min} to ${row.max} (${row.unit})`
  const special = Object.entries(row.special ?? {}).map(([value, means]) => `${value} (${means})`)
  const others = row.auto === undefined ? special : [...special, "'auto'"]
  return others.length === 0 ? range : `${range}, or ${others.join(' or ')}`
}

/** Applies the values of a layer to `settings`, and checks each. undefined means no value. */
export function applyLayer(
  settings: Settings,
  layer: Layer,
  values: readonly Given[],
  rules: Rules,
): void {
  for (const { name, value, source } of values) {
    if (!isTuningName(name)) throw unknownOption(name, value, source)
    if (value === undefined) continue
    if (rules.family && OPTIONS[name].scope !== 'family') {
      throw refused(name, value, source, 'applies to the whole database, not to one column family')
    }
    settings[name] = { layer, source, ...checkValue(name, value, source, rules) }
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

/** The received value, with the text of strings: these are options, never keys. */
export function received(value: unknown): string {
  return typeof value === 'string' ? `type string (${quote(value)})` : describe(value)
}

type Checked = Pick<Setting, 'value' | 'given' | 'reason'>

function checkValue(name: TuningName, value: unknown, source: string, rules: Rules): Checked {
  const row = rowOf(name)
  switch (row.type) {
    case 'boolean':
      if (typeof value === 'boolean') return { value }
      break
    case 'integer':
      if (value === 'auto' && row.auto !== undefined) return { value }
      if (Number.isSafeInteger(value)) return checkRange(name, row, value as number, source, rules)
      break
    case 'choice':
      if (typeof value === 'string' && row.choices.includes(value)) return { value }
      if (typeof value === 'boolean' && row.switch !== undefined) {
        return { value: value ? row.switch.on : row.switch.off }
      }
      break
  }
  throw refused(name, value, source, `must be ${allowedBy(row)}. Received ${received(value)}`)
}

function checkRange(
  name: TuningName,
  row: IntegerRow | AutoRow,
  given: number,
  source: string,
  { strict, warn }: Rules,
): Checked {
  if (Object.hasOwn(row.special ?? {}, given)) return { value: given + 0 }
  const value = Math.min(Math.max(given, row.min), row.max)
  if (value === given) return { value: given + 0 }
  if (strict) {
    throw refused(name, given, source, `must be ${allowedBy(row)}. Received ${given}`)
  }
  const reason = `outside the safe range of ${row.min} to ${row.max} ${row.unit}`
  warn(
    `Tuning option ${name} (from ${source}) is ${given}, ${reason}: ${value} is used`,
    CLAMPED_WARNING,
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

/** Replaces a preset's value by `value`; refuses if the value was set explicitly. */
export function settle(
  settings: Settings,
  name: TuningName,
  value: OptionValue,
  reason: string,
): void {
  const setting = settings[name]
  if (setting === undefined || setting.value === value) return
  if (setting.layer !== 'preset') {
    throw refused(name, setting.value, setting.source, `cannot be ${setting.value}: ${reason}`)
  }
  settings[name] = { ...setting, value, given: setting.value, reason }
}
