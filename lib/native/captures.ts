/** The part of the boundary for the files of one moment. See addon.ts. */

/** A file of a capture. */
export interface NativeCapturedFile {
  /** Its name in the directory of a copy. */
  name: string
  kind: 'table' | 'blob' | 'wal' | 'other'
  size: number
  /** Of a table: what no other table in the world has; '' if it does not say. */
  identity: string
}

/** What `openCapture` delivers. */
export interface NativeCapture {
  /** Its number. */
  capture: number
  files: NativeCapturedFile[]
  /** The last sequence number that is in it. */
  sequence: bigint
  /** Of the history of changes, in hexadecimal; '' if a reader's writer has none. */
  epoch: string
  /** What comes after it begins here; '' as above. */
  token: string
  /** RocksDB's identity of the database, which its copies share. */
  database: string
  /** For how long writers waited. */
  lockedMs: number
}

/** The files of one moment, by the number of their capture. */
export interface NativeCaptures {
  /**
   * Delivers NativeCapture: of a writer as it is now, of a reader as the directory is now. Until it ends,
   * none of the files is deleted. Delivers undefined if the session was closed meanwhile.
   */
  openCapture(id: number): void
  /** Delivers a Buffer: bytes of a file from `offset` on, fewer at its end. */
  readCapture(id: number, capture: number, file: number, offset: number, length: number): void
  /** RocksDB's identity of the database, which its copies share. */
  identity(): string
  /** Delivers undefined. */
  endCapture(id: number, capture: number): void
}
