/** What the page and the server say to each other: JSON both ways, one shape a request. */

/** How the page may use the database. */
export type StudioMode = 'read-write' | 'read-only' | 'secondary'

/** Answer of `about`: what the page needs to know first. */
export interface About {
  path: string
  mode: StudioMode
  /** Whether edits and live options are allowed. */
  write: boolean
  /** Why they are not. */
  whyNot: string | undefined
  /** Who has it open to write; undefined where nobody has, or where that is this process. */
  holder: string | undefined
  versions: { package: string; rocksdb: string }
  families: number
  /** Rows of a page of rows, at most. */
  pageRows: number
  /** Why it could not be opened; every other view is empty then. */
  failure: Failure | undefined
}

/** A failure, as every answer that is not 200 has it. */
export interface Failure {
  code: string
  message: string
}

/** Evidence, and the finding, of the doctor. */
export interface FindingView {
  rule: string
  severity: 'critical' | 'warning' | 'notice'
  what: string
  columnFamily: string | undefined
  since: string | undefined
  evidence: { source: string; text: string }[]
  cause: string
  remedy: string
  option: { name: string; live: boolean; suggestion: string | undefined } | undefined
  guide: string
}

/** Answer of `findings`. */
export interface Findings {
  findings: FindingView[]
  /** Rules that could not be judged. */
  unknown: number
  rules: number
}

/** One family of the health view: figures named as in the metrics. */
export interface FamilyHealth {
  name: string
  bytes: number
  files: number
  figures: Record<string, number>
  levels: LevelHealth[]
  /** Times that writes were delayed and stopped because of it. */
  delays: number
  stops: number
}

/** One level of a family. */
export interface LevelHealth {
  level: number
  files: number
  bytes: number
  /** Its size against its target, 1 is full; undefined where RocksDB does not say. */
  score: number | undefined
}

/** Asks for `health`: families whose names have the text, the largest first. */
export interface HealthRequest {
  filter: string
  offset: number
}

/** Answer of `health`. */
export interface HealthView {
  health: string
  cause: string | undefined
  writesStopped: boolean
  /** Of the whole database, named as in the metrics. */
  figures: Record<string, number>
  families: FamilyHealth[]
  /** How many families there are, and how many the filter found. */
  total: number
  found: number
  /** Rows of the page of families. */
  limit: number
}

/** A family in the list of `families`. */
export interface FamilyName {
  name: string
  /** The formats that its rows are shown in at first. */
  key: string
  value: string
}

/** Bytes of a key or a value, as much as is shown. */
export interface Cell {
  /** As its format has it; undefined where it does not decode. */
  text: string | undefined
  /** Why it does not. */
  problem: string | undefined
  /** Hexadecimal, of the beginning. */
  hex: string
  bytes: number
  /** Whether `hex` is not all of it. */
  cut: boolean
}

/** One row. */
export interface RowView {
  key: Cell
  /** undefined where the page's bytes were spent on the rows before. */
  value: Cell | undefined
}

/** Asks for a page of `rows`. */
export interface RowsRequest {
  family: string
  keyFormat: string
  valueFormat: string
  /** A text in the key format; rows that begin with it, as bytes. */
  prefix: string
  /** Where to go on: `next` of the page before. */
  from: string | undefined
  /** A text in the key format: to begin there. */
  seek: string
  reverse: boolean
}

/** Answer of `rows`. */
export interface RowsView {
  rows: RowView[]
  /** For the next page; undefined at the end. */
  next: string | undefined
  /** Rows that were read of the database for it. */
  read: number
}

/** Asks for one `row`, with more of its value. */
export interface RowRequest {
  family: string
  keyFormat: string
  valueFormat: string
  /** Hexadecimal. */
  key: string
}

/** Answer of `row`. */
export interface RowDetail {
  row: RowView
  /** When it expires; null for never, undefined where the family's rows do not. */
  expiresAt: string | null | undefined
  /** The row as code. */
  code: string
}

/** One edit of a batch. */
export interface Edit {
  type: 'put' | 'delete'
  family: string
  /** Hexadecimal of the key, or a text in the format. */
  key: string
  keyFormat: string
  /** Of a put. */
  value?: string
  valueFormat?: string
  /**
   * Hexadecimal of the value that was read before; null where there was no row. The batch is written only
   * where all of them are still so.
   */
  before: string | null
}

/** Answer of `preview`: what the batch would do. */
export interface Preview {
  edits: { key: Cell; before: Cell | undefined; after: Cell | undefined; changed: boolean }[]
}

/** Answer of `write`. */
export interface Written {
  written: boolean
}

/** One option of the tuning view. */
export interface OptionView {
  name: string
  /** Of one family, where it is not of all. */
  family: string | undefined
  theme: string
  value: string
  type: 'boolean' | 'integer' | 'choice' | 'text'
  choices: string[] | undefined
  unit: string | undefined
  layer: string
  source: string
  /** What RocksDB holds, by its own name. */
  rocksdb: { option: string; holds: string | undefined }
  note: string | undefined
  what: string
  help: string
  live: boolean
}

/** Answer of `tuning`. */
export interface TuningView {
  preset: string
  presetSource: string
  options: OptionView[]
  forced: { option: string; text: string; reason: string }[]
  /** Families that have values of their own. */
  families: string[]
}

/** Asks for `apply`. */
export interface ApplyRequest {
  family: string | undefined
  options: Record<string, string>
}

/** Answer of `apply`. */
export interface Applied {
  changed: { option: string; from: string; to: string }[]
}

/** A box of the key space. */
export interface SpaceBox {
  level: number
  /** From 0 to 1. */
  x0: number
  x1: number
  /** How many files it stands for: 1, or more where there are too many to show. */
  files: number
  name: string
  bytes: number
  entries: number
  deletions: number
  reads: number
  /** Milliseconds since 1970; undefined where it is not known. */
  createdAtMs: number | undefined
  smallest: string
  largest: string
  compacting: boolean
}

/** Answer of `space`. */
export interface SpaceView {
  boxes: SpaceBox[]
  levels: number
  files: number
  bytes: number
  blobs: { files: number; bytes: number; garbageBytes: number }
}

/** A moment of the live view. Counters count from the opening. */
export interface LiveSample {
  atMs: number
  /** Named as in the metrics, labels in braces: `operations_total{get}`. */
  values: Record<string, number>
}

/** Latencies of the time since the sample before, in seconds; undefined where there was none. */
export interface LiveEvent {
  atMs: number
  type: string
  text: string
}
