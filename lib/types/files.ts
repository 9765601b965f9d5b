/** The files of a database. */

/** How RocksDB expects a file to be used. */
export type Temperature = 'unknown' | 'hot' | 'warm' | 'cool' | 'cold' | 'ice'

/** One file that holds rows of a family, as RocksDB knows it. */
export interface DataFile {
  /** A table has rows in the order of their keys; a blob file has large values of them. */
  kind: 'table' | 'blob'
  /** The family whose rows are in it. */
  columnFamily: string
  /** Its name, such as `000012.sst`. */
  name: string
  /** Its whole path. */
  path: string
  /** Its size. */
  bytes: number
  /** Of a table: the level it is on; 0 has the newest. */
  level?: number
  /** Of a table: the bytes of its first key. */
  smallestKey?: Buffer
  /** Of a table: the bytes of its last key. */
  largestKey?: Buffer
  /**
   * Of a table: entries in it, those of deletions and of older versions of a key as well; undefined where
   * the table cannot be read.
   */
  entries?: number
  /** Of a table: entries that delete a key; undefined as above. */
  deletions?: number
  /** Of a table: entries that delete a range; undefined as above. */
  rangeDeletions?: number
  /** Of a table: the number of the oldest commit in it; 0 where that no longer matters. */
  smallestSequence?: bigint
  /** Of a table: the number of the newest commit in it. */
  largestSequence?: bigint
  /** Of a table: when it was written; undefined where RocksDB does not know. */
  createdAt?: Date
  /** Of a table: when the oldest file that went into it was written; undefined as above. */
  oldestAncestorAt?: Date
  /** Of a table: whether a compaction is reading it. */
  beingCompacted?: boolean
  /** Of a table: reads of it, estimated by RocksDB from a sample since the database was opened. */
  reads?: number
  /** Of a table: `'none'`, `'lz4'`, `'zstd'` and so on; undefined where the table cannot be read. */
  compression?: string
  /** Of a table: how RocksDB expects it to be used. */
  temperature?: Temperature
  /** Of a blob file: bytes of values that no row has any more. */
  garbageBytes?: number
  /** Of a blob file: values in it. */
  blobs?: number
  /** Of a blob file: values that no row has any more. */
  garbageBlobs?: number
}

/** Options of `db.files`. */
export interface FilesOptions<Family = string> {
  /** One family, by name or as an object; all of them where it is not given. */
  columnFamily?: Family | undefined
  /** Rejects with `ERR_ABORTED` once it is aborted. */
  signal?: AbortSignal | undefined
  /** Rejects with `ERR_TIMED_OUT` after this many milliseconds. */
  deadlineMs?: number | undefined
}
