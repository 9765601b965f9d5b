// Rows out of damaged tables, as a WAL that RocksDB replays: so they keep their sequence numbers,
// and stay older than what was written over them.
#pragma once

#include <set>
#include <string>

#include "engine/repair/repair_plan.h"

namespace rocksdb_live {

struct Salvaged {
  uint64_t rows = 0;
  uint64_t lost_rows = 0;  // of tables that say how many they had
  uint64_t lost_range_deletions = 0;
  std::set<uint32_t> families;  // that rows were found of
  std::string error;            // why a WAL could not be written
};

// Writes the WAL at `wal_path`; none where there is nothing to salvage. `spool` is a file for the
// time between.
Salvaged SalvageToWal(const RepairPlan& plan, const std::string& spool,
                      const std::string& wal_path);

}  // namespace rocksdb_live
