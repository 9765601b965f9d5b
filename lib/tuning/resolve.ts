/**
 * Converts a caller's tuning to RocksDB's options: lays the layers over each other, settles values
 * that exclude each other, and converts the rows to RocksDB's texts.
 */
import { nearest, ownProperties, suggestion } from '../base/arguments'
import { settleDatabase, settleFamily } from './combinations'
import { refuseNewer, settleCompatibility } from './compatibility'
import type { ChosenPreset, Decision } from './decision'
import type { ForcedChange, TuningReport } from './entries'
import { IGNORED_WARNING, type TuningLayer } from './layers'
import { settleMemory, settleMetadata } from './memory'
import { didYouMean } from './names'
import { OPTIONS, rowOf, TUNING_NAMES, type TuningName } from './options'
import { mergePassthrough, readPassthrough } from './passthrough'
import { PROFILES, type ProfileName } from './profiles'
import { type ReadaheadFacts, settleReadahead } from './readahead'
import { makeReport } from './report'
import { settleSince } from './since'
import { type InForce, textsOf } from './texts'
import { type MapName, type OptionMap, PRESETS, type PresetName } from './types'
import { applyLayer, type Given, type Rules, received, refused, type Settings } from './values'
import { settleWithoutWal } from './wal'

/** The code of the process warning about a tuned family that does not exist. */
export const UNKNOWN_FAMILY_WARNING = 'ROCKSDB_LIVE_TUNING_UNKNOWN_FAMILY'

/** The tuning of one column family, unchecked. */
export interface FamilyTuningRequest {
  tuning?: unknown
  rocksdb?: unknown
}

/** The tuning of an application, unchecked: `Database.open` passes it on as given. */
export interface TuningRequest extends ReadaheadFacts {
  preset?: unknown
  tuning?: unknown
  rocksdb?: unknown
  /** Numbers outside their safe range are errors instead of being clamped. */
  strict?: boolean | undefined
  /** By family name. */
  columnFamilies?: Readonly<Record<string, FamilyTuningRequest>> | undefined
  /** The layers above the code, lowest first. */
  layers?: readonly TuningLayer[] | undefined
  /** Families on the disk; undefined if they were not listed yet. */
  existingFamilies?: readonly string[] | undefined
  /** With `recovery: 'strict'`, a damaged WAL refuses to open. */
  strictRecovery?: boolean | undefined
  /** Soft RLIMIT_NOFILE; 0 means no limit. */
  openFileLimit: number
  /** The compiled libraries with their versions: `versions`. */
  libraries: Readonly<Record<string, string>>
  /** Opened read-only or as a secondary. */
  reader?: boolean | undefined
  /** Whether this build can train zstd dictionaries. */
  zstdDictionaryTraining: boolean
  /** The smaller of physical memory and the cgroup's limit. */
  memoryLimitBytes: number
  /** Warnings already given, so that each is given once. */
  warned?: Set<string> | undefined
}

/** RocksDB's options for one column family. */
export interface FamilyMaps {
  columnFamily: OptionMap
  table: OptionMap
}

/** The options for RocksDB. */
export interface ResolvedTuning {
  /** The request it was resolved from, with the families added since. */
  readonly request: TuningRequest
  readonly database: Decision
  /** DBOptions */
  readonly db: OptionMap
  /** Options shared by all families, named as in native/engine/options/shared_objects.cc. */
  readonly shared: OptionMap
  /** For families without tuning of their own. */
  readonly defaults: FamilyMaps
  /** By family name; an object without a prototype. */
  readonly families: Record<string, FamilyMaps>
  /** Whether writes without options go to the WAL. */
  readonly walEnabled: boolean
  /** Whether scans with a snapshot release obsolete files. */
  readonly refreshScans: boolean
  /** The preset in force. */
  readonly preset: string
  /** How many bytes of committed keys are kept for open transactions. */
  readonly transactionWindowBytes: number
  /** How many bytes of obsolete WAL are kept for readers of changes. */
  readonly retainChangesBytes: number
  /** How long a transaction may be open before a warning; 0 means no warning. */
  readonly longTransactionMs: number
  /** Whether the families on the disk matter and were not listed yet. */
  readonly needsFamilies: boolean
  /** The decision for a family: the database's if the family has no tuning of its own. */
  decisionFor(name: string): Decision
  /** Decides for a family that may be created. */
  tuneFamily(name: string, request: FamilyTuningRequest): FamilyMaps
  /** Decides for a family that is created later, and adds it to the report. */
  addFamily(name: string, request: FamilyTuningRequest): FamilyMaps
  /** Removes a family that was dropped, or could not be created, from the report. */
  removeFamily(name: string): void
  /** Every option with its value in force and where it came from; a new object each time. */
  report(inForce?: InForce): TuningReport
}

/** Decides every option. Throws `TuningError`, before anything has been opened. */
export function resolveTuning(asked: TuningRequest): ResolvedTuning {
  const request: TuningRequest = { ...asked, warned: asked.warned ?? new Set() }
  const rules = rulesOf(request, false)
  for (const message of (request.layers ?? []).flatMap(({ ignored }) => ignored)) {
    rules.warn(message, IGNORED_WARNING)
  }
  const preset = choosePreset(request)
  const forced: ForcedChange[] = []
  const { database, raw } = decideDatabase(request, preset, forced)
  const codeFamilies: Record<string, FamilyTuningRequest> = Object.create(null)
  Object.assign(codeFamilies, request.columnFamilies)
  const families = new Map<string, Decision>()
  const decide = (name: string, own: FamilyTuningRequest = codeFamilies[name] ?? NOTHING) =>
    decideFamily(name, own, raw, database, request)
  for (const name of familiesToDecide(request)) families.set(name, decide(name))
  checkFamilyNames(request)
  return {
    request: { ...request, columnFamilies: codeFamilies },
    database,
    db: database.texts.db,
    shared: database.texts.shared,
    defaults: familyMaps(database),
    get families() {
      return byName(families)
    },
    walEnabled: database.settings.walEnabled?.value === true,
    refreshScans: database.settings.refreshScans?.value === true,
    preset: preset.name,
    transactionWindowBytes: numberOf(database, 'transactionWindowMb') * 1024 * 1024,
    retainChangesBytes: numberOf(database, 'changesRetainMb') * 1024 * 1024,
    longTransactionMs: numberOf(database, 'longTransactionSeconds') * 1000,
    needsFamilies: request.existingFamilies === undefined && dependsOnFamilies(request, database),
    decisionFor: (name) => families.get(name) ?? database,
    tuneFamily: (name, family) => familyMaps(decide(name, family)),
    addFamily(name, family) {
      const decision = decide(name, family)
      codeFamilies[name] = family
      families.set(name, decision)
      return familyMaps(decision)
    },
    removeFamily(name) {
      delete codeFamilies[name]
      families.delete(name)
    },
    report: (inForce) => makeReport({ preset, database, families, forced }, inForce),
  }
}

/** Has no properties, whatever `Object.prototype` has. */
const NOTHING: FamilyTuningRequest = Object.freeze(Object.create(null))

function numberOf({ settings }: Decision, name: TuningName): number {
  return Number(settings[name]?.value)
}

function choosePreset({ preset, layers = [] }: TuningRequest): ChosenPreset {
  const said = layers.map((layer) => layer.preset).filter((layer) => layer !== undefined)
  const { value, source } = said.at(-1) ?? { value: preset, source: 'preset' }
  if (value === undefined) return { name: PRESETS[0], source: 'default' }
  if (PRESETS.includes(value as PresetName)) return { name: value as PresetName, source }
  const words = PRESETS.map((word) => `'${word}'`).join(', ')
  const hint = typeof value === 'string' ? suggestion(value, PRESETS) : ''
  const problem = `must be one of ${words}. Received ${received(value)}${hint}`
  throw refused('preset', value, source, problem)
}

function rulesOf({ strict = false, warned }: TuningRequest, family: boolean): Rules {
  return {
    strict,
    family,
    warn(message, code) {
      if (warned?.has(message)) return
      warned?.add(message)
      process.emitWarning(message, { type: 'TuningWarning', code })
    },
  }
}

function codeValues(place: string, given: unknown): Given[] {
  const own = ownProperties(place, given)
  return Object.entries(own).map(([name, value]) => ({ name, value, source: `${place}.${name}` }))
}

function presetSettings({ name: preset }: ChosenPreset): Settings {
  const source = `preset '${preset}'`
  return Object.fromEntries(
    TUNING_NAMES.map((name) => [
      name,
      { layer: 'preset' as const, value: rowOf(name).presets[preset], source },
    ]),
  )
}

/** Applies a profile's rows where only a preset or another profile has set a value. */
function applyProfile(settings: Settings, family: boolean): void {
  const { profile } = settings
  const rows = Object.entries(PROFILES[profile?.value as ProfileName] ?? {})
  const source = `profile '${profile?.value}' (from ${profile?.source})`
  for (const [name, value] of rows as [keyof Settings, never][]) {
    if (family && OPTIONS[name].scope !== 'family') continue
    if (settings[name]?.layer === 'preset') settings[name] = { layer: 'preset', value, source }
  }
}

/** `raw` is where families start from: nothing in it is settled yet. */
function decideDatabase(
  request: TuningRequest,
  preset: ChosenPreset,
  forced: ForcedChange[],
): { database: Decision; raw: Settings } {
  const explicit: Settings = Object.create(null)
  const rules = rulesOf(request, false)
  applyLayer(explicit, 'code', codeValues('tuning', request.tuning), rules)
  for (const { layer, values } of request.layers ?? []) applyLayer(explicit, layer, values, rules)
  const raw = { ...presetSettings(preset), ...explicit }
  applyProfile(raw, false)
  const maps: MapName[] = ['db', 'columnFamily', 'table']
  const passed = readPassthrough('rocksdb', request.rocksdb, maps, request)
  const settings = { ...raw }
  settleSince(settings, request)
  if (request.strictRecovery === true) settleStrictRecovery(settings)
  settleMemory(settings, {
    memoryLimitBytes: request.memoryLimitBytes,
    familyCount: countFamilies(request),
  })
  settleMetadata(settings, settings.memoryBudgetMb)
  settleDatabase(settings, passed.db, request)
  settleReadahead(settings, request)
  settleFamily(settings, passed, request.libraries)
  settleCompatibility(settings, passed, request.libraries)
  if (settings.walEnabled?.value === false) settleWithoutWal(settings, passed.db, forced)
  const texts = textsOf(settings, passed, request)
  return { database: { settings, passed, texts }, raw }
}

function settleStrictRecovery(settings: Settings): void {
  const mode = settings.walRecoveryMode
  if (mode === undefined || mode.value === 'absolute') return
  const reason = "recovery is 'strict'"
  if (mode.layer !== 'preset') {
    const problem = `cannot be '${mode.value}': ${reason}, which is 'absolute'`
    throw refused('walRecoveryMode', mode.value, mode.source, problem)
  }
  settings.walRecoveryMode = { ...mode, value: 'absolute', given: mode.value, reason }
}

/** Values for the family take precedence over values for the database, whatever the layer. */
function decideFamily(
  name: string,
  own: FamilyTuningRequest,
  raw: Settings,
  database: Decision,
  request: TuningRequest,
): Decision {
  const place = `columnFamilies.${name}`
  const explicit: Settings = Object.create(null)
  const rules = rulesOf(request, true)
  applyLayer(explicit, 'code', codeValues(`${place}.tuning`, own.tuning), rules)
  for (const { layer, families } of request.layers ?? []) {
    for (const family of families) {
      if (family.matches(name)) applyLayer(explicit, layer, family.values, rules)
    }
  }
  const settings: Settings = { ...raw, ...explicit }
  if (explicit.profile !== undefined) applyProfile(settings, true)
  for (const option of TUNING_NAMES) {
    const decided = database.settings[option]
    if (OPTIONS[option].scope === 'database' && decided) settings[option] = decided
  }
  const maps: MapName[] = ['columnFamily', 'table']
  const passed = mergePassthrough(
    database.passed,
    readPassthrough(`${place}.rocksdb`, own.rocksdb, maps, request),
  )
  settleSince(settings, request)
  settleMetadata(settings, settings.memoryBudgetMb)
  settleFamily(settings, passed, request.libraries)
  refuseNewer(settings, passed)
  return { settings, passed, texts: textsOf(settings, passed, request) }
}

/** Families named in code, and families on the disk that a layer mentions. */
function familiesToDecide({
  columnFamilies = {},
  existingFamilies = [],
  layers = [],
}: TuningRequest): string[] {
  const sections = layers.flatMap((layer) => layer.families)
  const found = existingFamilies.filter((name) => sections.some((one) => one.matches(name)))
  const byDefault = sections.some((one) => one.matches('default')) ? ['default'] : []
  return [...new Set([...Object.keys(columnFamilies), ...found, ...byDefault])]
}

function countFamilies({ columnFamilies = {}, existingFamilies = [] }: TuningRequest): number {
  return new Set(['default', ...Object.keys(columnFamilies), ...existingFamilies]).size
}

function dependsOnFamilies({ layers = [] }: TuningRequest, { settings }: Decision): boolean {
  return settings.memoryBudgetMb?.value !== 0 || layers.some((layer) => layer.families.length > 0)
}

/** A tuned family that does not exist may be created later, or be a typo. */
function checkFamilyNames(request: TuningRequest): void {
  const { columnFamilies = {}, existingFamilies, layers = [] } = request
  if (existingFamilies === undefined) return
  const names = [...new Set(['default', ...Object.keys(columnFamilies), ...existingFamilies])]
  const rules = rulesOf(request, true)
  for (const { family, matches, values } of layers.flatMap((layer) => layer.families)) {
    const first = values[0]
    if (first === undefined || names.some(matches)) continue
    const hint = didYouMean(nearest(family, names))
    const problem = `is for the column family '${family}', which is not there${hint}`
    if (rules.strict) throw refused(first.name, first.value, first.source, problem)
    rules.warn(
      `Tuning option ${first.name} (from ${first.source}) ${problem}`,
      UNKNOWN_FAMILY_WARNING,
    )
  }
}

function familyMaps({ texts }: Decision): FamilyMaps {
  return { columnFamily: texts.columnFamily, table: texts.table }
}

function byName(families: ReadonlyMap<string, Decision>): Record<string, FamilyMaps> {
  const maps: Record<string, FamilyMaps> = Object.create(null)
  for (const [name, decision] of families) maps[name] = familyMaps(decision)
  return maps
}
