/** What RocksDB tells while a database is open. */
import type { ErrorSeverity } from '../base/errors'

/** What every event has. */
export interface DatabaseEvent {
  /** The real, absolute path of the database's directory. */
  path: string
  /** Events of this database so far that were not delivered, because this thread was busy for long. */
  droppedEvents: number
}

/** A memtable was written to an SST file. */
export interface FlushEvent extends DatabaseEvent {
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
  columnFamily: string
  /** RocksDB's `CompactionReason`, in its words: `'LevelL0FilesNum'`, `'ManualCompaction'`, … */
  reason: string
  /** The uppermost level it read from. */
  inputLevel: number
  /** The level it wrote to. */
  outputLevel: number
  inputFiles: number
  outputFiles: number
  inputBytes: number
  outputBytes: number
  inputEntries: number
  outputEntries: number
  durationMs: number
  /** Why it failed; absent where it did not. */
  error?: string
}

/** RocksDB began or ended to slow writes down, or to stop them. */
export interface StallEvent extends DatabaseEvent {
  /** The family whose memtables, files or pending bytes are the reason. */
  columnFamily: string
  state: 'normal' | 'delayed' | 'stopped'
  previous: 'normal' | 'delayed' | 'stopped'
}

/** A flush, a compaction or a write failed in a way that concerns the database; see `db.health`. */
export interface BackgroundErrorEvent extends DatabaseEvent {
  /** What failed. */
  reason: 'flush' | 'compaction' | 'write' | 'memtable' | 'manifest' | 'other'
  severity: Exclude<ErrorSeverity, 'none'>
  /** RocksDB's text. */
  message: string
}

/**
 * An SST file made elsewhere became part of the database (RocksDB's `IngestExternalFile`, which no
 * function of this package calls).
 */
export interface IngestEvent extends DatabaseEvent {
  columnFamily: string
  /** Path of the file outside of the database. */
  externalFile: string
  /** Path of the file in the database. */
  file: string
  entries: number
  /** Bytes of its data, index and filter. */
  bytes: number
}

/** The events of a database, by name. */
export interface DatabaseEvents {
  flush: FlushEvent
  compaction: CompactionEvent
  stall: StallEvent
  backgroundError: BackgroundErrorEvent
  ingest: IngestEvent
}
