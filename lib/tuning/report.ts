/** Makes the result of `db.tuning()`: every option with the value in force and its source. */
import { openFilesBudget } from './combinations'
import type { ChosenPreset, Decision } from './decision'
import type { ForcedChange, TuningEntry, TuningReport } from './entries'
import { rowOf, TUNING_NAMES, type TuningName } from './options'
import type { Passed } from './passthrough'
import { type InForce, readBack, textOf, valuesOf } from './texts'
import { isOutside, type MapName, type OptionValue, type Values } from './types'
import type { Setting } from './values'

/** The parts of a report. */
export interface ReportParts {
  preset: ChosenPreset
  database: Decision
  families: ReadonlyMap<string, Decision>
  forced: readonly ForcedChange[]
}

/** A new report for each caller, who may keep and change it. */
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

/** The default family represents all families with the database's values, if it is one of them. */
function undecided(families: ReadonlyMap<string, Decision>): string | undefined {
  return families.has('default') ? undefined : 'default'
}

/** Whether the family's tuning or passthrough set it, rather than the database's. */
function isOwn(option: TuningName, family: Decision, database: Decision): boolean {
  const own = family.settings[option]
  const shared = database.settings[option]
  return (
    own?.source !== shared?.source ||
    own?.value !== shared?.value ||
    passedFor(option, family)?.source !== passedFor(option, database)?.source
  )
}

/**
 * The passed-through option that replaces the row, or the whole struct of which the row is a field.
 */
function passedFor(option: TuningName, { passed }: Decision): Passed | undefined {
  const { map, option: name } = rowOf(option).target
  if (map === 'shared' || isOutside(map)) return undefined
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

/** The share of the process's open files, which changes with the open databases. */
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
