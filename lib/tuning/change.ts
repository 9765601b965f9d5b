/** Changes from the tuning in force to another one while the database is open. */
import type { Decision } from './decision'
import type { Change } from './entries'
import { BY_BUDGET } from './memory'
import { OPTIONS, rowOf, TUNING_NAMES, type TuningName } from './options'
import type { ResolvedTuning } from './resolve'
import { textsOf } from './texts'
import type { OptionMap } from './types'
import type { Setting, Settings } from './values'

/** What to tell RocksDB. */
export interface ChangePlan {
  /** For SetDBOptions. */
  db: OptionMap
  /** By family, for SetOptions. */
  families: Record<string, OptionMap>
  /** Options shared by all families. */
  shared: OptionMap
  /** What changes. */
  applied: Change[]
  /** What would need a reopen, and stays unchanged. */
  held: Change[]
}

/** Maps without prototypes, since native also reads inherited properties. */
function emptyPlan(): ChangePlan {
  const map = () => Object.create(null)
  return { db: map(), families: map(), shared: map(), applied: [], held: [] }
}

/**
 * The plan from the tuning in force to `next`. Values that cannot change while open are held:
 * `next` gets the old ones back, and is then what will be in force.
 */
export function planChange(
  current: ResolvedTuning,
  next: ResolvedTuning,
  familyNames: readonly string[],
): ChangePlan {
  const plan = emptyPlan()
  const decided = new Set<Decision>()
  const [was, will] = [sourcesOf(current.database), sourcesOf(next.database)]
  const settle = (to: Decision, from: Decision, family?: string) => {
    if (decided.has(to)) return
    decided.add(to)
    if (family === undefined) sort(plan, from.settings, to.settings)
    else {
      copyShared(next.database.settings, to.settings)
      sort(plan, from.settings, to.settings, { name: family, was, will })
    }
    Object.assign(to.texts, textsOf(to.settings, to.passed, next.request))
  }
  settle(next.database, current.database)
  for (const name of familyNames) {
    // No longer tuned, so RocksDB must be given the database's values.
    const forgotten = current.decisionFor(name) !== current.database
    if (forgotten && next.decisionFor(name) === next.database) next.addFamily(name, {})
  }
  for (const name of familyNames) settle(next.decisionFor(name), current.decisionFor(name), name)

  plan.db = difference(current.database.texts.db, next.database.texts.db)
  plan.shared = difference(current.database.texts.shared, next.database.texts.shared)
  for (const name of familyNames) {
    const from = current.decisionFor(name).texts
    const to = next.decisionFor(name).texts
    const table = Object.entries(difference(from.table, to.table))
    const map = difference(from.columnFamily, to.columnFamily)
    for (const [option, text] of table) map[`block_based_table_factory.${option}`] = text
    if (Object.keys(map).length > 0) plan.families[name] = map
  }
  return plan
}

type Sources = ReadonlyMap<TuningName, string | undefined>

function sourcesOf({ settings }: Decision): Sources {
  return new Map(TUNING_NAMES.map((name) => [name, settings[name]?.source]))
}

interface OfFamily {
  name: string
  /**
   * The old and new sources of the database's values: a family that follows them reports no change
   * of its own.
   */
  was: Sources
  will: Sources
}

/** Divides the differences into applied and held ones, and undoes the latter in `to`. */
function sort(plan: ChangePlan, from: Settings, to: Settings, family?: OfFamily): void {
  const held = new Set<TuningName>()
  for (const name of TUNING_NAMES) {
    if (!isOwn(name, family) || from[name]?.value === to[name]?.value) continue
    if (!isChangeable(name, from[name], to[name])) held.add(name)
  }
  if (held.has('memoryBudgetMb')) {
    for (const name of BY_BUDGET) if (from[name]?.value !== to[name]?.value) held.add(name)
  }
  for (const name of TUNING_NAMES) {
    const [old, now] = [from[name], to[name]]
    if (!isOwn(name, family) || old === undefined || now === undefined) continue
    if (old.value === now.value) continue
    const own = family === undefined ? {} : { columnFamily: family.name }
    const isNews =
      !family || family.was.get(name) !== old.source || family.will.get(name) !== now.source
    const change = { option: name, ...own, from: old.value, to: now.value, source: now.source }
    if (held.has(name)) {
      if (isNews) plan.held.push(change)
      to[name] = old
    } else if (isNews) {
      plan.applied.push(change)
    }
  }
}

/** The rows of the whole database, in a family's settings. */
function copyShared(from: Settings, to: Settings): void {
  for (const name of TUNING_NAMES) {
    const setting = from[name]
    if (OPTIONS[name].scope === 'database' && setting !== undefined) to[name] = setting
  }
}

/** A family's decision repeats the database's values. */
function isOwn(name: TuningName, family: OfFamily | undefined): boolean {
  return family === undefined || OPTIONS[name].scope === 'family'
}

function isChangeable(
  name: TuningName,
  from: Setting | undefined,
  to: Setting | undefined,
): boolean {
  const { changeable, offAt0 } = rowOf(name)
  if (changeable === false) return false
  return offAt0 !== true || (from?.value !== 0 && to?.value !== 0)
}

/** The options whose texts differ. */
function difference(from: OptionMap, to: OptionMap): OptionMap {
  const changed: OptionMap = Object.create(null)
  for (const [option, text] of Object.entries(to)) {
    if (from[option] !== text) changed[option] = text
  }
  return changed
}
