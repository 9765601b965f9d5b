/** The part of the boundary for inspecting and maintaining a database. See addon.ts. */
import type { NativeStatistics } from './metrics'

/** RocksDB option maps, by RocksDB's own names and in RocksDB's own text form. */
export type OptionMap = Record<string, string>

export interface NativeFamilyOptions {
  /** ColumnFamilyOptions */
  columnFamily: OptionMap
  /** BlockBasedTableOptions */
  table: OptionMap
}

/** RocksDB options in force, as text. */
export interface NativeOptions {
  db: OptionMap
  /** Options without a RocksDB text: see native/engine/options/shared_objects.h. */
  shared: OptionMap
  columnFamilies: Record<string, NativeFamilyOptions>
}

/** The third of a `NativeFamily` whose rows do not expire. */
export const NO_EXPIRY = -1

/** Its name, its number, and how many milliseconds its rows live by default: 0 is for good. */
export type NativeFamily = [name: string, id: number, afterMs: number]

/** Families, properties, options, and the long jobs. */
export interface NativeJobs {
  // Column families.
  /** Every live family, including those created by other threads. */
  families(): NativeFamily[]
  /** Delivers the family's number. Without options, the request's `defaults` apply. */
  createFamily(id: number, name: string, options: NativeFamilyOptions | undefined): void
  dropFamily(id: number, family: number): void

  // Inspection.
  property(family: number, name: string): string | undefined
  intProperty(family: number, name: string): number | undefined
  aggregatedIntProperty(name: string): number | undefined
  mapProperty(family: number, name: string): Record<string, string> | undefined
  /** Bytes of the range of `request` on disk and in memtables. Reads no disk. */
  approximateSize(): number
  options(): NativeOptions
  /** undefined if statistics are off. */
  statistics(): NativeStatistics | undefined
  /** [severity as in NativeFailure, message]. */
  health(): [number, string]

  // Changing options while open, with RocksDB's SetDBOptions and SetOptions. All deliver undefined.
  setDbOptions(id: number, options: OptionMap, openFilesBudget: number): void
  setFamilyOptions(id: number, family: number, options: OptionMap): void
  /** Shared options: changes all that are named, or none. */
  setShared(id: number, options: OptionMap): void

  // Maintenance. All deliver undefined.
  flush(id: number, families: number[]): void
  flushWAL(id: number, sync: boolean): void
  /** The range of `request`. */
  compactRange(id: number, bottommost: boolean): void
  checkpoint(id: number, path: string): void
  resume(id: number): void
  /** Secondary mode: reads the primary's state; this session uses it once delivered. */
  catchUp(id: number): void
  /**
   * Refuses new work, waits for running work, ends cursors and snapshots; the last session closes
   * RocksDB.
   */
  close(id: number): void
  closeSync(): void
}
