/** The stream that writes rows. */
import type { Writable } from 'node:stream'
import type { Lifetime } from './lifetimes'
import type { WriteOptions } from './options'

/**
 * What the stream of `ColumnFamily.writable` takes: a row to put, or an operation on that family.
 */
export type WritableRow<K, V> =
  | readonly [key: K, value: V]
  | ({ type: 'put'; key: K; value: V } & Lifetime)
  | { type: 'delete'; key: K }

/** Options of `ColumnFamily.writable`. */
export interface WritableOptions extends WriteOptions {
  /** Bytes that are collected before they are written, 1 byte to 1 GiB. 1 MiB by default. */
  batchBytes?: number | undefined
}

type Written = (error: Error | null | undefined) => void

/**
 * What `ColumnFamily.writable` returns: a `Writable` in object mode that takes rows of the family.
 */
export interface FamilyWritable<Key, Value> extends RowWritable<WritableRow<Key, Value>> {}

/**
 * A `Writable` in object mode that takes rows of one type. Text and bytes are there for what pipes want
 * of a stream, and cannot be written.
 */
export interface RowWritable<Row> extends Writable {
  /** @hidden Cannot be called: rows are not text. */
  write(this: never, chunk: Uint8Array | string, written?: Written): boolean
  /** @hidden Cannot be called: rows are not text. */
  write(this: never, chunk: Uint8Array | string, encoding: BufferEncoding): boolean
  /** Takes a row; the encoding has no meaning. */
  write(row: Row, encoding: BufferEncoding, written?: Written): boolean
  /** Takes a row. Returns false where the caller should wait for the event `drain`. */
  write(row: Row, written?: Written): boolean
  /** @hidden Cannot be called: rows are not text. */
  end(this: never, chunk: Uint8Array | string, ended?: () => void): this
  /** @hidden Cannot be called: rows are not text. */
  end(this: never, chunk: Uint8Array | string, encoding: BufferEncoding): this
  /** Takes the last row; the encoding has no meaning. */
  end(row: Row, encoding: BufferEncoding, ended?: () => void): this
  /** Ends the stream: what was collected is written. */
  end(ended?: () => void): this
  /** Takes the last row, and ends the stream. */
  end(row: Row, ended?: () => void): this
}
