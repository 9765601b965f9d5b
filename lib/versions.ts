/** What is compiled in. */
import { addon } from './native/addon'
import type { Versions } from './types/statistics'

/**
 * The versions of RocksDB and of the codecs that this build contains. A build from npm's sources has
 * neither snappy, zlib nor bzip2.
 *
 * @example
 * ```ts
 * console.log(versions.rocksdb) // 11.8.1
 * ```
 */
export const versions: Versions = Object.freeze({ ...addon.versions })
