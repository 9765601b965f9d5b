/** What `db.tuning()` and changes of tuning tell of an option. */
import type { FamilyTuningName, OptionTable, TuningName, TuningValue } from './options'
import type { Layer, OptionValue, PresetName, TargetMap } from './types'

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
    /** The option map of RocksDB that it is in, or what else it decides. */
    map: TargetMap
    /** RocksDB's name for it. */
    option: string
    /** RocksDB's text for it. */
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
  /** The value that it has. */
  text: string
  /** Why it has no other. */
  reason: string
}

/** Every option of the database, and what its families set for themselves. */
export interface TuningReport {
  /** The preset that the tuning starts from. */
  preset: PresetName
  /** Where the preset was named; `default` where it was not. */
  presetSource: string
  /** What holds for the database, and for every family that does not set it for itself. */
  options: { [Name in keyof OptionTable]: TuningEntry<TuningValue<Name>> }
  /** By family, only what it does not have from the database; an object without a prototype. */
  columnFamilies: Record<string, { [Name in FamilyTuningName]?: TuningEntry<TuningValue<Name>> }>
  /** What follows from the other options, whatever was asked for. */
  forced: ForcedChange[]
}

/** One value that is to change. */
export interface Change {
  /** The tuning option. */
  option: TuningName
  /** Of one family; else of the database and of the families that have no value of their own. */
  columnFamily?: string
  /** Its value before. */
  from: OptionValue
  /** Its value now, or after a reopen. */
  to: OptionValue
  /** Where the new value came from. */
  source: string
}
