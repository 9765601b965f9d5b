// Repairs a closed database: keeps what can be read, and reports what cannot.
//
// RocksDB's own RepairDB loses empty families, rows of other families in the WAL, and blob files,
// and takes old versions of rows for new ones. This repair keeps the MANIFEST as far as it can be
// read, removes what is damaged, and lets RocksDB try the result in a folder beside the data. The
// original changes only after that has worked; then CURRENT is replaced.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace rocksdb_live {

struct RepairRequest {
  std::string path;
  bool force = false;  // also if nothing is wrong
};

struct Damage {
  std::string file;  // relative to the directory, or the path of a file elsewhere
  std::string reason;
};

struct RepairReport {
  bool repaired = false;       // false: nothing was wrong, and nothing was changed
  std::vector<Damage> damage;  // what was found
  std::vector<std::string> families;
  std::vector<std::string> kept_files;  // tables and blob files still in use, unchanged
  std::vector<std::string> lost_files;  // tables and blob files that were removed
  uint64_t salvaged_rows = 0;           // entries recovered from removed tables
  // Entries of removed tables that were not recovered, as far as the tables' properties can be
  // read.
  uint64_t lost_rows = 0;
  uint64_t lost_range_deletions = 0;  // among them; rows that these had deleted may reappear
  uint64_t unreadable_values = 0;     // rows that were deleted because their values are lost
  uint64_t wal_rows = 0;              // entries read from the WAL; 0 if it is compressed
  uint64_t wal_lost_bytes = 0;
  std::string backup;  // folder of the old CURRENT, MANIFESTs and WALs, and of removed files
};

// Fails with kLocked if the database is open anywhere, and with kNotSupported, with nothing
// changed, if a repair could not preserve a database of this kind.
Result<RepairReport> RepairDatabase(const RepairRequest& request);

// Removes the folders that repairs leave in a directory: interrupted trials, and backups.
void RemoveRepairFolders(const std::string& path);

}  // namespace rocksdb_live
