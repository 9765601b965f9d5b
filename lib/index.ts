/** RocksDB for TypeScript services. */
export { Batch } from './batch'
export { json } from './codecs'
export { ColumnFamily } from './column-family'
export { Cursor } from './cursor'
export { Database } from './database'
export {
  type ErrorCode,
  type ErrorSeverity,
  RocksDBError,
  TuningError,
  type WriteOutcome,
} from './errors'
export type {
  BackgroundErrorEvent,
  CompactionEvent,
  DatabaseEvent,
  DatabaseEvents,
  FlushEvent,
  IngestEvent,
  StallEvent,
} from './events'
export type { TuningChanges } from './live'
export type { RepairDamage, RepairOptions, RepairReport } from './repair'
export { Snapshot } from './snapshot'
export type {
  Change,
  FamilyTuning,
  PresetName,
  ProfileName,
  Tuning,
  TuningEntry,
  TuningFlagOptions,
  TuningReport,
} from './tuning'
export { addTuningOptions, tuningParseArgsOptions } from './tuning'
export type * from './types'
export { type Versions, versions } from './versions'
export { type TuningWatch, type WatchTuningOptions, watchTuning } from './watch'
