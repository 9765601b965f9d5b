// Writes rows from damaged tables to a WAL that RocksDB replays: they keep their sequence numbers,
// and so stay older than rows that were written over them.
#pragma once

#include <set>
#include <string>

#include "engine/repair/repair_plan.h"

namespace rocksdb_live {

struct Salvaged {
  uint64_t rows = 0;
  uint64_t lost_rows = 0;  // of tables whose properties can be read
  uint64_t lost_range_deletions = 0;
  std::set<uint32_t> families;  // families with salvaged rows
  std::string error;            // why the WAL could not be written
};

// Writes the WAL at `wal_path`, or none if there is nothing to salvage. `spool` is the path of a
// temporary file.
Salvaged SalvageToWal(const RepairPlan& plan, const std::string& spool,
                      const std::string& wal_path);

}  // namespace rocksdb_live
