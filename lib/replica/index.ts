/**
 * Replicas: one process writes, any number follow, and any of them can take over.
 *
 * @module rocksdb-live/replica
 */

export { detachReplica } from './detach'
export { jetstream } from './jetstream'
export type { JetStreamOptions, NatsConnectionLike } from './jetstream-options'
export type {
  AppendOptions,
  Lease,
  LogBounds,
  LogLease,
  LogRecord,
  OpenLog,
  ReplicaLog,
} from './log'
export { AppendError, type AppendFailure, LogGapError, LogLostError } from './log'
export { openReplica } from './replica'
export type * from './types'
