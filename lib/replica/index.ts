/**
 * Replicas: one process writes, any number follow, and any of them can take over.
 *
 * @module rocksdb-live/replica
 */
export type * from './log'
