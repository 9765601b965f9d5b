/** The part of the boundary that looks into a database and looks after it. See addon.ts. */
import type { NativeStatistics } from './metrics'

/** RocksDB option maps, by RocksDB's own names and in RocksDB's own text form. */
export type OptionMap = Record<string, string>

export interface NativeFamilyOptions {
  /** ColumnFamilyOptions */
  columnFamily: OptionMap
  /** BlockBasedTableOptions */
  table: OptionMap
}

/** RocksDB options in force, read back as text. */
export interface NativeOptions {
  db: OptionMap
  /** What no option text can say: see native/engine/options/shared_objects.h. */
  shared: OptionMap
  columnFamilies: Record<string, NativeFamilyOptions>
}

/** Families, properties, options, and the long jobs. */
export interface NativeJobs {
  // Column families.
  /** [name, number] of every live family, those created by other threads among them. */
  families(): [string, number][]
  /** Delivers the family's number. Without options, the request's `defaults`. */
  createFamily(id: number, name: string, options: NativeFamilyOptions | undefined): void
  dropFamily(id: number, family: number): void

  // Looking inside.
  property(family: number, name: string): string | undefined
  intProperty(family: number, name: string): number | undefined
  aggregatedIntProperty(name: string): number | undefined
  mapProperty(family: number, name: string): Record<string, string> | undefined
  /** Bytes that the range of `request` takes on disk and in memtables. Reads no disk. */
  approximateSize(): number
  options(): NativeOptions
  /** undefined where statistics are off. */
  statistics(): NativeStatistics | undefined
  /** [severity as in NativeFailure, message]. */
  health(): [number, string]

  // Changing options while open. All deliver undefined. RocksDB's SetDBOptions and SetOptions.
  setDbOptions(id: number, options: OptionMap, openFilesBudget: number): void
  setFamilyOptions(id: number, family: number, options: OptionMap): void
  /** Of what all families share: changes all that is named, or nothing. */
  setShared(id: number, options: OptionMap): void

  // Looking after. All deliver undefined.
  flush(id: number, families: number[]): void
  flushWAL(id: number, sync: boolean): void
  /** The range of `request`. */
  compactRange(id: number, bottommost: boolean): void
  checkpoint(id: number, path: string): void
  resume(id: number): void
  /** Secondary mode: takes over the primary's state; this session reads it when it is delivered. */
  catchUp(id: number): void
  /** Refuses new work, waits for what runs, ends cursors and snapshots, closes RocksDB with the last session. */
  close(id: number): void
  closeSync(): void
}
