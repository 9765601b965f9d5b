/** The part of the boundary for the files that hold rows. See addon.ts. */

/** What `dataFiles` delivers. */
export interface NativeDataFiles {
  /** The names of the families that were listed. */
  families: string[]
  /** The texts that `numbers` refers to by their places. */
  texts: string[]
  /** Doubles, as many as `DataFileNumber` has for each file; what is unknown is not a number. */
  numbers: Buffer
  /** The smallest and the largest key of each file, end to end. */
  keys: Buffer
}

/** The places of a file's numbers, as native/binding/methods/data_files.cc writes them. */
export enum DataFileNumber {
  /** -1 is a blob file. */
  level,
  family,
  name,
  directory,
  bytes,
  smallestKeyBytes,
  largestKeyBytes,
  entries,
  deletions,
  rangeDeletions,
  compression,
  smallestSequenceHigh,
  smallestSequenceLow,
  largestSequenceHigh,
  largestSequenceLow,
  createdAtSeconds,
  oldestAncestorAtSeconds,
  beingCompacted,
  reads,
  temperature,
  garbageBytes,
  blobs,
  garbageBlobs,
  count,
}

/** The files that hold rows. */
export interface NativeFiles {
  /** Delivers NativeDataFiles, of one family or of all. */
  dataFiles(id: number, family: number | undefined): void
  /** Reads all of a file of a family. Delivers undefined; fails with ERR_CORRUPTION where a checksum differs. */
  checkDataFile(id: number, family: number, path: string, isBlob: boolean): void
}
