// Replaces the damaged database by the one that was tried out.
#pragma once

#include "engine/repair/repair_plan.h"
#include "engine/repair/repair_rebuild.h"

namespace rocksdb_live {

// Moves the new files in first, then replaces CURRENT in one step, then removes old files. If it
// fails before that step, or the process dies, the original is unchanged. Sets the files and the
// backup in `report`.
Error Install(const RepairPlan& plan, const Rebuilt& rebuilt, RepairReport* report);

// Takes away what an installation brought whose process died before CURRENT was replaced. Another
// repair without a MANIFEST would take the old tables and the new ones: merges would count twice.
void UndoKilled(const std::string& path);

}  // namespace rocksdb_live
