/** Tuning: one table of options, the layers over it, and what RocksDB is given in the end. */
export {
  type FamilyTuning,
  type FamilyTuningName,
  isTuningName,
  OPTIONS,
  TUNING_NAMES,
  type Tuning,
  type TuningName,
  type TuningValue,
} from './options'
export type { ForcedChange, TuningEntry, TuningReport } from './report'
export {
  type FamilyMaps,
  type FamilyTuningRequest,
  type ResolvedTuning,
  resolveTuning,
  type TuningRequest,
} from './resolve'
export {
  type Changeable,
  type FamilyRocksDBOptions,
  type Layer,
  type OptionMap,
  PRESETS,
  type PresetName,
  type RocksDBOptions,
  type RocksDBValue,
  type Scope,
} from './types'
export { CLAMPED_WARNING } from './values'
