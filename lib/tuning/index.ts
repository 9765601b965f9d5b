/** Tuning: one table of options, the layers over it, and what RocksDB is given in the end. */

export { type ChangePlan, planChange } from './change'
export { openFilesBudget } from './combinations'
export { commandLineLayer, splitCommandLine } from './command-line'
export { readConfigFile } from './config-file'
export type { Change, ForcedChange, TuningEntry, TuningReport } from './entries'
export { type Environment, environmentLayer } from './environment'
export {
  addTuningOptions,
  type TuningFlag,
  type TuningFlagOptions,
  tuningFlags,
  tuningParseArgsOptions,
} from './helpers'
export { emptyLayer, IGNORED_WARNING, type TuningLayer } from './layers'
export { ENV_PREFIX, flagName, tomlKey, variableName } from './names'
export {
  FAMILY_NAMES,
  type FamilyTuning,
  type FamilyTuningName,
  isTuningName,
  OPTIONS,
  rowOf,
  THEMES,
  TUNING_NAMES,
  type Tuning,
  type TuningName,
  type TuningValue,
} from './options'
export { asEnvironment, asToml } from './paste'
export { PROFILES, type ProfileName } from './profiles'
export {
  type FamilyMaps,
  type FamilyTuningRequest,
  type ResolvedTuning,
  resolveTuning,
  type TuningRequest,
  UNKNOWN_FAMILY_WARNING,
} from './resolve'
export { type InForce, readBack, textOf } from './texts'
export {
  type Changeable,
  type FamilyRocksDBOptions,
  type Layer,
  type OptionMap,
  type OptionValue,
  PRESETS,
  type PresetName,
  type RocksDBOptions,
  type RocksDBValue,
  type Row,
  type Scope,
  type Unit,
} from './types'
export { allowedBy, CLAMPED_WARNING } from './values'
