/** RocksDB for TypeScript services. */

export {
  type ErrorCode,
  type ErrorSeverity,
  RocksDBError,
  TuningError,
  type WriteOutcome,
} from './base/errors'
export { Batch } from './batch'
export { json } from './codecs/codecs'
export { ColumnFamily } from './column-family'
export { Snapshot } from './connection/snapshot'
export { Database } from './database'
export type { RepairDamage, RepairOptions, RepairReport } from './jobs/repair'
export type {
  BackgroundErrorEvent,
  CompactionEvent,
  DatabaseEvent,
  DatabaseEvents,
  FlushEvent,
  IngestEvent,
  StallEvent,
} from './native/events'
export { type Versions, versions } from './native/versions'
export type { TuningChanges } from './open/live'
export { Cursor } from './reads/cursor'
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
export type * from './types/types'
export { type TuningWatch, type WatchTuningOptions, watchTuning } from './watch'
