/** The shapes that the option table and the layers over it are made of. */

/** Where a database starts from. */
export type PresetName = 'default' | 'production' | 'development'

/** Every preset, the one used where none is named first. */
export const PRESETS = ['default', 'production', 'development'] as const satisfies PresetName[]

/**
 * Where a value came from, lowest first: each layer wins over those before it. `live` is
 * `db.setOptions`.
 */
export type Layer = 'preset' | 'code' | 'file' | 'environment' | 'commandLine' | 'live'

/** @internal RocksDB option maps, by RocksDB's own names and in RocksDB's own text form. */
export type OptionMap = Record<string, string>

/** DBOptions, ColumnFamilyOptions and BlockBasedTableOptions. */
export type MapName = 'db' | 'columnFamily' | 'table'

/**
 * Where the text of a row goes: into one of RocksDB's maps; into the objects that all families
 * share (`shared`) and no RocksDB text can say; into every write that does not say (`write`) or every
 * scan (`read`); to the transactions, which are this package's own (`transactions`); or nowhere, because
 * the row decides others (`rows`).
 */
export type TargetMap = MapName | 'shared' | 'write' | 'read' | 'transactions' | 'changes' | 'rows'

/** Whether the text of a row goes into none of the maps that RocksDB is given. */
export function isOutside(map: TargetMap): map is Exclude<TargetMap, MapName | 'shared'> {
  return (
    map === 'write' ||
    map === 'read' ||
    map === 'transactions' ||
    map === 'changes' ||
    map === 'rows'
  )
}

/** Any value that a row can have. */
export type OptionValue = boolean | number | string

/** The values in force of all rows, by name. */
export type Values = Readonly<Record<string, OptionValue>>

interface TargetIn<Map extends TargetMap, V> {
  map: Map
  /** RocksDB's name for it; in `shared` that of native/engine/options/shared_objects.cc. */
  option: string
  /** RocksDB's text for a value, where all rows have these values. */
  text(value: V, values: Values): string
}

/** Where a row's value goes. In `shared`, `place` says for the guide where that stands in RocksDB. */
export type Target<V> =
  | TargetIn<Exclude<TargetMap, 'shared'>, V>
  | (TargetIn<'shared', V> & { place: string })

/** 'family' rows can be set for one column family; 'database' rows hold for all of them. */
export type Scope = 'database' | 'family'

/** How RocksDB takes a new value while the database is open; false where it must be reopened. */
export type Changeable =
  | 'SetOptions'
  | 'SetDBOptions'
  | 'SetCapacity'
  | 'SetBufferSize'
  | 'SetBytesPerSecond'
  | false

/** Of a row that older RocksDBs do not have. */
export interface Since<V> {
  /** The first RocksDB that has it, or in which it is fit for use: `10.2`. */
  rocksdb: string
  /** The value whose meaning is what older ones do. */
  before: V
}

interface RowOf<V> {
  /** What it is, in a few words. */
  what: string
  /** One sentence: when to change it. */
  help: string
  /** The value in each preset. */
  presets: Readonly<Record<PresetName, V>>
  target: Target<V>
  scope: Scope
  changeable: Changeable
  /** There is no object at 0, and RocksDB takes none on or off while it runs: neither from 0 nor to it. */
  offAt0?: true
  /** Where not every RocksDB that this package compiles has it. */
  since?: Since<V>
}

/** A row whose values are true and false. */
export interface BooleanRow extends RowOf<boolean> {
  type: 'boolean'
}

/** What a row counts. Sizes are binary: a MiB is 1,048,576 bytes. */
export type Unit =
  | 'MiB'
  | 'KiB'
  | 'MiB/s'
  | 'jobs'
  | 'buffers'
  | 'files'
  | 'seconds'
  | 'bits'
  | 'bytes'
  | 'level'
  | 'attempts'
  | 'threads'
  | 'rows'
  | 'scans/KiB'

interface NumberRow<V> extends RowOf<V> {
  type: 'integer'
  unit: Unit
  /** Outside of `min` to `max` a value is clamped. */
  min: number
  max: number
  /** Values that mean something else than a number, with what they mean. */
  special?: Readonly<Record<number, string>>
}

/** A row whose values are whole numbers. */
export interface IntegerRow extends NumberRow<number> {
  auto?: never
}

/** A row whose values are whole numbers, or `'auto'`. */
export interface AutoRow extends NumberRow<number | 'auto'> {
  /** What `'auto'` means, in a few words. */
  auto: string
}

/** A row whose values are words. */
export interface ChoiceRow<W extends string = string> extends RowOf<W> {
  type: 'choice'
  choices: readonly W[]
  switch?: never
}

/** A row whose values are words, two of which can be said as true and false. */
export interface SwitchRow<W extends string = string> extends RowOf<W> {
  type: 'choice'
  choices: readonly W[]
  switch: { on: W; off: W }
}

/** One option: a row of the table. */
export type Row = BooleanRow | IntegerRow | AutoRow | ChoiceRow | SwitchRow

/** The type of the values that a row takes. */
export type ValueOf<R> = R extends { type: 'boolean' }
  ? boolean
  : R extends { type: 'integer' }
    ? number | (R extends { auto: string } ? 'auto' : never)
    : R extends { type: 'choice'; choices: readonly (infer W)[] }
      ? W | (R extends { switch: object } ? boolean : never)
      : never

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
