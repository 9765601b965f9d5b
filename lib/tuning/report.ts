/** What `db.tuning()` returns: every option with the value in force and where it came from. */
import {
  type FamilyTuningName,
  rowOf,
  TUNING_NAMES,
  type TuningName,
  type TuningValue,
} from './options'
import type { Passed, Passthrough } from './passthrough'
import type { Layer, MapName, OptionMap, PresetName } from './types'
import type { Setting, Settings } from './values'

/** One option in force. */
export interface TuningEntry<V> {
  /** The value in force. */
  value: V
  /** The layer it came from. */
  layer: Layer
  /** Its exact place there: `tuning.writeBufferMb`, `preset 'production'`. */
  source: string
  /** What was asked for there, where it was clamped or another option excludes it. */
  given?: V
  /** Why `value` is not what was asked for. */
  reason?: string
  /** What RocksDB is given for it, and in which option map, if it is one of those. */
  rocksdb: { map: MapName | 'cache' | 'write'; option: string; text: string }
  /** The place under `rocksdb: { … }` whose text RocksDB is given instead of this value's. */
  overriddenBy?: string
}

/** A RocksDB option that follows from the others, whatever was asked for. */
export interface ForcedChange {
  /** RocksDB's name. */
  option: string
  text: string
  reason: string
}

/** Every option of the database, and what its families set for themselves. */
export interface TuningReport {
  preset: PresetName
  /** What holds for the database, and for every family that does not set it for itself. */
  options: { [Name in TuningName]: TuningEntry<TuningValue<Name>> }
  /** By family, only what it does not have from the database; an object without a prototype. */
  columnFamilies: Record<string, { [Name in FamilyTuningName]?: TuningEntry<TuningValue<Name>> }>
  forced: ForcedChange[]
}

/** All that was decided for the database, or for one family over it. */
export interface Decision {
  settings: Settings
  passed: Passthrough
  /** What RocksDB is given. */
  texts: Record<MapName, OptionMap>
}

/** What a report is made from. */
export interface ReportParts {
  preset: PresetName
  database: Decision
  families: ReadonlyMap<string, Decision>
  forced: readonly ForcedChange[]
}

/** A report of its own for every caller, who may keep and change it. */
export function makeReport({ preset, database, families, forced }: ReportParts): TuningReport {
  const columnFamilies: TuningReport['columnFamilies'] = Object.create(null)
  for (const [name, family] of families) {
    const own = TUNING_NAMES.filter((option) => isOwn(option, family, database))
    columnFamilies[name] = entriesOf(own, family) as (typeof columnFamilies)[string]
  }
  return {
    preset,
    options: entriesOf(TUNING_NAMES, database) as TuningReport['options'],
    columnFamilies,
    forced: forced.map((change) => ({ ...change })),
  }
}

/** Set by the family's tuning or passed through for it: from a place that is not the database's. */
function isOwn(option: TuningName, family: Decision, database: Decision): boolean {
  return (
    family.settings[option]?.source !== database.settings[option]?.source ||
    passedFor(option, family)?.source !== passedFor(option, database)?.source
  )
}

function passedFor(option: TuningName, { passed }: Decision): Passed | undefined {
  const { target } = rowOf(option)
  if (target.map === 'cache' || target.map === 'write') return undefined
  return passed[target.map][target.option]
}

type Entries = Partial<Record<TuningName, TuningEntry<unknown>>>

function entriesOf(names: readonly TuningName[], decision: Decision): Entries {
  const entries: Entries = {}
  for (const name of names) {
    const setting = decision.settings[name]
    if (setting === undefined) continue
    entries[name] = entryOf(name, setting, passedFor(name, decision))
  }
  return entries
}

function entryOf(
  name: TuningName,
  setting: Setting,
  passed: Passed | undefined,
): TuningEntry<unknown> {
  const { target } = rowOf(name)
  const text = passed?.text ?? target.text(setting.value as never)
  const entry = { ...setting, rocksdb: { map: target.map, option: target.option, text } }
  return passed === undefined ? entry : { ...entry, overriddenBy: passed.source }
}
