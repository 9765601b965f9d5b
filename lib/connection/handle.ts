/** The state behind a `ColumnFamily`: internal, and read on hot paths without a check. */
import type { CodecImplementation } from '../codecs/codec'
import type { Connection } from './connection'

export interface FamilyHandle {
  readonly connection: Connection
  /** RocksDB's id of the family. */
  readonly id: number
  readonly name: string
  readonly key: CodecImplementation
  readonly value: CodecImplementation
}
