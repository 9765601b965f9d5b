// Repairs a closed database: keeps what can be read of it, and says what cannot.
//
// RocksDB's own RepairDB keeps neither empty families, nor rows of other families in the WAL, nor
// blob files, and takes old versions of rows for new ones. This one keeps the MANIFEST as far as it
// can be read, takes out what is damaged, and lets RocksDB try the result in a folder beside the
// data. Nothing of the original changes until that has worked; then CURRENT is replaced.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace rocksdb_live {

struct RepairRequest {
  std::string path;
  bool force = false;  // also where nothing is wrong
};

struct Damage {
  std::string file;  // below the directory, or the path of one elsewhere
  std::string reason;
};

struct RepairReport {
  bool repaired = false;       // else nothing was wrong, and nothing was changed
  std::vector<Damage> damage;  // what was found
  std::vector<std::string> families;
  std::vector<std::string> kept_files;  // tables and blob files that are still in use as they were
  std::vector<std::string> lost_files;  // those that were taken out
  uint64_t salvaged_rows = 0;           // entries out of tables that were taken out
  // Entries that these tables had beside: of those whose own account of them can be read.
  uint64_t lost_rows = 0;
  uint64_t lost_range_deletions = 0;  // of them: what these had deleted may be there again
  uint64_t unreadable_values = 0;     // rows that were deleted, for their values are lost
  uint64_t wal_rows = 0;              // entries read from the WAL; 0 where it is compressed
  uint64_t wal_lost_bytes = 0;
  std::string backup;  // where CURRENT, MANIFESTs, WALs and what was taken out are kept
};

// kLocked where it is open anywhere. kNotSupported where it is of a kind that this cannot keep:
// then nothing was changed.
Result<RepairReport> RepairDatabase(const RepairRequest& request);

// Takes away what repairs have left in a directory: try-outs that were interrupted, and backups.
void RemoveRepairFolders(const std::string& path);

}  // namespace rocksdb_live
