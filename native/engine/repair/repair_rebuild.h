// Tries a repaired database out in a folder beside the data: kept files are read in place, and new
// files are written to the folder.
#pragma once

#include <set>
#include <string>

#include "engine/repair/repair_plan.h"

namespace rocksdb_live {

// The folder's name in the database's directory.
inline constexpr char kTrialFolder[] = "rocksdb-live.repair";

struct Rebuilt {
  std::string folder;
  std::string manifest;  // file name
  std::set<uint64_t> tables;
  std::set<uint64_t> blobs;
};

// Also sets the rows and families in `report`.
Result<Rebuilt> Rebuild(const RepairPlan& plan, const std::string& folder, RepairReport* report);

}  // namespace rocksdb_live
