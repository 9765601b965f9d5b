// The parts that PlanRepair looks at, one after the other: each fills in what it finds.
#pragma once

#include "engine/repair/repair_plan.h"

namespace rocksdb_live {

// The MANIFEST to go by, and what can be read of it.
void FindManifest(RepairPlan* plan);
void ScanWal(RepairPlan* plan);
// The tables that the MANIFEST names. Fails where this build cannot read what is not damaged.
Error CheckTables(RepairPlan* plan);
// Those that it does not know, where it was cut.
Error AddUnknownTables(RepairPlan* plan);
// Families that only tables, the WAL or OPTIONS know.
void AddUnknownFamilies(RepairPlan* plan);
void CheckBlobs(RepairPlan* plan);

}  // namespace rocksdb_live
