// Puts a database that was tried out in the place of the damaged one.
#pragma once

#include "engine/repair/repair_plan.h"
#include "engine/repair/repair_rebuild.h"

namespace rocksdb_live {

// The new files come first, then CURRENT, in one step; what is old goes last. Where it fails before
// that step, or the process dies, the original is as it was. Fills in files and backup of `report`.
Error Install(const RepairPlan& plan, const Rebuilt& rebuilt, RepairReport* report);

}  // namespace rocksdb_live
