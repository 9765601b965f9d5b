// Tries a repaired database out, in a folder beside the data: the files that stay are read where
// they are, and whatever is new is written there.
#pragma once

#include <set>
#include <string>

#include "engine/repair/repair_plan.h"

namespace rocksdb_live {

// The folder's name, in the database's directory.
inline constexpr char kTrialFolder[] = "rocksdb-live.repair";

struct Rebuilt {
  std::string folder;
  std::string manifest;  // its name
  std::set<uint64_t> tables;
  std::set<uint64_t> blobs;
};

// Fills in what the report says of rows and families.
Result<Rebuilt> Rebuild(const RepairPlan& plan, const std::string& folder, RepairReport* report);

}  // namespace rocksdb_live
