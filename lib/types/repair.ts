/** What repairing a database takes and returns. */

/** Options of `Database.repair`. */
export interface RepairOptions {
  /**
   * Go on where no damage was found, too, and where all tables of a family are missing; false by default. Writes the
   * database's MANIFEST anew.
   */
  force?: boolean | undefined
}

/** Something that is wrong with a database. */
export interface RepairDamage {
  /** The file's name; a path where it is in another directory, and empty where it is no single file. */
  file: string
  /** What is wrong with it. */
  reason: string
}

/** What `Database.repair` found and did. */
export interface RepairReport {
  /** False where no damage was found and nothing was changed. */
  repaired: boolean
  /** What was damaged. */
  damage: RepairDamage[]
  /** The families that are there now, those without rows among them. */
  columnFamilies: string[]
  /** Tables and blob files that are in use as they were. */
  keptFiles: string[]
  /** Tables and blob files that were damaged or missing, and were taken out. */
  lostFiles: string[]
  /** Rows, deletes and operands that were read out of tables taken out, and are kept. */
  salvagedRows: number
  /**
   * Rows, deletes and operands that these tables had beside. Tables that are missing, or damaged at their end, do
   * not say how many they had: `lostFiles` has them, this number not.
   */
  lostRows: number
  /** Range deletions that these tables had: what they had deleted may be there again. */
  lostRangeDeletions: number
  /** Rows that were deleted, for their values were in a damaged part of a blob file. */
  lostValues: number
  /** Rows, deletes and operands read from the WAL; 0 where it is compressed. */
  walRows: number
  /** Bytes of the WAL that are damaged, and were skipped. */
  walLostBytes: number
  /**
   * The folder, inside the database's, that has CURRENT, MANIFESTs, WALs and everything that was taken out as it was
   * before. Delete it once it is not needed. Absent where nothing was changed.
   */
  backup?: string
}
