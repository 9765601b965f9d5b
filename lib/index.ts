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
export { Snapshot } from './snapshot'
export type { FamilyTuning, PresetName, Tuning, TuningReport } from './tuning'
export type * from './types'
export { versions } from './versions'
