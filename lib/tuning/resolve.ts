/**
 * From what the caller asks for to what RocksDB is given: the layers are laid over each other, the
 * values that exclude each other are settled, and the rows are turned into RocksDB's texts.
 */
import { ownProperties, suggestion } from '../arguments'
import { baseDatabase, baseTable } from './base'
import { rowOf, TUNING_NAMES, type TuningName } from './options'
import { mergePassthrough, type Passthrough, readPassthrough } from './passthrough'
import { type Decision, type ForcedChange, makeReport, type TuningReport } from './report'
import { type MapName, type OptionMap, PRESETS, type PresetName } from './types'
import { applyLayer, type LayerValues, received, refused, type Settings } from './values'
import { settleWithoutWal } from './wal'

/** What one column family asks for, unchecked. */
export interface FamilyTuningRequest {
  tuning?: unknown
  rocksdb?: unknown
}

/** What an application asks for, unchecked: `Database.open` hands it on as it was given. */
export interface TuningRequest {
  preset?: unknown
  tuning?: unknown
  rocksdb?: unknown
  /** Numbers outside their safe range are errors instead of being clamped. */
  strict?: boolean | undefined
  /** By family name. */
  columnFamilies?: Readonly<Record<string, FamilyTuningRequest>> | undefined
  /** Soft RLIMIT_NOFILE; 0 where there is none. */
  openFileLimit: number
  /** Whether this build can train zstd dictionaries. */
  zstdDictionaryTraining: boolean
}

/** RocksDB's options for one column family. */
export interface FamilyMaps {
  columnFamily: OptionMap
  table: OptionMap
}

/** What RocksDB is given. */
export interface ResolvedTuning {
  /** DBOptions */
  db: OptionMap
  /** For families that the request does not name. */
  defaults: FamilyMaps
  /** By family name; an object without a prototype. */
  families: Record<string, FamilyMaps>
  /** Bytes of the block cache that all families share. */
  blockCacheBytes: number
  /** Whether writes go to the WAL where they do not say. */
  walEnabled: boolean
  /** Decides for a family that is created later; from then on the report has it. */
  addFamily(name: string, request: FamilyTuningRequest): FamilyMaps
  /** Takes a family that was dropped, or could not be created, out of the report. */
  removeFamily(name: string): void
  /** Every option with its value in force and where it came from; a new object each time. */
  report(): TuningReport
}

/** Decides every option. Throws `TuningError`; nothing has been opened by then. */
export function resolveTuning(request: TuningRequest): ResolvedTuning {
  const preset = readPreset(request.preset)
  const forced: ForcedChange[] = []
  const database = decideDatabase(request, preset, forced)
  const families = new Map<string, Decision>()
  for (const [name, family] of Object.entries(request.columnFamilies ?? {})) {
    families.set(name, decideFamily(name, family, database, request))
  }
  return {
    db: database.texts.db,
    defaults: familyMaps(database),
    families: byName(families),
    blockCacheBytes: Number(textOf(database.settings, 'blockCacheMb')),
    walEnabled: database.settings.walEnabled?.value === true,
    addFamily(name, family) {
      const decision = decideFamily(name, family, database, request)
      families.set(name, decision)
      return familyMaps(decision)
    },
    removeFamily(name) {
      families.delete(name)
    },
    report: () => makeReport({ preset, database, families, forced }),
  }
}

function readPreset(value: unknown): PresetName {
  if (value === undefined) return PRESETS[0]
  if (PRESETS.includes(value as PresetName)) return value as PresetName
  const words = PRESETS.map((preset) => `'${preset}'`).join(', ')
  const hint = typeof value === 'string' ? suggestion(value, PRESETS) : ''
  const problem = `must be one of ${words}. Received ${received(value)}${hint}`
  throw refused('preset', value, 'preset', problem)
}

function presetLayer(preset: PresetName): LayerValues {
  const values = Object.fromEntries(TUNING_NAMES.map((name) => [name, rowOf(name).presets[preset]]))
  return { layer: 'preset', values, source: () => `preset '${preset}'` }
}

function codeLayer(place: string, given: unknown): LayerValues {
  const values = ownProperties(place, given)
  return { layer: 'code', values, source: (name) => `${place}.${name}` }
}

function decideDatabase(
  request: TuningRequest,
  preset: PresetName,
  forced: ForcedChange[],
): Decision {
  const settings: Settings = {}
  const rules = { strict: request.strict ?? false, family: false }
  for (const layer of [presetLayer(preset), codeLayer('tuning', request.tuning)]) {
    applyLayer(settings, layer, rules)
  }
  const maps: MapName[] = ['db', 'columnFamily', 'table']
  const passed = readPassthrough('rocksdb', request.rocksdb, maps, request)
  const base = baseDatabase(request.openFileLimit)
  if (settings.walEnabled?.value === false) {
    Object.assign(base, settleWithoutWal(settings, passed.db, forced))
  }
  return { settings, passed, texts: textsOf(settings, passed, base) }
}

function decideFamily(
  name: string,
  request: FamilyTuningRequest,
  database: Decision,
  { strict = false, zstdDictionaryTraining }: TuningRequest,
): Decision {
  const place = `columnFamilies.${name}`
  const settings = { ...database.settings }
  applyLayer(settings, codeLayer(`${place}.tuning`, request.tuning), { strict, family: true })
  const maps: MapName[] = ['columnFamily', 'table']
  const own = readPassthrough(`${place}.rocksdb`, request.rocksdb, maps, { zstdDictionaryTraining })
  const passed = mergePassthrough(database.passed, own)
  return { settings, passed, texts: textsOf(settings, passed, {}) }
}

/** The rows over the base settings, and what was passed through over both. */
function textsOf(
  settings: Settings,
  passed: Passthrough,
  baseDb: OptionMap,
): Record<MapName, OptionMap> {
  const texts: Record<MapName, OptionMap> = {
    db: withoutPrototype(baseDb),
    columnFamily: withoutPrototype({}),
    table: withoutPrototype(baseTable(Number(settings.targetFileSizeMb?.value))),
  }
  for (const name of TUNING_NAMES) {
    const { map, option } = rowOf(name).target
    if (map !== 'cache' && map !== 'write') texts[map][option] = textOf(settings, name)
  }
  for (const map of Object.keys(texts) as MapName[]) {
    for (const [option, { text }] of Object.entries(passed[map])) texts[map][option] = text
  }
  return texts
}

function textOf(settings: Settings, name: TuningName): string {
  return rowOf(name).target.text(settings[name]?.value as never)
}

function familyMaps({ texts }: Decision): FamilyMaps {
  return { columnFamily: texts.columnFamily, table: texts.table }
}

function byName(families: ReadonlyMap<string, Decision>): Record<string, FamilyMaps> {
  const maps: Record<string, FamilyMaps> = Object.create(null)
  for (const [name, decision] of families) maps[name] = familyMaps(decision)
  return maps
}

/** So that a name such as `__proto__` is a name like any other. */
function withoutPrototype(map: OptionMap): OptionMap {
  return Object.assign(Object.create(null), map)
}
