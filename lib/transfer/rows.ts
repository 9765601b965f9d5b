/** What every source gives: rows of column families, many at a time, with the place behind them. */

/** The kinds of sources. */
export const KINDS = ['level', 'rocksdb', 'lmdb', 'jsonl'] as const

/** A kind of source. */
export type SourceKind = (typeof KINDS)[number]

/** A value that JSON can hold as it is. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** One row, as bytes. */
export interface Row {
  /** The family of the target. */
  family: string
  key: Uint8Array
  value: Uint8Array
  /** When it expires, in milliseconds since 1970; null is never, undefined what the family says. */
  expiresAtMs?: number | null
}

/** A family that a source has, which is to be made in the target. */
export interface FamilyShape {
  name: string
  /** How its rows expire; undefined where they do not. */
  expires?: { afterMs?: number; graceMs?: number }
  /** RocksDB's name of its merge operator. */
  mergeOperator?: string
}

/** Rows that are written at once, with the place behind them. */
export interface Chunk {
  rows: Row[]
  /** What `chunks` takes to go on behind these rows. */
  place: Json
  /** Bytes of the source that they take, about. */
  bytes: number
}

/** Where rows come from. */
export interface Source {
  readonly kind: SourceKind
  /** For messages. */
  readonly where: string
  /** What must be the same for an import to go on: which source, its state, and how its rows are mapped. */
  readonly identity: { [name: string]: Json }
  /** The families that are known before the first row. */
  readonly families: readonly FamilyShape[]
  /** Whether no key comes twice. */
  readonly unique: boolean
  /** Whether its rows can be read a second time. */
  readonly again: boolean
  /** How much there is, where it is known: an estimate. */
  readonly total: { rows?: number; bytes?: number }
  /** The rows behind a place, in one order; all of them without a place. */
  chunks(after: Json | undefined): AsyncIterable<Chunk>
  close(): Promise<void>
}

/** How a source is read. */
export interface SourceOptions {
  /** Families, or databases of LMDB, that are read; undefined is all. */
  families?: readonly string[] | undefined
  /** The family of the target that takes all rows that name none. */
  into?: string | undefined
  /** Of level: whether each outermost sublevel becomes a family. */
  sublevels?: boolean | undefined
  /** Of JSON lines: whether a value that is a string is JSON as well. */
  jsonValues?: boolean | undefined
  /** Of LMDB: whether its values are compressed by the package lmdb. */
  compression?: boolean | undefined
  /** Of JSON lines: the longest line, in bytes. */
  maxLineBytes?: number | undefined
  /** The folder whose packages are used: the working directory by default. */
  from?: string | undefined
}

/** Rows of one chunk at most, and about as many bytes. */
export const CHUNK_ROWS = 1000
export const CHUNK_BYTES = 1 << 20

/** Collects rows into chunks. */
export class Collector {
  rows: Row[] = []
  bytes = 0

  /** Takes a row. Returns whether the chunk is full. */
  add(row: Row): boolean {
    this.rows.push(row)
    this.bytes += row.key.length + row.value.length
    return this.rows.length >= CHUNK_ROWS || this.bytes >= CHUNK_BYTES
  }

  /** The rows until now, with the place behind them. */
  take(place: Json): Chunk {
    const chunk = { rows: this.rows, place, bytes: this.bytes }
    this.rows = []
    this.bytes = 0
    return chunk
  }
}
