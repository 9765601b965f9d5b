/** What a database says of itself. */

/**
 * How a database is.
 *
 * - `'ok'`
 * - `'degraded'`: writes may stall or fail for a while.
 * - `'readOnly'`: writes are stopped, and `resume()` may heal it.
 * - `'failed'`: writes are stopped until it is reopened.
 */
export type Health = 'ok' | 'degraded' | 'readOnly' | 'failed'

/** What opening found and did. */
export interface Recovery {
  /** True where this open made the database. */
  created: boolean
  /** Bytes of the WAL that had to be dropped. */
  droppedBytes: number
  /** RocksDB's reason for each drop. */
  reasons: readonly string[]
}

/** RocksDB's options in force, by its own names and in its own text form. */
export interface OptionsInForce {
  /** `DBOptions`. */
  db: Record<string, string>
  /** What all families share and no text of RocksDB's can say: caches, limits, statistics. */
  shared: Record<string, string>
  /** `ColumnFamilyOptions` and `BlockBasedTableOptions` by family. */
  columnFamilies: Record<
    string,
    { columnFamily: Record<string, string>; table: Record<string, string> }
  >
}

/** One histogram, in RocksDB's unit for it: microseconds, bytes or a count. */
export interface Histogram {
  /** Values that were measured. */
  count: number
  /** Their sum. */
  sum: number
  /** The smallest of them. */
  min: number
  /** The largest of them. */
  max: number
  /** Their average. */
  average: number
  /** Half of them are at most this. */
  median: number
  /** 95 % of them are at most this. */
  p95: number
  /** 99 % of them are at most this. */
  p99: number
  /** Their standard deviation. */
  standardDeviation: number
}

/** What RocksDB counted and timed since the database was opened. */
export interface Statistics {
  /** By RocksDB's names, such as `rocksdb.block.cache.miss`. */
  tickers: Record<string, number>
  /** By RocksDB's names, such as `rocksdb.db.get.micros`. */
  histograms: Record<string, Histogram>
}

/** Versions by library. Codecs that a build may lack are optional. */
export interface Versions {
  /** The version of RocksDB. */
  readonly rocksdb: string
  /** The version of lz4. */
  readonly lz4: string
  /** The version of zstd. */
  readonly zstd: string
  /** The version of snappy, where this build has it. */
  readonly snappy?: string
  /** The version of zlib, where this build has it. */
  readonly zlib?: string
  /** The version of bzip2, where this build has it. */
  readonly bzip2?: string
}
