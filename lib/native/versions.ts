/** What is compiled in. */
import { addon } from './addon'

/** Versions by library. Codecs that a build may lack are optional. */
export interface Versions {
  readonly rocksdb: string
  readonly lz4: string
  readonly zstd: string
  readonly snappy?: string
  readonly zlib?: string
  readonly bzip2?: string
}

/**
 * The versions of RocksDB and of the codecs that this build contains. A build from npm's sources has neither
 * snappy, zlib nor bzip2.
 */
export const versions: Versions = Object.freeze({ ...addon.versions })
