/**
 * A session store of express-session: sessions in a column family whose rows expire. Needs the package `express-session`.
 *
 * @module rocksdb-live/session
 */
export type { AnyDatabase, StorePlace } from '../stores/rows'
export {
  type RocksSessionOptions,
  type RocksSessionOverOptions,
  RocksSessionStore,
  type StoredSession,
} from './store'
