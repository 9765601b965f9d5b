/**
 * RocksDB for TypeScript services.
 *
 * @module rocksdb-live
 */

export {
  ChangesGapError,
  type ErrorCode,
  type ErrorSeverity,
  InvalidValueError,
  RocksDBError,
  type SchemaIssue,
  TuningError,
  type WriteOutcome,
} from './base/errors'
export type { MemoryDatabase } from './base/memory'
export { Batch } from './batch'
export { counter } from './codecs/counter'
export { descending } from './codecs/descending'
export { json } from './codecs/json'
export { msgpack } from './codecs/msgpack'
export { ordered } from './codecs/ordered'
export { schema } from './codecs/schema'
export { tuple } from './codecs/tuple'
export { ColumnFamily } from './column-family'
export type {
  EndOptions,
  ReadOptions,
  ScanOptions,
  SyncEndOptions,
  SyncReadOptions,
  SyncScanOptions,
} from './connection/read-options'
export { Snapshot } from './connection/snapshot'
export type { AnyCounters, CounterFamily } from './counter-family'
export { Database } from './database'
export type {
  AnyFamily,
  BoundOf,
  BoundsOf,
  BytesFamily,
  ChangeOperation,
  CommittedChange,
  Comparison,
  ComparisonIn,
  Comparisons,
  DefaultFamily,
  FamilyFrom,
  FamilyName,
  KeyInputOf,
  KeyOf,
  Operation,
  OperationIn,
  Operations,
  ValueInputOf,
  ValueOf,
} from './families'
export { Cursor } from './reads/cursor'
export type { OperationContext, TracedOperation } from './traces/operations'
export { Transaction } from './transaction'
export type { Change, ForcedChange, TuningEntry, TuningReport } from './tuning/entries'
export {
  addTuningOptions,
  type CommanderOption,
  type CommanderProgram,
  type TuningFlagOptions,
  tuningParseArgsOptions,
} from './tuning/helpers'
export type {
  FamilyTuning,
  FamilyTuningName,
  Tuning,
  TuningName,
  TuningValue,
} from './tuning/options'
export type { ProfileName } from './tuning/profiles'
export type { Layer, OptionValue, PresetName } from './tuning/types'
export type * from './types/changes'
export type * from './types/codecs'
export type * from './types/doctor'
export type * from './types/events'
export type * from './types/files'
export type * from './types/lifetimes'
export type * from './types/options'
export type * from './types/ranges'
export type * from './types/repair'
export type * from './types/statistics'
export type * from './types/streams'
export type * from './types/transactions'
export { versions } from './versions'
export { type TuningWatch, type WatchTuningOptions, watchTuning } from './watch'
