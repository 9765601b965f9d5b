/** What RocksDB tells while a database is open. */
import type { ErrorSeverity } from '../base/errors'

/** What every event has. */
export interface DatabaseEvent {
  /** The real, absolute path of the database's directory. */
  path: string
  /**
   * Events of this database that were not delivered so far, because this thread was busy for long.
   */
  droppedEvents: number
}

/** A memtable was written to an SST file. */
export interface FlushEvent extends DatabaseEvent {
  /** The name of the family. */
  columnFamily: string
  /** RocksDB's `FlushReason`, in its words: `'Manual Flush'`, `'Write Buffer Full'`, … */
  reason: string
  /** Path of the SST file. */
  file: string
  /** Entries in it: puts, deletes and merges. */
  entries: number
  /** Bytes of its data, index and filter. */
  bytes: number
  /** Bytes of blob files that were written with it. */
  blobBytes: number
}

/** A compaction ended. */
export interface CompactionEvent extends DatabaseEvent {
  /** The name of the family. */
  columnFamily: string
  /** RocksDB's `CompactionReason`, in its words: `'LevelL0FilesNum'`, `'ManualCompaction'`, … */
  reason: string
  /** The uppermost level it read from. */
  inputLevel: number
  /** The level it wrote to. */
  outputLevel: number
  /** Files that were read. */
  inputFiles: number
  /** Files that were written. */
  outputFiles: number
  /** Bytes that were read. */
  inputBytes: number
  /** Bytes that were written. */
  outputBytes: number
  /** Entries that were read: puts, deletes and merges. */
  inputEntries: number
  /** Entries that were written. */
  outputEntries: number
  /** Milliseconds that it took. */
  durationMs: number
  /** Why it failed; absent where it did not. */
  error?: string
}

/** RocksDB began or ended to slow writes down, or to stop them. */
export interface StallEvent extends DatabaseEvent {
  /** The family whose memtables, files or pending bytes are the reason. */
  columnFamily: string
  /** How writes are treated now. */
  state: 'normal' | 'delayed' | 'stopped'
  /** How they were treated before. */
  previous: 'normal' | 'delayed' | 'stopped'
}

/** A flush, a compaction or a write failed in a way that concerns the database; see `db.health`. */
export interface BackgroundErrorEvent extends DatabaseEvent {
  /** What failed. */
  reason: 'flush' | 'compaction' | 'write' | 'memtable' | 'manifest' | 'other'
  /** How bad RocksDB thinks it is. */
  severity: Exclude<ErrorSeverity, 'none'>
  /** RocksDB's text. */
  message: string
}

/**
 * An SST file made elsewhere became part of the database (RocksDB's `IngestExternalFile`, which no
 * function of this package calls).
 */
export interface IngestEvent extends DatabaseEvent {
  /** The name of the family. */
  columnFamily: string
  /** Path of the file outside of the database. */
  externalFile: string
  /** Path of the file in the database. */
  file: string
  /** Entries in it: puts, deletes and merges. */
  entries: number
  /** Bytes of its data, index and filter. */
  bytes: number
}

/** A transaction of this thread has been open for longer than `longTransactionSeconds`. */
export interface LongTransactionEvent extends DatabaseEvent {
  /** Its `id`. */
  id: number
  /** Milliseconds since it began. */
  ageMs: number
  isolation: 'serializable' | 'snapshot'
  /** Keys and ranges that it has read. */
  reads: number
  /** Operations that it has written, as far as it has read since. */
  writes: number
  /** Keys that it has locked. */
  locks: number
  /** Where it was begun; with the development preset alone. */
  stack?: string
}

/** The events of a database, by name. */
export interface DatabaseEvents {
  /** A memtable was written to an SST file. */
  flush: FlushEvent
  /** A compaction ended. */
  compaction: CompactionEvent
  /** RocksDB began or ended to slow writes down, or to stop them. */
  stall: StallEvent
  /** A flush, a compaction or a write failed in the background. */
  backgroundError: BackgroundErrorEvent
  /** An SST file made elsewhere became part of the database. */
  ingest: IngestEvent
  /** A transaction stays open for long. */
  longTransaction: LongTransactionEvent
}
