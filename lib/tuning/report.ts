/** What `db.tuning()` returns: every option with the value in force and where it came from. */

import { openFilesBudget } from './combinations'
import {
  type FamilyTuningName,
  rowOf,
  TUNING_NAMES,
  type TuningName,
  type TuningValue,
} from './options'
import type { Passed, Passthrough } from './passthrough'
import type { ChosenPreset } from './resolve'
import { type InForce, readBack, type Texts, textOf, valuesOf } from './texts'
import type { Layer, MapName, OptionValue, PresetName, TargetMap, Values } from './types'
import type { Setting, Settings } from './values'

/** One option in force. */
export interface TuningEntry<V> {
  /** The value in force. */
  value: V
  /** The layer it came from. */
  layer: Layer
  /** Its exact place there: `tuning.writeBufferMb`, `preset 'production'`. */
  source: string
  /** What was asked for there, where it was clamped, decided, or another option excludes it. */
  given?: V
  /** Why `value` is not what was asked for, or is the only one that this build can have. */
  reason?: string
  /** What RocksDB is given for it, and in which option map, if it is one of those. */
  rocksdb: {
    map: TargetMap
    option: string
    text: string
    /** What RocksDB holds; from an open database alone, and where RocksDB can say. */
    inForce?: string
  }
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
  /** Where the preset was named; `default` where it was not. */
  presetSource: string
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
  texts: Texts
}

/** What a report is made from. */
export interface ReportParts {
  preset: ChosenPreset
  database: Decision
  families: ReadonlyMap<string, Decision>
  forced: readonly ForcedChange[]
}

/** A report of its own for every caller, who may keep and change it. */
export function makeReport(
  { preset, database, families, forced }: ReportParts,
  inForce?: InForce,
): TuningReport {
  const columnFamilies: TuningReport['columnFamilies'] = Object.create(null)
  for (const [name, family] of families) {
    const own = TUNING_NAMES.filter((option) => isOwn(option, family, database))
    columnFamilies[name] = entriesOf(own, family, name, inForce) as (typeof columnFamilies)[string]
  }
  const all = entriesOf(TUNING_NAMES, database, undecided(families), inForce)
  return {
    preset: preset.name,
    presetSource: preset.source,
    options: all as TuningReport['options'],
    columnFamilies,
    forced: forced.map((change) => ({ ...change })),
  }
}

/** The default family stands for those that have the database's values, if it is one of them. */
function undecided(families: ReadonlyMap<string, Decision>): string | undefined {
  return families.has('default') ? undefined : 'default'
}

/** Set by the family's tuning or passed through for it: from a place that is not the database's. */
function isOwn(option: TuningName, family: Decision, database: Decision): boolean {
  const own = family.settings[option]
  const shared = database.settings[option]
  return (
    own?.source !== shared?.source ||
    own?.value !== shared?.value ||
    passedFor(option, family)?.source !== passedFor(option, database)?.source
  )
}

/** What was passed through in the row's place, or for the whole struct that the row is a field of. */
function passedFor(option: TuningName, { passed }: Decision): Passed | undefined {
  const { map, option: name } = rowOf(option).target
  if (map === 'shared' || map === 'write' || map === 'read' || map === 'rows') return undefined
  return passed[map as MapName][name] ?? passed[map as MapName][name.split('.')[0] ?? name]
}

type Entries = Partial<Record<TuningName, TuningEntry<unknown>>>

function entriesOf(
  names: readonly TuningName[],
  decision: Decision,
  family: string | undefined,
  inForce: InForce | undefined,
): Entries {
  const entries: Entries = {}
  const values = valuesOf(decision.settings)
  for (const name of names) {
    const setting = decision.settings[name]
    if (setting === undefined) continue
    const entry = entryOf(name, setting, values, passedFor(name, decision))
    const text = inForce && readBack(inForce, rowOf(name).target, family ?? '')
    if (text !== undefined) entry.rocksdb.inForce = text
    if (name === 'maxOpenFiles' && text !== undefined) takeShare(entry, decision, text)
    entries[name] = entry
  }
  return entries
}

/** The share of the process's files, which changes with the databases that are open. */
function takeShare(entry: TuningEntry<OptionValue>, decision: Decision, text: string): void {
  if (openFilesBudget(decision) === 0) return
  entry.value = Number(text)
  entry.rocksdb.text = text
}

function entryOf(
  name: TuningName,
  setting: Setting,
  values: Values,
  passed: Passed | undefined,
): TuningEntry<OptionValue> {
  const { map, option } = rowOf(name).target
  const { text: instead, ...decided } = setting
  const text = passed?.text ?? instead ?? textOf(name, values)
  const entry = { ...decided, rocksdb: { map, option, text } }
  return passed === undefined ? entry : { ...entry, overriddenBy: passed.source }
}
