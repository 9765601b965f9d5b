/** The shapes that the option table and the layers over it are made of. */

/** Where a database starts from. */
export type PresetName = 'default' | 'production' | 'development'

/** Every preset, the one used where none is named first. */
export const PRESETS = ['default', 'production', 'development'] as const satisfies PresetName[]

/** Where a value came from, lowest first: each layer wins over those before it. */
export type Layer = 'preset' | 'code' | 'file' | 'environment' | 'commandLine'

/** RocksDB option maps, by RocksDB's own names and in RocksDB's own text form. */
export type OptionMap = Record<string, string>

/** DBOptions, ColumnFamilyOptions and BlockBasedTableOptions. */
export type MapName = 'db' | 'columnFamily' | 'table'

/** Where a row's value goes. */
export type Target<V> =
  | {
      /** One of RocksDB's option maps. */
      map: MapName
      /** RocksDB's name for it. */
      option: string
      /** RocksDB's text for a value. */
      text(value: V): string
    }
  /** The block cache that all families share: an object of its own, never a text. */
  | { map: 'cache'; option: 'capacity'; text(value: V): string }
  /** What a write does where it does not say. */
  | { map: 'write'; option: 'disableWAL'; text(value: V): string }

/** 'family' rows can be set for one column family; 'database' rows hold for all of them. */
export type Scope = 'database' | 'family'

/** How RocksDB takes a new value while the database is open; false where it must be reopened. */
export type Changeable = 'SetOptions' | 'SetDBOptions' | 'SetCapacity' | false

interface RowOf<V> {
  /** One sentence: when to change it. */
  help: string
  /** The value in each preset. */
  presets: Readonly<Record<PresetName, V>>
  target: Target<V>
  scope: Scope
  changeable: Changeable
}

/** A row whose values are true and false. */
export interface BooleanRow extends RowOf<boolean> {
  type: 'boolean'
}

/** A row whose values are whole numbers. Outside of `min` to `max` they are clamped. */
export interface IntegerRow extends RowOf<number> {
  type: 'integer'
  /** What is counted. Sizes are in MiB, 1,048,576 bytes. */
  unit: 'MiB' | 'jobs'
  min: number
  max: number
}

/** A row whose values are words. */
export interface ChoiceRow<W extends string = string> extends RowOf<W> {
  type: 'choice'
  choices: readonly W[]
}

/** One option: a row of the table. */
export type Row = BooleanRow | IntegerRow | ChoiceRow

/** The type of a row's values. */
export type ValueOf<R> = R extends { type: 'boolean' }
  ? boolean
  : R extends { type: 'integer' }
    ? number
    : R extends { type: 'choice'; choices: readonly (infer W)[] }
      ? W
      : never

/** Any value that a row can have. */
export type OptionValue = boolean | number | string

/** RocksDB's text for a RocksDB option, or a value that has an obvious one. */
export type RocksDBValue = string | number | boolean

/** RocksDB options by their own names, applied last. */
export interface FamilyRocksDBOptions {
  /** ColumnFamilyOptions */
  columnFamily?: Readonly<Record<string, RocksDBValue>> | undefined
  /** BlockBasedTableOptions */
  table?: Readonly<Record<string, RocksDBValue>> | undefined
}

/** RocksDB options by their own names, for the database and all of its families. */
export interface RocksDBOptions extends FamilyRocksDBOptions {
  /** DBOptions */
  db?: Readonly<Record<string, RocksDBValue>> | undefined
}
