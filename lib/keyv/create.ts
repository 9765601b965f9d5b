/** A Keyv and its adapter in one call. */
import { Keyv, type KeyvOptions } from 'keyv'
import type { StorePlace } from '../stores/rows'
import { RocksKeyv, type RocksKeyvOptions } from './adapter'

/** Options of `createKeyv`: those of the adapter, and those of Keyv. */
export interface CreateKeyvOptions
  extends RocksKeyvOptions,
    Omit<KeyvOptions, 'store' | 'useKeyPrefix'> {}

/**
 * A Keyv over `RocksKeyv`. It leaves the namespaces to the adapter, so that they may hold any text, and keys come out of the
 * iterator as they went in. Rows that another Keyv has written with prefixed keys (`useKeyPrefix`) are not found by this.
 *
 * @example
 * ```ts
 * const cache = createKeyv('data/cache', { namespace: 'pages', ttl: 60_000 })
 * await cache.set('/', '<html>')
 * await cache.disconnect()
 * ```
 */
export function createKeyv<Value = unknown>(
  place: StorePlace,
  options: CreateKeyvOptions = {},
): Keyv<Value> {
  const { family, sync, database, ...rest } = options
  const store = new RocksKeyv(place, { family, sync, database })
  return new Keyv<Value>({ ...rest, store, useKeyPrefix: false })
}
