// The steps of PlanRepair, in order; each fills in its part of the plan.
#pragma once

#include "engine/repair/repair_plan.h"

namespace rocksdb_live {

// Chooses the MANIFEST, and reads it as far as possible.
void FindManifest(RepairPlan* plan);
void ScanWal(RepairPlan* plan);
// Checks the tables that the MANIFEST names. Fails if this build cannot read an undamaged one.
Error CheckTables(RepairPlan* plan);
// Adds the tables missing from the MANIFEST, if that was cut.
Error AddUnknownTables(RepairPlan* plan);
// Adds the families that only tables, the WAL or OPTIONS know.
void AddUnknownFamilies(RepairPlan* plan);
void CheckBlobs(RepairPlan* plan);

}  // namespace rocksdb_live
