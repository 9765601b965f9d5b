/** What the doctor collects before it judges: plain data, so that a rule can be tried on any of it. */
import type { DataFile } from '../types/files'
import type { Histogram } from '../types/statistics'

/** What is known of something, or why it is not. */
export type Known<T> = T | { readonly unknown: string }

/** Whether it is known. */
export function isKnown<T>(value: Known<T>): value is T {
  return !(typeof value === 'object' && value !== null && 'unknown' in value)
}

/** Kinds of lines of LOG that rules look at. */
export type LogKind =
  | 'level0'
  | 'memtables'
  | 'pending'
  | 'stall'
  | 'bufferFlush'
  | 'openFiles'
  | 'noSpace'
  | 'ioError'
  | 'checksum'
  | 'ageCompaction'
  | 'otherCompaction'
  | 'optionsSet'
  | 'begun'
  | 'ended'
  | 'clock'
  | 'opening'
  | 'opened'
  | 'header'

/** One line of LOG. */
export interface LogLine {
  /** Counted from 1. */
  line: number
  /** Milliseconds since 1970; undefined where the line has no time. */
  atMs: number | undefined
  /** At most a few hundred characters. */
  text: string
}

/** The lines of a kind: the first of them and the newest; `count` has all. */
export interface LogLines {
  count: number
  lines: readonly LogLine[]
}

/** What LOG says. */
export interface LogEvidence {
  /** Its name, `LOG`. */
  name: string
  kinds: Readonly<Partial<Record<LogKind, LogLines>>>
  /** Where LOG is large, its middle is not read. */
  skippedBytes: number
  /** Times of its first and last line. */
  firstMs: number | undefined
  lastMs: number | undefined
}

/** RocksDB's options by its names. */
export interface OptionsEvidence {
  /** `OPTIONS-000007`. */
  name: string
  /** The RocksDB that wrote it. */
  version: string
  db: Readonly<Record<string, string>>
  /** By family; options of its tables begin with `table.`. */
  families: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** What lies in the directory. */
export interface DirectoryEvidence {
  names: number
  tables: number
  /** LevelDB's, which end in .ldb. */
  levelTables: number
  /** Live WAL files, oldest first. */
  wal: readonly { name: string; bytes: number; modifiedMs: number }[]
  /** What CURRENT says; undefined where there is none. */
  current: string | undefined
  /** Manifests and their sizes. */
  manifests: readonly { name: string; bytes: number }[]
  hasIdentity: boolean
  hasOptions: boolean
  /** Files of the database whose time is in the future. */
  future: readonly { name: string; modifiedMs: number }[]
}

/** A table whose end is not that of a table. */
export interface BadTable {
  name: string
  bytes: number
  reason: string
}

/** The end of tables, looked at where the database could not be opened. */
export interface TableEvidence {
  checked: number
  bad: readonly BadTable[]
  /** Tables by format version, where RocksDB's tables say it. */
  formats: Readonly<Record<number, number>>
}

/** Figures of one family, named as in `lib/metrics/catalog.ts`. */
export interface FamilyEvidence {
  name: string
  figures: Readonly<Record<string, number>>
  levelFiles: readonly number[]
  levelBytes: readonly number[]
  stalls: Readonly<Record<string, string>>
}

/** What an open database says. */
export interface OpenEvidence {
  figures: Readonly<Record<string, number>>
  families: readonly FamilyEvidence[]
  /** Properties, by RocksDB's names, over all families. */
  properties: Readonly<Record<string, number>>
  /** `rocksdb.fast-block-cache-entry-stats`. */
  cache: Known<{ capacity: number; bytes: Readonly<Record<string, number>> }>
  statistics: Known<{
    tickers: Readonly<Record<string, number>>
    histograms: Readonly<Record<string, Pick<Histogram, 'count' | 'p99'>>>
  }>
  /** Values of the tuning in force. */
  tuning: Readonly<Record<string, string | number | boolean>>
  health: string
  healthCause: string | undefined
  openSeconds: number
}

/** The file system. */
export interface FileSystemEvidence {
  /** `ext4`, `nfs`; or the number of statfs where it is no known one. */
  type: string
  freeBytes: number
  totalBytes: number
}

/** The process that has the database open: this one, or the one that the lock names. */
export interface ProcessEvidence {
  openFiles: Known<number>
  openFileLimit: Known<number>
  cores: number
}

/** This process's memory. */
export interface MemoryEvidence {
  /** Of `/proc/self/status`: RssAnon. */
  anonymousBytes: number
  /** V8's heap, and what it holds outside of it. */
  scriptBytes: number
  libc: 'glibc' | 'other'
  arenaMax: string | undefined
  allocator: string | undefined
}

/** Who has the database open. */
export interface HolderEvidence {
  description: string
  pid: number | undefined
  since: Date | undefined
}

/** Everything that rules judge. */
export interface Collected {
  path: string
  atMs: number
  opened: 'live' | 'secondary' | 'read-only' | 'files'
  /** The RocksDB of this process. */
  rocksdb: string
  log: Known<LogEvidence>
  options: Known<OptionsEvidence>
  directory: Known<DirectoryEvidence>
  tables: Known<TableEvidence>
  open: Known<OpenEvidence>
  files: Known<readonly DataFile[]>
  fileSystem: Known<FileSystemEvidence>
  /** The disk's largest read in bytes. */
  largestReadBytes: Known<number>
  process: Known<ProcessEvidence>
  memory: Known<MemoryEvidence>
  /** undefined where nobody else has it open. */
  holder: HolderEvidence | undefined
  /** Milliseconds of each durable write of the probe. */
  probe: Known<readonly number[]>
  /** What opening it to look failed with, one for each try. */
  openErrors: readonly { code: string; message: string; mode: string }[]
}
