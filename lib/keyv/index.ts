/**
 * A storage adapter of Keyv 5: a cache, or whatever else is kept through it, in a column family whose rows expire. Needs the
 * package `keyv`, from 5.5 on.
 *
 * @module rocksdb-live/keyv
 */
export type { AnyDatabase, StorePlace } from '../stores/rows'
export { RocksKeyv, type RocksKeyvOptions, type RocksKeyvOverOptions } from './adapter'
export { type CreateKeyvOptions, createKeyv } from './create'
