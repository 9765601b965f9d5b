/** Options of `RocksLevel`, and of its calls where they are more than abstract-level's. */
import type {
  AbstractBatchOptions,
  AbstractDatabaseOptions,
  AbstractDelOptions,
  AbstractGetManyOptions,
  AbstractGetOptions,
  AbstractHasManyOptions,
  AbstractHasOptions,
  AbstractIteratorOptions,
  AbstractKeyIteratorOptions,
  AbstractPutOptions,
  AbstractValueIteratorOptions,
} from 'abstract-level'
import type { FamilySpecs, OpenOptions } from '../types/options'

/** Options of `RocksLevel`: those of every level, and those of the database. */
export interface RocksLevelOptions<K, V> extends AbstractDatabaseOptions<K, V> {
  /** The column family that has the rows. `'default'` by default. */
  family?: string | undefined
  /** Options of `Database.open`: preset, tuning, and whatever else. */
  database?: OpenOptions<FamilySpecs> | undefined
}

/** Options of `RocksLevel.over`. */
export interface RocksLevelOverOptions<K, V>
  extends Pick<AbstractDatabaseOptions<K, V>, 'keyEncoding' | 'valueEncoding'> {
  /** The column family that has the rows, or its name. `'default'` by default. */
  family?: string | { readonly name: string } | undefined
}

interface Sync {
  /** Whether the write resolves only once it has reached the disk (fsync). False by default. */
  sync?: boolean | undefined
}

interface FillCache {
  /** Whether what is read stays in the block cache. True by default. */
  fillCache?: boolean | undefined
}

/** Options of `RocksLevel.put`. */
export interface RocksLevelPutOptions<K, V> extends AbstractPutOptions<K, V>, Sync {}
/** Options of `RocksLevel.del`. */
export interface RocksLevelDelOptions<K> extends AbstractDelOptions<K>, Sync {}
/** Options of `RocksLevel.batch`. */
export interface RocksLevelBatchOptions<K, V> extends AbstractBatchOptions<K, V>, Sync {}
/** Options of `RocksLevel.get` and `getSync`. */
export interface RocksLevelGetOptions<K, V> extends AbstractGetOptions<K, V>, FillCache {}
/** Options of `RocksLevel.getMany`. */
export interface RocksLevelGetManyOptions<K, V> extends AbstractGetManyOptions<K, V>, FillCache {}
/** Options of `RocksLevel.has`. */
export interface RocksLevelHasOptions<K> extends AbstractHasOptions<K>, FillCache {}
/** Options of `RocksLevel.hasMany`. */
export interface RocksLevelHasManyOptions<K> extends AbstractHasManyOptions<K>, FillCache {}
/** Options of `RocksLevel.iterator`. */
export interface RocksLevelIteratorOptions<K, V> extends AbstractIteratorOptions<K, V>, FillCache {}
/** Options of `RocksLevel.keys`. */
export interface RocksLevelKeyIteratorOptions<K> extends AbstractKeyIteratorOptions<K>, FillCache {}
/** Options of `RocksLevel.values`. */
export interface RocksLevelValueIteratorOptions<K, V>
  extends AbstractValueIteratorOptions<K, V>,
    FillCache {}
