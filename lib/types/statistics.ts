/** What a database says of itself. */

/** `'ok'`; `'degraded'`: writes may stall or fail for a while; `'readOnly'`: `resume()` may heal it; `'failed'`: only a reopen does. */
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
  count: number
  sum: number
  min: number
  max: number
  average: number
  median: number
  p95: number
  p99: number
  standardDeviation: number
}

/** What RocksDB counted and timed since the database was opened. */
export interface Statistics {
  /** By RocksDB's names, such as `rocksdb.block.cache.miss`. */
  tickers: Record<string, number>
  histograms: Record<string, Histogram>
}

/** Versions by library. Codecs that a build may lack are optional. */
export interface Versions {
  readonly rocksdb: string
  readonly lz4: string
  readonly zstd: string
  readonly snappy?: string
  readonly zlib?: string
  readonly bzip2?: string
}
