/** The stream that writes rows. */
import type { Writable } from 'node:stream'
import type { WriteOptions } from './options'

/** What `ColumnFamily.writable` takes: rows to put, or operations on that family. */
export type WritableRow<K, V> =
  | readonly [key: K, value: V]
  | { type: 'put'; key: K; value: V }
  | { type: 'delete'; key: K }

/** Options of `ColumnFamily.writable`. */
export interface WritableOptions extends WriteOptions {
  /** Bytes that are collected before they are written; 1 MiB by default. */
  batchBytes?: number | undefined
}

type Written = (error: Error | null | undefined) => void

/**
 * What `ColumnFamily.writable` returns: a `Writable` in object mode that takes rows of the family.
 * Text and bytes are there for what pipes want of a stream, and cannot be written.
 */
export interface FamilyWritable<Key, Value> extends Writable {
  write(this: never, chunk: Uint8Array | string, written?: Written): boolean
  write(this: never, chunk: Uint8Array | string, encoding: BufferEncoding): boolean
  write(row: WritableRow<Key, Value>, encoding: BufferEncoding, written?: Written): boolean
  write(row: WritableRow<Key, Value>, written?: Written): boolean
  end(this: never, chunk: Uint8Array | string, ended?: () => void): this
  end(this: never, chunk: Uint8Array | string, encoding: BufferEncoding): this
  end(row: WritableRow<Key, Value>, encoding: BufferEncoding, ended?: () => void): this
  end(ended?: () => void): this
  end(row: WritableRow<Key, Value>, ended?: () => void): this
}
