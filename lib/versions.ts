/** What is compiled in. */
import { addon } from './native'

/** The versions of RocksDB, lz4 and zstd that this build contains. */
export const versions: Readonly<{ rocksdb: string; lz4: string; zstd: string }> = Object.freeze({
  ...addon.versions,
})
