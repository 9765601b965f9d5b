/** The state behind a `ColumnFamily`: internal, and read on hot paths without a check. */
import type { CodecImplementation } from '../codecs/codec'
import type { EnvelopeCodec } from '../codecs/envelope'
import type { Connection } from './connection'

export interface FamilyHandle {
  readonly connection: Connection
  /** RocksDB's id of the family. */
  readonly id: number
  readonly name: string
  readonly key: CodecImplementation
  readonly value: CodecImplementation
  /** `value`, where the rows of the family expire; otherwise undefined. */
  readonly envelope: EnvelopeCodec | undefined
  /** Bits of `ReadFlag` of its gets and scans, besides those that their options ask for. */
  readonly flags: number
}

/** A handle that fails with this error once it is used. */
export function failingHandle(error: unknown): FamilyHandle {
  const failing = {
    get: (): never => {
      throw error
    },
  }
  const names = ['connection', 'id', 'name', 'key', 'value', 'envelope', 'flags']
  return Object.create(null, Object.fromEntries(names.map((name) => [name, failing])))
}
