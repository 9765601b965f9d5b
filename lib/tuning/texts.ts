/** Converts settings to RocksDB's options, and what RocksDB has in force back to values. */
import { baseDatabase, baseFamily, baseShared, baseTable } from './base'
import { rowOf, TUNING_NAMES, type TuningName } from './options'
import type { Passthrough } from './passthrough'
import { type BuildFacts, isMissing } from './since'
import { isOutside, type MapName, type OptionMap, type TargetMap, type Values } from './types'
import type { Settings } from './values'

/** The maps for RocksDB: its own three, and the shared options. */
export type Texts = Record<MapName | 'shared', OptionMap>

/** RocksDB's options in force, by its own names, as `db.options()` returns them. */
export interface InForce {
  db: OptionMap
  shared: OptionMap
  columnFamilies: Readonly<Record<string, { columnFamily: OptionMap; table: OptionMap }>>
}

/** The values in force. */
export function valuesOf(settings: Settings): Values {
  const values: Record<string, boolean | number | string> = {}
  for (const name of TUNING_NAMES) {
    const setting = settings[name]
    if (setting !== undefined) values[name] = setting.value
  }
  return values
}

/** The text of one row. */
export function textOf(name: TuningName, values: Values): string {
  return rowOf(name).target.text(values[name] as never, values)
}

/** The rows over the base settings, and the passed-through options over both. */
export function textsOf(settings: Settings, passed: Passthrough, build: BuildFacts): Texts {
  const values = valuesOf(settings)
  const texts: Texts = {
    db: withoutPrototype(baseDatabase(values)),
    columnFamily: withoutPrototype(baseFamily(values, build.zstdDictionaryTraining)),
    table: withoutPrototype(baseTable(values)),
    shared: withoutPrototype(baseShared(values)),
  }
  for (const name of TUNING_NAMES) {
    const { map, option } = rowOf(name).target
    if (isOutside(map)) continue
    if (isMissing(rowOf(name), build)) continue
    texts[map][option] = settings[name]?.text ?? textOf(name, values)
  }
  for (const map of Object.keys(passed) as MapName[]) {
    for (const [option, { text }] of Object.entries(passed[map])) pass(texts[map], option, text)
  }
  return texts
}

/** A struct passed through as a whole replaces the fields that rows set. */
function pass(map: OptionMap, option: string, text: string): void {
  for (const own of Object.keys(map)) {
    if (own.startsWith(`${option}.`)) delete map[own]
  }
  map[option] = text
}

/** RocksDB's text for a row; undefined if it has none. */
export function readBack(
  inForce: InForce,
  { map, option }: { map: TargetMap; option: string },
  family: string,
): string | undefined {
  switch (map) {
    case 'db':
    case 'shared':
      return inForce[map][option]
    case 'columnFamily':
    case 'table': {
      const [struct = '', field] = option.split('.')
      const text = inForce.columnFamilies[family]?.[map][struct]
      return field === undefined || text === undefined ? identity(text) : fieldOf(text, field)
    }
    default:
      return undefined
  }
}

/**
 * The id of an object. RocksDB returns objects with their fields, `id=ribbonfilter:10:0;…`, since
 * RocksDB 10 in braces.
 */
function identity(text: string | undefined): string | undefined {
  const fields = text?.replace(/^\{(.*)\}$/, '$1')
  return fields?.startsWith('id=') ? fieldOf(fields, 'id') : text
}

/** One field of `name=value;name=value;`. */
function fieldOf(text: string, field: string): string | undefined {
  const found = text.split(';').find((part) => part.startsWith(`${field}=`))
  return found?.slice(field.length + 1)
}

/** So that a name such as `__proto__` is an ordinary name. */
function withoutPrototype(map: OptionMap): OptionMap {
  return Object.assign(Object.create(null), map)
}
